import type { AnswerOf } from '../../api/schemas.js';
import { BottomAxis, linearScale } from '../parts/axis.js';
import { Notice, Problem } from '../parts/notice.js';
import { Waiting } from '../parts/progress.js';
import { ScrollArea } from '../parts/scroll-area.js';
import { useWidth } from '../parts/use-width.js';
import { ask } from '../state/service.js';
import { useAnswer } from '../state/use-answer.js';

type Agreement = AnswerOf<'writerConsistency'>;

/** How far the references lie from each other: one row a reference, one dot for each of the others. */
export function Consistency({ writer }: { readonly writer: AnswerOf<'getWriter'> }) {
  const about = `${writer.externalRef} ${writer.references.map(({ id, state }) => id + state).join()}`;
  const answer = useAnswer(
    (signal) => ask((service) => service.writerConsistency({ params: { writer: writer.externalRef } }), signal),
    about,
  );
  const numbers = new Map(writer.references.map(({ id }, i) => [id, i + 1]));
  const of = answer.value;
  return (
    <section class="card stack" aria-labelledby="consistency">
      <h2 id="consistency">Do they agree?</h2>
      {answer.error !== undefined && <Problem error={answer.error} onAgain={answer.again} />}
      {of === undefined && answer.error === undefined && <Waiting what="Comparing the references" />}
      {of && of.references.length < 2 && (
        <p class="soft">With two or more references they are held against each other.</p>
      )}
      {of && of.references.length >= 2 && <Shown of={of} numberOf={(id) => numbers.get(id) ?? 0} />}
    </section>
  );
}

function Shown({ of, numberOf }: { readonly of: Agreement; readonly numberOf: (id: string) => number }) {
  const misfits = of.references.filter(({ misfit, state }) => misfit !== null && state === 'enrolled');
  return (
    <>
      <p>
        {of.spread !== null && (
          <>
            On average they lie <strong>{of.spread.toFixed(3)}</strong> apart. Two signatures farther apart than{' '}
            {of.threshold.toFixed(3)} the model takes for two people's.
          </>
        )}
      </p>
      <Dots of={of} numberOf={numberOf} />
      {misfits.map(({ id, misfit }) => (
        <Notice key={id} tone="warning">
          <p>
            Reference {numberOf(id)}: {misfit!.reason}
          </p>
        </Notice>
      ))}
      <details>
        <summary>All distances</summary>
        <Matrix of={of} numberOf={numberOf} />
      </details>
    </>
  );
}

const ROW_PX = 26;
const LEFT_PX = 34;
const BELOW_PX = 42;

function Dots({ of, numberOf }: { readonly of: Agreement; readonly numberOf: (id: string) => number }) {
  const [element, width] = useWidth<HTMLDivElement>(480);
  const farthest = Math.max(of.threshold, ...of.distances.flat()) * 1.08;
  const x = linearScale([0, farthest], [LEFT_PX, width - 12], width < 400 ? 4 : 8);
  const bottom = of.references.length * ROW_PX + 8;
  return (
    <div ref={element}>
      <svg
        class="drawing"
        width={width}
        height={bottom + BELOW_PX}
        role="img"
        aria-label="Distances between the references; the table below has the numbers."
      >
        <path class="threshold" d={`M${x(of.threshold)} 0V${bottom}`} />
        {of.references.map((reference, i) => {
          const y = i * ROW_PX + ROW_PX / 2 + 4;
          return (
            <g key={reference.id} class={reference.misfit || reference.state === 'doubtful' ? 'dots misfit' : 'dots'}>
              <text x="0" y={y + 4}>
                {numberOf(reference.id)}
              </text>
              <path class="rule" d={`M${LEFT_PX} ${y}H${width - 12}`} />
              {of.distances[i]!.map((distance, j) =>
                i === j ? null : <circle key={of.references[j]!.id} cx={x(distance)} cy={y} r="5" />,
              )}
            </g>
          );
        })}
        <BottomAxis scale={x} y={bottom} end={width - 12} name="distance to each of the others" />
      </svg>
    </div>
  );
}

function Matrix({ of, numberOf }: { readonly of: Agreement; readonly numberOf: (id: string) => number }) {
  return (
    <ScrollArea label="All distances">
      <table class="matrix">
        <thead>
          <tr>
            <td />
            {of.references.map(({ id }) => (
              <th key={id} scope="col" class="number">
                {numberOf(id)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {of.references.map(({ id }, i) => (
            <tr key={id}>
              <th scope="row">{numberOf(id)}</th>
              {of.distances[i]!.map((distance, j) => (
                <td key={of.references[j]!.id} class={`number${distance > of.threshold ? ' far' : ''}`}>
                  {i === j ? '' : distance.toFixed(3)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </ScrollArea>
  );
}
