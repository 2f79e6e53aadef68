import { z } from 'zod';

/** Numbers in an embedding at most: what stores and indices are made for. */
export const LARGEST_DIMENSION = 1024;

const gridSchema = z.tuple([z.int().min(1).max(8), z.int().min(1).max(8)]);

/** What network to build. Stored in the model file; two networks of one architecture have the same parameters. */
export const architectureSchema = z
  .strictObject({
    backbone: z.enum(['mobilenet-v1', 'mobilenet-v2']).default('mobilenet-v2').describe('network of one branch'),
    widthMultiplier: z
      .number()
      .positive()
      .max(2)
      .default(1)
      .describe("factor on the channels of every layer (the papers' alpha)"),
    lastConvolution: z
      .boolean()
      .default(false)
      .describe("keep MobileNetV2's last 1 x 1 convolution, to 1,280 channels; without it 320 are pooled"),
    poolingGrids: z
      .array(gridSchema)
      .default([
        [1, 1],
        [2, 1],
        [1, 4],
      ])
      .describe(
        'grids of [rows, columns] whose cells are averaged; [[1,1]] is global average pooling, none ends the network at the last map that is read',
      ),
    middleGrids: z
      .array(gridSchema)
      .default([])
      .describe('the same over the map of 1 / 16 of the size, which sees smaller strokes; none leaves that map out'),
    fineGrids: z.array(gridSchema).default([]).describe('the same over the map of 1 / 8 of the size: the line itself'),
    deviations: z
      .boolean()
      .default(false)
      .describe('beside the means over the middle and the fine map their standard deviations: how much a line varies'),
    columns: z
      .enum(['canvas', 'ink'])
      .default('canvas')
      .describe(
        'where columns of a grid lie: cut from the canvas, or soft windows laid along the ink, about its centre and as far apart as it is spread',
      ),
    embeddingSize: z.int().min(2).max(LARGEST_DIMENSION).default(256).describe('numbers in an embedding'),
    enlargement: z
      .number()
      .min(1)
      .max(3)
      .default(1)
      .describe(
        'by how much the network enlarges a canvas before its first layer, linearly: no more detail, but more pixels for each stroke, at a cost that grows with its square',
      ),
    radius: z
      .boolean()
      .default(false)
      .describe('the norm of an embedding depends on the image; training leaves it as it is, `--radius-share` fits it'),
  })
  .refine(
    ({ poolingGrids, middleGrids, fineGrids }) => poolingGrids.length + middleGrids.length + fineGrids.length > 0,
    {
      path: ['poolingGrids'],
      error: 'of the three grids, poolingGrids, middleGrids and fineGrids, one at least must not be empty',
    },
  )
  .refine(({ poolingGrids, lastConvolution }) => poolingGrids.length > 0 || !lastConvolution, {
    path: ['lastConvolution'],
    error: 'is for the last map, which poolingGrids leaves out',
  });

export type Architecture = z.infer<typeof architectureSchema>;
