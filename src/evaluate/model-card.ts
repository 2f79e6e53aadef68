/** The card of a model: what it is, what it learnt from, what it was measured at, what it is not for. Markdown. */
import { DATASET_TERMS } from '../data/dataset-terms.js';
import { elementCount } from '../nn/graph.js';
import { dimensionOf, learntFrom, type ModelMetadata } from '../nn/model-metadata.js';
import { parametersOf } from '../nn/network.js';
import { grouped } from './numbers.js';
import type { EvaluationReport } from './report.js';
import { percent, rate } from './report-text.js';
import { probeEer, verdictOf } from './verdict.js';

export interface ModelCardInput {
  readonly metadata: ModelMetadata;
  readonly file: { readonly name: string; readonly bytes: number; readonly sha256: string };
  /** Of this model, in the order of the table. */
  readonly reports: readonly EvaluationReport[];
  /** What is known of data sets and initial weights that no table of ours knows: `syn200` -> `synthetic: free`. */
  readonly sources?: ReadonlyMap<string, string>;
}

/** @returns a Markdown document */
export function renderModelCard(input: ModelCardInput): string {
  return `${[
    `# Model card: ${text(input.metadata.id)}`,
    whatItIs(input),
    use(input),
    trainedOn(input),
    network(input.metadata),
    decision(input.metadata),
    figures(input),
    limits(input),
    repeat(input.reports),
    identity(input),
  ].join('\n\n')}\n`;
}

function whatItIs({ metadata, file }: ModelCardInput): string {
  const { training, quantization } = metadata;
  const form = quantization === undefined ? '' : `, as 8-bit integers made from ${text(quantization.model)}`;
  return `A network that turns the picture of a handwritten signature into ${dimensionOf(metadata)} numbers (${megabytes(file.bytes)}${form}). The
Euclidean distance of two signatures' numbers, held against a threshold, says whether one person wrote both. Trained by
Countersign ${text(training.version)}; this card is made from the file's own metadata and from evaluation reports.`;
}

function use({ metadata, reports }: ModelCardInput): string {
  const said = (pick: (verdict: ReturnType<typeof verdictOf>) => readonly string[]) =>
    reports.flatMap((report) => {
      const at = atOwnThreshold(report, metadata) ? '' : `, at the threshold ${report.threshold.value.toFixed(4)}`;
      return pick(verdictOf(report)).map((line) => `- ${text(line)} (${testOf(report)}${at})`);
    });
  const [may, not] = [said(({ mayBeUsed }) => mayBeUsed), said(({ notToBeUsed }) => notToBeUsed)];
  return `## Intended use

As evidence for a person who decides, on signatures like those it was trained and tested on, with a threshold measured
on such signatures. ${may.length > 0 ? 'What the tests below support:' : 'No test below supports any particular use.'}

${may.length > 0 ? `${may.join('\n')}\n\n` : ''}## Not for

- Proof. A verdict has an error rate, measured on other people's signatures.
- Finding out who among many signed: it was tested on one claimed writer at a time.
- Signatures in a script or from a scanner that it was not measured on.
${not.filter((line) => !line.startsWith('- For signatures unlike these')).join('\n')}`.trim();
}

function trainedOn({ metadata, sources }: ModelCardInput): string {
  const { training } = metadata;
  const terms = (name: string) =>
    text(sources?.get(name) ?? DATASET_TERMS[name] ?? 'terms not known to this card: ask whoever trained it');
  const sets = learntFrom(metadata).map(
    ({ dataset, protocol }) =>
      `| ${text(dataset)} | ${protocol === null ? 'none' : `test writers of ${text(protocol)}`} | ${terms(dataset)} |`,
  );
  return `## What it learnt from, and on which terms

| source | kept out | terms |
| --- | --- | --- |
${[...sets, `| initial weights: ${text(training.initialWeights)} | | ${terms(training.initialWeights)} |`].join('\n')}

The last run: ${training.developmentWriters} writers to learn from and ${training.validationWriters} for the checkpoint; ${text(training.loss)} loss, seed ${training.seed}, step ${training.step},
EER ${percent(training.validationEer)} on the validation writers. Weights hold no picture; whether a use of weights learnt from a research set agrees with
its terms is for the user to settle.`;
}

function network(metadata: ModelMetadata): string {
  const { architecture, preprocess, views } = metadata;
  const parameters = parametersOf(architecture).reduce((sum, { shape }) => sum + elementCount(shape), 0);
  const grids = (list: readonly (readonly number[])[]) =>
    list.map(([rows, columns]) => `${rows} x ${columns}`).join(', ');
  const { poolingGrids, middleGrids, fineGrids, deviations, columns } = architecture;
  const regions = [
    ...(poolingGrids.length > 0 ? [`over ${grids(poolingGrids)} regions`] : []),
    ...(middleGrids.length > 0 ? [`over ${grids(middleGrids)} of the map of 1 / 16 of the size`] : []),
    ...(fineGrids.length > 0 ? [`over ${grids(fineGrids)} of the map of 1 / 8`] : []),
    ...(deviations && middleGrids.length + fineGrids.length > 0
      ? ['and beside the means of these earlier maps standard deviations']
      : []),
    ...(columns === 'ink' ? ['their columns laid along the ink'] : []),
  ].join(', ');
  const convolution = `${architecture.lastConvolution ? 'with' : 'without'} its last convolution`;
  const last = poolingGrids.length > 0 ? convolution : 'ends at the last map that is read';
  const { canvas, ink, strokes, marginPx, workingSidePx } = preprocess;
  const { enlargement, radius } = architecture;
  const enlarged = enlargement === 1 ? '' : `, enlarged ${enlargement} times by the network`;
  return `## Network and preparation

- ${architecture.backbone}, width ${architecture.widthMultiplier}, ${last}; means ${regions}; ${grouped(parameters)} parameters
- input: ${canvas.height} x ${canvas.width} px of ${ink} ink${enlarged}${views === 1 ? '' : ', seen as it is and, mirrored, one and a half times as large'}; output: ${dimensionOf(metadata)} numbers${radius ? ', whose norm depends on the image' : ' of norm 1'}
- preparation, part of the file: reduced to ${workingSidePx} px, paper divided out, specks removed, cropped to the ink, fitted on the
  canvas with a margin of ${marginPx} px, ${strokes === 'equalised' ? 'strokes equalised: thinned and drawn again by one pen' : 'levels settled'}`;
}

