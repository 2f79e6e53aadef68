/** From a trace and a material to the grey picture that a scanner gives. */
import { Rng } from '../../core/rng.js';
import type { GreyImage } from '../../image/types.js';
import { drawCapsule, type InkLayer, type Nib } from './ink.js';
import { correlatedNoise } from './noise.js';
import type { Material } from './pen.js';
import { type Trace, type TraceComponent, traceBounds } from './trace.js';

const MM_PER_INCH = 25.4;

/**
 * @returns [H, W] uint8, 0 = black, 255 = white, cropped to the ink plus the material's margins
 */
export function render(trace: Trace, material: Material, rng: Rng): GreyImage {
  const pxPerMm = material.resolutionDpi / MM_PER_INCH;
  const box = traceBounds(trace);
  const [left, top, right, bottom] = material.marginsMm;
  const width = Math.ceil((box.right - box.left + left + right) * pxPerMm);
  const height = Math.ceil((box.top - box.bottom + top + bottom) * pxPerMm);
  const layer: InkLayer = { width, height, data: new Float32Array(width * height) };
  const origin = { x: box.left - left, y: box.top + top };
  for (const component of trace) {
    const nibs = toNibs(component, material, origin, pxPerMm, rng);
    for (let i = 1; i < nibs.length; i++) drawCapsule(layer, nibs[i - 1]!, nibs[i]!, material.softnessPx);
  }
  return { width, height, data: scan(layer, material, rng) };
}

function toNibs(
  { x, y, pressure }: TraceComponent,
  material: Material,
  origin: { readonly x: number; readonly y: number },
  pxPerMm: number,
  rng: Rng,
): Nib[] {
  const flow = correlatedNoise(x.length, 0.85, rng);
  return Array.from(x, (xi, i) => {
    const press = pressure[i]! - 1;
    const wide = Math.max(0.35, 1 + material.widthResponse * press);
    const dark = material.darkness * (1 + material.darknessResponse * press + material.grain * 0.5 * flow[i]!);
    return {
      x: (xi - origin.x) * pxPerMm,
      y: (origin.y - y[i]!) * pxPerMm,
      radius: (wide * material.strokeWidthMm * pxPerMm) / 2,
      darkness: Math.min(1, Math.max(0.2, dark)),
    };
  });
}

/** Ink on paper, with grain in the ink and noise over all: grey = paper (1 - ink) + noise. */
function scan(layer: InkLayer, material: Material, rng: Rng): Uint8Array {
  const out = new Uint8Array(layer.data.length);
  const shift = rng.int(NOISE.length);
  const grainShift = rng.int(NOISE.length);
  for (let i = 0; i < out.length; i++) {
    let ink = layer.data[i]!;
    if (ink > 0) ink *= Math.min(1, 1 - material.grain * Math.abs(NOISE[(i + grainShift) & NOISE_MASK]!) * 0.7);
    const grey = material.paperGrey * (1 - 0.97 * ink) + material.noise * NOISE[(i + shift) & NOISE_MASK]!;
    out[i] = grey < 0 ? 0 : grey > 255 ? 255 : grey + 0.5;
  }
  return out;
}

/** A ring of normal numbers, read from a random place on: as good as fresh ones for paper, and 20 times faster. */
const NOISE = correlatedNoise(2 ** 17, 0.35, new Rng('paper'));
const NOISE_MASK = NOISE.length - 1;
