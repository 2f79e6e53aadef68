/** Regions of a feature map: how much of each pixel a mean takes, cut from the canvas or laid along the ink. */
import type { Architecture } from './architecture.js';
import type { Graph, Tensor } from './graph.js';
import { rowSum } from './operators/row-sum.js';

/** Of [rows, columns]; `[[1, 1], [1, 3]]` is the whole map and its three vertical thirds. */
export type Grids = readonly (readonly [number, number])[];

/** Of a map [N, C, H, W]: weights, row by row and grid by grid, that sum to 1 in each region, [R, H W], or [N, R, H W] where each image has its own. */
export type Regions = (map: Tensor, grids: Grids) => Tensor;

/** @param image - [N, 1, H0, W0], ink = 1: what the maps are of, in any size */
export function regionsOf(graph: Graph, image: Tensor, columns: Architecture['columns']): Regions {
  if (columns === 'canvas') return (map, grids) => regionsOfCanvas(graph, map, grids);
  const extent = extentOfInk(graph, image); // once for all maps
  return (map, grids) => regionsAlongInk(graph, extent, map, grids);
}

/** Cells of a grid that does not divide the map share its border pixels by area. */
export function regionsOfCanvas(graph: Graph, { shape }: Tensor, grids: Grids): Tensor {
  const [height, width] = shape.slice(2) as [number, number];
  const cells = cellsOf(grids);
  const weights = cells.flatMap(({ rows, row, columns, column }) => {
    const [down, along] = [shares(height, rows, row), shares(width, columns, column)];
    return down.flatMap((share) => along.map((other) => share * other));
  });
  return graph.constant(weights, [cells.length, height * width]);
}

/** Windows of a grid lie evenly over so many spreads of the ink to either side of its centre. */
const REACH = 1.6;

/** No window is narrower, in columns of the map: between two of them it would hold neither. */
const LEAST_COLUMNS = 0.5;

/** In widths of the image: a window that holds all columns alike. */
const ALL_ALIKE = 1e3;

/** Less ink than a pixel has, so that an image without any is divided by something; its centre is its left edge. */
const NO_INK = 1e-3;

/** What a window weighs where it does not reach. */
const BEYOND = 1e-6;

/**
 * Where one signature is written wider than another of the same hand, or ends in a longer stroke, cells of the canvas hold other
 * letters; so here columns are laid along the ink. With c_x the ink of column x of the image, m and s its centre and its
 * spread, x in widths of the image:
 *
 *     m = sum of c_x x / (0.001 + sum of c_x)      s^2 = sum of c_x (x - m)^2 / (0.001 + sum of c_x)
 *
 * A grid of K columns has Gaussian windows about m + s z_k, evenly spaced over +- 1.6 s, as wide as half of what lies between two, and
 * as half a column of the map at least, of which there are W:
 *
 *     z_k = 1.6 (2 k + 1 - K) / K      w = max(1.6 s / K, 0.5 / W)      g_k(x) = 1e-6 + exp(-((x - m - s z_k) / w)^2 / 2)
 *
 * each divided by its sum over the columns of the map. A grid of one column takes all of them alike; rows are the canvas's.
 */
function regionsAlongInk(graph: Graph, { centre, spread }: ExtentOfInk, map: Tensor, grids: Grids): Tensor {
  const [n, , height, width] = map.shape as [number, number, number, number];
  const cells = cellsOf(grids);
  const count = cells.length;
  const perCell = (value: (cell: Cell) => number) => graph.constant(cells.map(value), [count, 1]);
  const spreads = graph.reshape(spread, [n, 1, 1]);
  const perImage = (op: string, a: Tensor, b: Tensor) => graph.node(op, [a, b], [n, count, 1]);
  const middles = perImage(
    'Mul',
    spreads,
    perCell(({ columns, column }) => REACH * ((2 * column + 1) / columns - 1)),
  );
  const widths = perImage(
    'Max',
    perImage(
      'Mul',
      spreads,
      perCell(({ columns }) => REACH / columns),
    ),
    perCell(({ columns }) => (columns === 1 ? ALL_ALIKE : LEAST_COLUMNS / width)),
  );
  const shape = [n, count, width];
  const along = graph.reshape(graph.node('Sub', [columnsOf(graph, width), centre], [n, width]), [n, 1, width]);
  const inWidths = graph.node('Div', [graph.node('Sub', [along, middles], shape), widths], shape);
  const halfSquare = graph.node(
    'Mul',
    [graph.node('Mul', [inWidths, inWidths], shape), graph.constant([-0.5], [])],
    shape,
  );
  const window = graph.node('Add', [graph.node('Exp', [halfSquare], shape), graph.constant([BEYOND], [])], shape);
  const total = graph.node('ReduceSum', [window, graph.integers([2])], [n, count, 1], { keepdims: { int: 1 } });
  const share = graph.reshape(graph.node('Div', [window, total], shape), [n, count, 1, width]);
  const rows = graph.constant(
    cells.flatMap(({ rows, row }) => shares(height, rows, row)),
    [count, height, 1],
  );
  return graph.reshape(graph.node('Mul', [rows, share], [n, count, height, width]), [n, count, height * width]);
}

/** Of each image, [N, 1], in widths of it from its left edge. */
interface ExtentOfInk {
  readonly centre: Tensor;
  readonly spread: Tensor;
}

function extentOfInk(graph: Graph, image: Tensor): ExtentOfInk {
  const [n, , , width] = image.shape as [number, number, number, number];
  const one = [n, 1];
  const ink = graph.reduceSum(image, [1, 2]); // [N, W]
  const all = graph.node('Add', [rowSum(graph, ink), graph.constant([NO_INK], [])], one);
  const meanOf = (values: Tensor) =>
    graph.node('Div', [rowSum(graph, graph.node('Mul', [ink, values], [n, width])), all], one);
  const columns = columnsOf(graph, width);
  const centre = meanOf(columns);
  const off = graph.node('Sub', [columns, centre], [n, width]);
  return { centre, spread: graph.node('Sqrt', [meanOf(graph.node('Mul', [off, off], [n, width]))], one) };
}

/** Where the columns of a picture or a map have their middle, in widths of it: [1, W]. */
function columnsOf(graph: Graph, width: number): Tensor {
  return graph.constant(
    Array.from({ length: width }, (_, column) => (column + 0.5) / width),
    [1, width],
  );
}

interface Cell {
  readonly rows: number;
  readonly row: number;
  readonly columns: number;
  readonly column: number;
}

function cellsOf(grids: Grids): Cell[] {
  return grids.flatMap(([rows, columns]) =>
    Array.from({ length: rows * columns }, (_, cell) => ({
      rows,
      row: Math.floor(cell / columns),
      columns,
      column: cell % columns,
    })),
  );
}

/** Of `length` pixels in a row, the share that each has of the cell'th of so many `cells` of equal length. */
function shares(length: number, cells: number, cell: number): number[] {
  const size = length / cells;
  return Array.from(
    { length },
    (_, i) => Math.max(0, Math.min(i + 1, (cell + 1) * size) - Math.max(i, cell * size)) / size,
  );
}
