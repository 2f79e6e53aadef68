/**
 * Lays one signature over another: the turn, the scale and the shift under which their strokes lie nearest to each other.
 *
 *     cost = mean over strokes of A of min(C, distance to B) + mean over strokes of B of min(C, distance to A)
 *
 * Capped at C, so that a flourish that only one of them has does not pull the rest. Both ways, so that shrinking one onto
 * a thick stroke of the other does not pay. It starts from centre and spread of the ink, at several turns, and from the
 * best of these narrows its steps.
 *
 * @see Barrow et al. 1977, Parametric correspondence and chamfer matching
 */
import { inverseOf, matrixOf, type Placement } from './placement.js';
import { distanceAt, type Strokes } from './strokes.js';

/** Strokes of each that are looked at: every so manieth. */
const POINTS = 500;
/** C, as a share of the reference's longer side. */
const CAP = 0.05;
/** Turns that the search starts from, in degrees. */
const FIRST_TURNS = [-16, -12, -8, -4, 0, 4, 8, 12, 16];
/** Starts that are followed to their end. */
const FOLLOWED = 2;
/** No signature is stretched more than this against the other, as a factor. */
const MOST_SCALE = 1.6;
/** First steps: a share of the longer side, degrees, a factor; halved until a step is below a quarter of a pixel. */
const STEPS = { shift: 0.03, degrees: 3, scale: 1.04 };

/** A placement about the centres of both, so that a turn does not shift. */
interface Pose {
  readonly x: number;
  readonly y: number;
  readonly turn: number;
  /** Logarithm of the scale. */
  readonly growth: number;
}

/** @returns where pixels of the questioned signature lie in the reference's picture; as they are where one is empty */
export function alignStrokes(reference: Strokes, questioned: Strokes): Placement {
  if (reference.pixels.length === 0 || questioned.pixels.length === 0) {
    return { scale: 1, rotationRadians: 0, dx: 0, dy: 0 };
  }
  const [here, there] = [centreOf(reference), centreOf(questioned)];
  const side = Math.max(reference.width, reference.height);
  const [ownPoints, otherPoints] = [pointsOf(reference), pointsOf(questioned)];
  const cap = CAP * side;
  const placementOf = (pose: Pose) => about(pose, here, there);
  const costOf = (pose: Pose): number => {
    if (Math.abs(pose.growth) > Math.log(MOST_SCALE)) return Infinity;
    const placement = placementOf(pose);
    return (
      meanDistance(otherPoints, placement, reference, cap) +
      placement.scale * meanDistance(ownPoints, inverseOf(placement), questioned, cap / placement.scale)
    );
  };

  const spread = Math.log(Math.min(MOST_SCALE, Math.max(1 / MOST_SCALE, here.radius / there.radius)));
  const starts = FIRST_TURNS.flatMap((degrees) =>
    [0, spread].map((growth): Pose => ({ x: 0, y: 0, turn: radians(degrees), growth })),
  );
  const nearest = starts
    .map((pose) => ({ pose, cost: costOf(pose) }))
    .sort((a, b) => a.cost - b.cost)
    .slice(0, FOLLOWED);
  const followed = nearest.map((start) => narrow(start, costOf, side));
  return placementOf(followed.reduce((best, next) => (next.cost < best.cost ? next : best)).pose);
}

interface Found {
  readonly pose: Pose;
  readonly cost: number;
}

/** Takes the best of the eight steps as long as one is better, then halves them. */
function narrow(start: Found, costOf: (pose: Pose) => number, side: number): Found {
  let best = start;
  let step = { shift: STEPS.shift * side, turn: radians(STEPS.degrees), growth: Math.log(STEPS.scale) };
  while (step.shift >= 0.25) {
    const { pose, cost } = best;
    for (const sign of [1, -1]) {
      for (const next of [
        { ...pose, x: pose.x + sign * step.shift },
        { ...pose, y: pose.y + sign * step.shift },
        { ...pose, turn: pose.turn + sign * step.turn },
        { ...pose, growth: pose.growth + sign * step.growth },
      ]) {
        const nextCost = costOf(next);
        if (nextCost < best.cost) best = { pose: next, cost: nextCost };
      }
    }
    if (best.cost === cost) step = { shift: step.shift / 2, turn: step.turn / 2, growth: step.growth / 2 };
  }
  return best;
}

interface Centre {
  readonly x: number;
  readonly y: number;
  /** Root mean square distance of the strokes from it, px. */
  readonly radius: number;
}

function centreOf({ width, pixels }: Strokes): Centre {
  let [sumX, sumY, squares] = [0, 0, 0];
  for (const pixel of pixels) {
    const y = Math.floor(pixel / width);
    const x = pixel - y * width;
    sumX += x;
    sumY += y;
    squares += x * x + y * y;
  }
  const [x, y] = [sumX / pixels.length, sumY / pixels.length];
  return { x, y, radius: Math.max(1, Math.sqrt(squares / pixels.length - x * x - y * y)) };
}

function about({ x, y, turn, growth }: Pose, here: Centre, there: Centre): Placement {
  const turned = { scale: Math.exp(growth), rotationRadians: turn };
  const { a, b, c, d } = matrixOf({ ...turned, dx: 0, dy: 0 });
  return {
    ...turned,
    dx: here.x + x - a * there.x - c * there.y,
    dy: here.y + y - b * there.x - d * there.y,
  };
}

/** x, y, x, y, ...: evenly many of all stroke pixels. */
function pointsOf({ width, pixels }: Strokes): Float32Array {
  const count = Math.min(POINTS, pixels.length);
  const points = new Float32Array(2 * count);
  for (let n = 0; n < count; n++) {
    const pixel = pixels[Math.floor((n * pixels.length) / count)]!;
    points[2 * n] = pixel % width;
    points[2 * n + 1] = Math.floor(pixel / width);
  }
  return points;
}

function meanDistance(points: Float32Array, placement: Placement, to: Strokes, cap: number): number {
  const { a, b, c, d, e, f } = matrixOf(placement);
  let sum = 0;
  for (let n = 0; n < points.length; n += 2) {
    const [x, y] = [points[n]!, points[n + 1]!];
    sum += Math.min(cap, distanceAt(to, a * x + c * y + e, b * x + d * y + f));
  }
  return sum / (points.length / 2);
}

const radians = (degrees: number) => (degrees * Math.PI) / 180;
