import { z } from 'zod';
import { augmentOptionsSchema } from '../image/augment.js';
import { preprocessOptionsSchema } from '../image/options.js';
import { architectureSchema, LARGEST_DIMENSION } from '../nn/architecture.js';

/** Everything that decides a training run. The only home of its defaults; saved in run.json and in every checkpoint. */
export const trainConfigSchema = z.strictObject({
  architecture: architectureSchema.prefault({}),
  preprocess: preprocessOptionsSchema.prefault({}),
  augment: augmentOptionsSchema.prefault({}),

  seed: z.int().min(0).default(1).describe('of every random choice'),
  steps: z.int().min(0).default(420).describe('batches to train on, at most; 0: nothing but the end'),
  identities: z.int().min(2).default(10).describe('identities in a batch'),
  genuine: z.int().min(2).default(3).describe('genuine signatures of each identity in a batch'),
  forged: z.int().min(0).default(3).describe('skilled forgeries of each identity in a batch'),
  imitated: z
    .number()
    .min(0)
    .max(1)
    .default(0)
    .describe(
      'share of the places for skilled forgeries, of writers without any too, that are filled by imitating a genuine signature: another slant, other proportions, a trembling line',
    ),
  spliced: z
    .number()
    .min(0)
    .max(1)
    .default(0)
    .describe(
      'share of the identities of a batch whose signatures go on as those of another of their data set, genuine as genuine and forged as forged: writers that do not exist',
    ),
  setShares: z
    .record(z.string(), z.number().min(0))
    .default({})
    .describe(
      'weight of a data set in the draw of batches, by its name; others weigh the square root of their writers',
    ),

  loss: z
    .enum(['triplet', 'soft-margin', 'log-sum-exp', 'multi-similarity', 'contrastive'])
    .default('log-sum-exp')
    .describe(
      'triplet: a hinge with a margin; soft-margin: its smooth form; log-sum-exp: the hardest of each anchor; multi-similarity: the same, forgeries and other writers apart, and about one distance for all; contrastive: pairs',
    ),
  margin: z
    .number()
    .positive()
    .max(2)
    .default(0.2)
    .describe('of the triplet, log-sum-exp, multi-similarity and contrastive loss and the semi-hard miner'),
  scale: z
    .number()
    .positive()
    .max(100)
    .default(16)
    .describe('of the soft margin, log-sum-exp and multi-similarity, per unit of distance'),
  distillation: z
    .number()
    .min(0)
    .max(100)
    .default(0)
    .describe(
      'weight of a second loss, by which one view of each image learns the distances that the weights of the start give with two, those of careful.onnx, as 8-bit integers; each image then costs a sixth more',
    ),
  inheritHead: z
    .boolean()
    .default(false)
    .describe(
      'where the head of the start reads other features than this architecture has, or the same of a canvas that was enlarged otherwise, begin with what says best of these what it says of those (ridge regression on genuine signatures), not with random numbers',
    ),
  miner: z.enum(['all', 'semi-hard', 'batch-hard']).default('all').describe('which triplets of a batch count'),

  learningRate: z.number().positive().default(1.5e-4).describe('at the end of the warm-up'),
  backboneRate: z.number().min(0).max(1).default(0.5).describe("backbone's learning rate as a share of the head's"),
  frozenBackbone: z.boolean().default(false).describe('train the head alone'),
  batchNorm: z
    .enum(['folded', 'trained'])
    .default('folded')
    .describe(
      'folded: part of kernels and biases, as in model files; trained: scales and shifts of its own, over each micro-batch, whose statistics are noisy when it is small; a quarter slower',
    ),
  warmupSteps: z.int().min(1).default(40).describe('steps of linear warm-up; a cosine to 0 follows'),
  weightDecay: z.number().min(0).default(0.01).describe('of AdamW; biases are not decayed'),
  beta1: z.number().min(0).lt(1).default(0.9).describe("decay of AdamW's first moment"),
  beta2: z.number().min(0).lt(1).default(0.999).describe("decay of AdamW's second moment"),
  epsilon: z.number().positive().default(1e-8).describe("added to AdamW's divisor"),
  clipNorm: z.number().positive().default(5).describe('largest Euclidean norm of a gradient'),
  emaDecay: z
    .number()
    .min(0)
    .max(1)
    .default(0.99)
    .describe('moving average of the weights that is validated and saved; 0 is off'),
  startShare: z
    .number()
    .min(0)
    .lt(1)
    .default(0)
    .describe(
      'of the weights that training started from, in the model at the end; the rest are the best weights it came to',
    ),
  whiteningShare: z
    .number()
    .min(0)
    .lt(1)
    .default(0)
    .describe(
      'at the end make embeddings of one writer differ as much in every direction (within-class covariance normalisation); the share that is taken of their covariance',
    ),
  featureShare: z
    .number()
    .min(0)
    .lt(1)
    .default(0)
    .describe(
      'at the end let embeddings keep more of the features that the head reads than it does; about the share of a squared distance that whitened features say',
    ),
  mergedSize: z
    .int()
    .min(0)
    .max(LARGEST_DIMENSION)
    .default(0)
    .describe('with featureShare: numbers in an embedding of the model at the end; 0: as many as in training'),
  mapsTogether: z
    .boolean()
    .default(false)
    .describe(
      'with featureShare: whiten the features of all maps together, each feature alike; false: of each map by itself, each map alike',
    ),
  radiusShare: z
    .number()
    .min(0)
    .max(1)
    .default(0)
    .describe(
      'at the end give each embedding a norm of its own, by which distances of different writers come to mean the same; the share that is taken of what a witness says, a network that has learnt from none of the writers',
    ),

  careful: z
    .boolean()
    .default(false)
    .describe(
      'write careful.onnx beside model.onnx at the end: the same weights (but for the head, with featureShare), which see each image as it is and, mirrored, one and a half times as large (test-time augmentation), at about three times the cost',
    ),

  validationWriters: z
    .int()
    .min(2)
    .default(10)
    .describe(
      'writers of each data set held out of training for checkpoint, threshold and score; of several sets no more than a third of one',
    ),
  validationSeed: z
    .int()
    .min(0)
    .default(1)
    .describe('of the draw of those writers, apart from `seed`: runs of several seeds are judged on the same ones'),
  leaveOut: z
    .array(z.string())
    .default([])
    .describe(
      'data sets, by name, of which nothing is learnt or chosen: all their writers that are not kept for a test are measured in each validation',
    ),
  validateEvery: z.int().min(1).default(60).describe('steps between validations'),
  patience: z.int().min(1).default(20).describe('validations without a better one before the run stops'),
  checkpointEvery: z.int().min(1).default(25).describe('steps between checkpoints'),
  microBatch: z
    .int()
    .min(1)
    .default(5)
    .describe('images a worker runs at once; decides memory; part of what makes a run repeatable'),
  workers: z.int().min(1).max(256).default(2).describe('threads; no result depends on them'),
  device: z
    .enum(['cpu', 'webgpu'])
    .default('cpu')
    .describe(
      'where the network runs: the processor, or a graphics card through WebGPU (then with a large microBatch); both give the same but for rounding',
    ),
});

export type TrainConfig = z.infer<typeof trainConfigSchema>;
