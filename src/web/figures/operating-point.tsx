/** Where to cut: the two errors at every threshold, and what moving it costs. */
import { useState } from 'preact/hooks';
import type { AnswerOf } from '../../api/schemas.js';
import { Button } from '../parts/button.js';
import { Choices } from '../parts/field.js';
import { Problem } from '../parts/notice.js';
import { percent } from '../parts/numbers.js';
import { Waiting } from '../parts/progress.js';
import { ask } from '../state/service.js';
import { useAnswer } from '../state/use-answer.js';
import { DetCurve } from './det-curve.js';

export type Curve = AnswerOf<'modelCurves'>['curves'][number];
type Rate = Curve['points'][number]['frr'];

export function OperatingPoint({ model }: { readonly model: string }) {
  const answer = useAnswer((signal) => ask((service) => service.modelCurves({ params: { model } }), signal), model);
  const [references, setReferences] = useState('1');
  const curves = answer.value?.curves ?? [];
  const curve = curves.find((one) => String(one.references) === references) ?? curves[0];
  return (
    <section class="card stack" aria-labelledby="threshold">
      <div class="row apart">
        <h2 id="threshold">Where to cut</h2>
        {curve && (
          <Choices
            label="References"
            value={String(curve.references)}
            onValue={setReferences}
            options={curves.map(({ references: count }) => ({
              value: String(count),
              text: count === 1 ? '1 reference' : String(count),
            }))}
          />
        )}
      </div>
      {answer.error !== undefined && <Problem error={answer.error} onAgain={answer.again} />}
      {curve === undefined && answer.error === undefined && <Waiting what="Loading the curves" height="26rem" />}
      {curve && <Cut key={curve.references} curve={curve} />}
    </section>
  );
}

function Cut({ curve }: { readonly curve: Curve }) {
  const { points, equalErrorThreshold, writers, questioned } = curve;
  const equal = nearestTo(points, equalErrorThreshold);
  const [at, setAt] = useState(equal);
  const { distance, frr, farSkilled, farRandom } = points[at]!;
  const presets = [
    { text: 'Equal errors', at: equal },
    { text: 'FAR 1 %', at: points.findLastIndex((point) => point.farSkilled.value <= 0.01) },
    { text: 'FRR 1 %', at: points.findIndex((point) => point.frr.value <= 0.01) },
  ].filter((preset) => preset.at >= 0);
  return (
    <div class="cut">
      <DetCurve points={points} at={at} onAt={setAt} />
      <div class="stack">
        <div class="field">
          <label for="cut">
            Accept up to a distance of <strong>{distance.toFixed(3)}</strong>
          </label>
          <input
            id="cut"
            type="range"
            min={0}
            max={points.length - 1}
            value={at}
            aria-valuetext={`${distance.toFixed(3)}: ${percent(farSkilled.value)} of skilled forgeries accepted, ${percent(frr.value)} of genuine signatures rejected`}
            onInput={(event) => setAt(Number(event.currentTarget.value))}
          />
        </div>
        <div class="row">
          {presets.map((preset) => (
            <Button key={preset.text} pressed={preset.at === at} onPress={() => setAt(preset.at)}>
              {preset.text}
            </Button>
          ))}
        </div>
        <dl class="rates">
          <RateShown name="Skilled forgeries accepted" rate={farSkilled} kind="forged" />
          <RateShown name="Genuine signatures rejected" rate={frr} kind="genuine" />
          <RateShown name="Other people's signatures accepted" rate={farRandom} kind="random" />
        </dl>
        <p class="soft small">
          On {writers} calibration writers, {questioned.genuine} genuine signatures and {questioned.skilled} skilled
          forgeries; in brackets, 95 % intervals over writers. Other people and other scanners differ: calibrate on your
          own.
        </p>
      </div>
    </div>
  );
}

function RateShown({ name, rate, kind }: { readonly name: string; readonly rate: Rate; readonly kind: string }) {
  const { value, interval } = rate;
  return (
    <div class={kind}>
      <dt>{name}</dt>
      <dd>
        <strong>{percent(value)}</strong>{' '}
        <span class="soft small">
          [{percent(interval.low)}, {percent(interval.high)}]
        </span>
      </dd>
    </div>
  );
}

function nearestTo(points: Curve['points'], threshold: number): number {
  const off = ({ distance }: Curve['points'][number]) => Math.abs(distance - threshold);
  return points.reduce((best, point, i) => (off(point) < off(points[best]!) ? i : best), 0);
}