function decision({ threshold, similarity }: ModelMetadata): string {
  return `## Threshold

Accepts up to a distance of ${threshold.value.toFixed(4)}: ${text(threshold.source)}. Similarity = 100 / (1 + exp(${similarity.slope.toFixed(3)} x distance ${similarity.intercept < 0 ? '-' : '+'} ${Math.abs(similarity.intercept).toFixed(3)})),
fitted on the same writers.`;
}

function figures({ metadata, reports }: ModelCardInput): string {
  if (reports.length === 0) return '## Figures\n\nNone: no report was given.';
  const rows = reports.map((report) => {
    const { skilled, random } = report;
    const { value, source } = report.threshold;
    const cells = [
      `${testOf(report)}, ${text(report.protocol)} (${report.counts.writers} writers)`,
      rate(skilled.eer),
      probeCell(report),
      random === null ? '-' : rate(random.eer),
      `${value.toFixed(4)}, ${atOwnThreshold(report, metadata) ? "the model's" : `not the model's: ${text(source)}`}`,
      rate(skilled.far),
      rate(skilled.frr),
    ];
    return `| ${cells.join(' | ')} |`;
  });
  const words = reports.map((report) => `- ${testOf(report)}: ${text(verdictOf(report).headline)}`);
  return `## Figures

One reference; 95 % intervals over writers in brackets; FAR and FRR on skilled forgeries at the threshold of the row.

| test | EER, skilled | EER of the probe without shape | EER, random | threshold | FAR | FRR |
| --- | --- | --- | --- | --- | --- | --- |
${rows.join('\n')}

${words.join('\n')}`;
}

function limits({ metadata, reports }: ModelCardInput): string {
  const known = new Set(learntFrom(metadata).map(({ dataset }) => dataset));
  const eers = (list: readonly EvaluationReport[]) =>
    list.map((report) => `${percent(report.skilled.eer.value)} on ${testOf(report)}`).join(', ');
  const at = (list: readonly EvaluationReport[]) =>
    list
      .map((report) => {
        const { far, frr } = report.skilled;
        return `FAR ${percent(far.value)} and FRR ${percent(frr.value)} on ${testOf(report)}`;
      })
      .join(', ');
  const carried = reports.filter(({ threshold }) => threshold.carriedOver);
  const [own, other] = [true, false].map((has) => reports.filter(({ dataset }) => known.has(dataset) === has)) as [
    EvaluationReport[],
    EvaluationReport[],
  ];
  const lines = [
    ...(own.length > 0 ? [`- On unseen writers of sets that it learnt from: EER ${eers(own)}.`] : []),
    other.length > 0
      ? `- On sets of names that it did not learn from: EER ${eers(other)}.`
      : '- No report covers a set that it learnt nothing from: how far it travels is not known.',
    ...(carried.length > 0 ? [`- At the threshold carried over from another set: ${at(carried)}.`] : []),
    '- Networks and thresholds do not travel by themselves: measure on your own signatures before use.',
  ];
  return `## Limits\n\n${lines.join('\n')}`;
}

function repeat(reports: readonly EvaluationReport[]): string {
  const commands = reports.flatMap(({ provenance }) => provenance?.command ?? []);
  if (commands.length === 0) return '## To repeat it\n\nThe reports name no command.';
  return `## To repeat it\n\n\`\`\`sh\n${commands.join('\n')}\n\`\`\``;
}

function identity({ metadata, file, reports }: ModelCardInput): string {
  const hashes = reports.flatMap(({ dataset, protocol, provenance }) =>
    provenance === null
      ? []
      : [
          `| test data, ${text(dataset)}, ${text(protocol)} | \`${provenance.dataHash}\`, seed ${provenance.seed}${provenance.date === null ? '' : `, ${provenance.date.slice(0, 10)}`} |`,
        ],
  );
  return `## Ids

| what | id |
| --- | --- |
| model | \`${text(metadata.id)}\` |
| ${text(file.name)} | SHA-256 \`${file.sha256}\` |
| training data | \`${text(metadata.training.dataHash)}\` |
${hashes.join('\n')}`.trimEnd();
}

/** The set, marked where the network saw less than the model's own preparation shows it. */
function testOf({ dataset, input }: EvaluationReport): string {
  return input === 'shape-only' ? `${text(dataset)}, SHAPE ONLY` : text(dataset);
}

function atOwnThreshold(report: EvaluationReport, { threshold }: ModelMetadata): boolean {
  return report.threshold.value === threshold.value;
}

function probeCell(report: EvaluationReport): string {
  if (report.input === 'shape-only') return 'does not apply';
  const probe = probeEer(report);
  return probe === null ? 'not measured' : percent(probe);
}

function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(1)} MB`;
}

/** Names come from folders: nothing in them may be markup, or end a cell. */
function text(name: string): string {
  return name
    .replace(/\s+/g, ' ')
    .replace(/[\\`*|[\]]/g, '\\$&')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;');
}
