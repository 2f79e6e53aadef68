import type { VerificationResult } from '../../verify/result.js';
import { ScrollArea } from '../parts/scroll-area.js';
import type { Picture } from '../signature/picture.js';

/** How the questioned signature compares with each reference, and what all of it was made from. */
export function PerReference({
  result,
  references,
}: {
  readonly result: VerificationResult;
  readonly references: readonly Picture[];
}) {
  const { perReference, modelId, thresholdSource, timingMs } = result;
  return (
    <details class="card wide">
      <summary>Each reference, model and time</summary>
      <div class="stack">
        <ScrollArea label="Each reference">
          <table>
            <thead>
              <tr>
                <th scope="col">Reference</th>
                <th scope="col" class="number">
                  Distance
                </th>
                <th scope="col">Picture</th>
              </tr>
            </thead>
            <tbody>
              {perReference.map(({ distance, quality, problem }, i) => (
                <tr key={references[i]?.id ?? i}>
                  <td>
                    {i + 1}. {references[i]?.name}
                  </td>
                  <td class="number">{distance?.toFixed(3) ?? 'none'}</td>
                  <td>
                    {quality
                      ? `${quality.widthPx} x ${quality.heightPx} px, strokes ${quality.strokeWidthPx.toFixed(1)} px`
                      : problem?.message}
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </ScrollArea>
        <dl class="facts small">
          <dt>Threshold</dt>
          <dd>{thresholdSource}</dd>
          <dt>Model</dt>
          <dd>
            <code>{modelId}</code>
          </dd>
          <dt>Time</dt>
          <dd>{timingMs.total.toFixed(0)} ms to read the pictures and compare</dd>
        </dl>
      </div>
    </details>
  );
}
