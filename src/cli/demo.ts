/**
 * The main job on signatures that it makes itself: make writers, train from the package's model, evaluate on unseen
 * writers, verify a genuine and a forged pair, write pictures and verdicts.
 */
import { copyFile, mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { CountersignError } from '../core/errors.js';
import { writeFileAtomic } from '../data/atomic-file.js';
import { openDataset } from '../data/open-dataset.js';
import { synthesizeDataset } from '../data/synthetic/synthesize-dataset.js';
import { groupByWriter } from '../data/writers.js';
import type { EvaluationReport } from '../evaluate/report.js';
import { preprocess } from '../image/preprocess.js';
import { inkToPng } from '../image/render.js';
import { openEmbedder } from '../runtime/model-embedder.js';
import { trainConfigSchema } from '../train/config.js';
import { runTraining, type TrainingListener } from '../train/run.js';
import type { VerificationResult } from '../verify/result.js';
import { createVerifier } from '../verify/verifier.js';
import { writeReport } from './deliver-report.js';
import { evaluateWithPictures } from './evaluate-with-pictures.js';
import { occasion } from './occasion.js';

export interface DemoOptions {
  /** Folder that must not exist. */
  readonly out: string;
  readonly seed: number;
  /** Model to start from. */
  readonly init: string;
  readonly onPhase?: (text: string) => void;
  readonly listener?: (steps: number) => TrainingListener;
}

export interface DemoResult {
  readonly out: string;
  readonly before: EvaluationReport;
  readonly after: EvaluationReport;
  readonly genuine: VerificationResult;
  readonly forged: VerificationResult;
}

const TRAINING_WRITERS = 24;
const TEST_WRITERS = 12;

export async function runDemo({
  out,
  seed,
  init,
  onPhase = () => undefined,
  listener,
}: DemoOptions): Promise<DemoResult> {
  const carried = await openEmbedder(init);
  const { architecture, preprocess: preprocessing } = carried.metadata;
  await carried.close();
  await refuseOccupied(out);
  const training = join(out, 'training-writers');
  const unseen = join(out, 'unseen-writers');
  onPhase(`making ${TRAINING_WRITERS} writers to learn from and ${TEST_WRITERS} for the test`);
  await synthesizeDataset(training, { writers: TRAINING_WRITERS, genuine: 12, forged: 12, seed });
  await synthesizeDataset(unseen, { writers: TEST_WRITERS, genuine: 12, forged: 12, seed: seed + 1 });

  const config = trainConfigSchema.parse({
    architecture,
    preprocess: preprocessing,
    seed,
    steps: 40,
    identities: 6,
    warmupSteps: 5,
    learningRate: 2e-4,
    emaDecay: 0.8,
    validationWriters: 6,
    validateEvery: 10,
  });
  onPhase(`training ${config.steps} steps from ${init}`);
  const { modelFile } = await runTraining({
    config,
    data: [training],
    init,
    out: join(out, 'run'),
    name: 'demo',
    cacheDir: null,
    ...(listener && { listener: listener(config.steps) }),
  });

  onPhase('evaluating on the unseen writers, before and after');
  const before = await evaluate(unseen, init, seed);
  const after = await evaluate(unseen, modelFile, seed);
  await writeReport(after.report, out, after.pictures);

  onPhase('verifying a genuine and a forged signature of an unseen writer');
  const [writer] = groupByWriter((await openDataset(unseen)).samples);
  const files = {
    reference: writer!.genuine[0]!.path,
    genuine: writer!.genuine[1]!.path,
    forged: writer!.forged[0]!.path,
  };
  const pictures = join(out, 'pictures');
  await mkdir(pictures);
  for (const [name, path] of Object.entries(files)) {
    await copyFile(path, join(pictures, `${name}.png`));
    const { ink } = await preprocess(path, preprocessing);
    await writeFileAtomic(join(pictures, `${name}-as-the-network-sees-it.png`), await inkToPng(ink));
  }
  const verifier = await createVerifier({ model: modelFile });
  try {
    const genuine = await verifier.verify([join(pictures, 'reference.png')], join(pictures, 'genuine.png'));
    const forged = await verifier.verify([join(pictures, 'reference.png')], join(pictures, 'forged.png'));
    await writeFileAtomic(join(out, 'verdicts.json'), `${JSON.stringify({ genuine, forged }, null, 2)}\n`);
    return { out, before: before.report, after: after.report, genuine, forged };
  } finally {
    await verifier.close();
  }
}

async function refuseOccupied(out: string): Promise<void> {
  const entries = await readdir(out).catch((cause: NodeJS.ErrnoException) => {
    if (cause.code === 'ENOENT') return [];
    throw new CountersignError('INVALID_ARGUMENT', `--out: expected a new folder; ${out} is not a folder.`, { cause });
  });
  if (entries.length === 0) return;
  throw new CountersignError('INVALID_ARGUMENT', `--out: expected a new folder; ${out} holds ${entries[0]}.`);
}

async function evaluate(data: string, model: string, seed: number) {
  const embedder = await openEmbedder(model, { workers: 2 });
  try {
    return await evaluateWithPictures({ data, embedder, seed, cacheDir: null, occasion: occasion() });
  } finally {
    await embedder.close();
  }
}
