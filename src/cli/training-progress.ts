import type { TrainingListener } from '../train/run.js';
import { formatPercent, formatSeconds, ProgressLine, printNote } from './terminal.js';

/** Progress of a run on stderr. */
export function showProgress(steps: number): TrainingListener {
  const line = new ProgressLine();
  let started = performance.now();
  let images = 0;
  let firstStep: number | undefined;
  return {
    onNewHead(inherits) {
      const head = inherits
        ? 'another head says here what its head says there'
        : 'its head is left out, and another drawn';
      printNote(`the architecture asked for is not that of the model training starts from: ${head}`);
    },
    onPrepare(done, total) {
      line.update(() => `preparing images ${done}/${total}`, done === total);
    },
    onStart({ developmentWriters, identitiesWithoutPair, validationWriters, testWriters, images: count }) {
      line.clear();
      printNote(
        `${count} images of ${developmentWriters} writers to learn from, ${validationWriters} writers for validation, ${testWriters} kept for the test`,
      );
      if (identitiesWithoutPair > 0) {
        printNote(`writers with fewer than two genuine signatures, which teach nothing: ${identitiesWithoutPair}`);
      }
      started = performance.now();
    },
    onStep(report) {
      firstStep ??= report.step - 1;
      images += report.images;
      const seconds = (performance.now() - started) / 1000;
      const left = (seconds / (report.step - firstStep)) * (steps - report.step);
      line.update(
        () =>
          `step ${report.step}/${steps}  loss ${report.loss.toFixed(4)}  active ${formatPercent(report.activeShare)}  ` +
          `${(images / seconds).toFixed(1)} images/s  ETA ${formatSeconds(left)}`,
        report.step === steps,
      );
    },
    onValidation({ step, validation, isBest }) {
      line.clear();
      printNote(`step ${step}: validation EER ${formatPercent(validation.eer)}${isBest ? ', best so far' : ''}`);
      const rate = (value: number | null) => (value === null ? '-' : formatPercent(value));
      for (const { dataset, skilled, random } of validation.sets) {
        printNote(`  ${dataset}: skilled ${rate(skilled)}, random ${rate(random)}`);
      }
    },
  };
}
