/** A closer look inside of a network: no more detail, but more pixels for each stroke, and so more of them in every map. */
import { canvasIn, ROUNDING } from '../image/views.js';
import type { Graph, Tensor } from './graph.js';

/**
 * As `seenIn` (image/views.ts) enlarges an image: linear interpolation, pixels stay whole levels of ink, k / 255, the steps of a
 * quantised network. It has no gradient: nothing that is learnt lies before it.
 *
 * @param image - [N, 1, H, W]
 * @returns [N, 1, H factor, W factor], sizes rounded down
 */
export function enlarge(graph: Graph, image: Tensor, factor: number): Tensor {
  const [batch, channels, height, width] = image.shape as [number, number, number, number];
  const size = canvasIn({ height, width }, { enlargement: factor });
  const shape = [batch, channels, size.height, size.width];
  const [noRegion, factors] = [graph.constant([], [0]), graph.constant([1, 1, factor, factor], [4])];
  const smooth = graph.node('Resize', [image, noRegion, factors], shape, {
    mode: { string: 'linear' },
    coordinate_transformation_mode: { string: 'half_pixel' },
  });
  const [levels, more] = [graph.constant([255], []), graph.constant([ROUNDING], [])];
  const raised = graph.node('Add', [graph.node('Mul', [smooth, levels], shape), more], shape);
  return graph.node('Div', [graph.node('Round', [raised], shape), levels], shape);
}
