/** How a network of others is called: what its file says of itself and what the adapter says, brought together. */
import { CountersignError } from '../core/errors.js';
import { type Adapter, invalidAdapter } from '../nn/adapter.js';
import type { ImageInput } from './image-batch.js';
import type { Port, Ports } from './session.js';

export interface ForeignCall {
  readonly input: ImageInput;
  readonly output: string;
  readonly canvas: { readonly height: number; readonly width: number };
  /** Undefined where any number of images passes. */
  readonly batch: number | undefined;
}

/** @throws CountersignError MODEL_INVALID, ADAPTER_INVALID */
export function callOf({ inputs, outputs }: Ports, adapter: Adapter): ForeignCall {
  const { name, layout, mean, std } = adapter.input;
  if (inputs.length !== 1) {
    const names = inputs.map((input) => input.name).join(', ');
    throw notAnEmbedding(`it takes ${inputs.length} inputs (${names})`, { isScore: inputs.length === 2 });
  }
  const input = pick(inputs, name, 'input');
  const output = pick(outputs, adapter.output.name, 'output');
  const { shape } = input;
  if (shape.length !== 0 && shape.length !== 4) {
    throw notAnEmbedding(`its input ${input.name} has ${shape.length} axes, [${describe(shape)}], and an image has 4`);
  }

  const size = (field: 'batch' | 'channels' | 'height' | 'width', letter: string): number | undefined => {
    const given = adapter.input[field];
    const fixed = shape[layout.indexOf(letter)] ?? undefined;
    if (given === undefined || fixed === undefined || given === fixed) return given ?? fixed;
    throw invalidAdapter(`input.${field} is ${given}, but the model takes [${describe(shape)}], read as ${layout}`);
  };
  const required = (field: 'channels' | 'height' | 'width', letter: string): number => {
    const known = size(field, letter);
    if (known !== undefined) return known;
    throw invalidAdapter(`input.${field} is missing, and the model leaves it free`);
  };
  const channels = required('channels', 'C');
  if (channels !== 1 && channels !== 3) {
    const read = `the model takes [${describe(shape)}], which read as ${layout} are ${channels} channels`;
    throw invalidAdapter(`${read}; expected 1 or 3 (input.layout?)`);
  }
  for (const [field, values] of Object.entries({ mean, std })) {
    if (values === undefined || values.length === channels) continue;
    throw invalidAdapter(`input.${field} has ${values.length} numbers for ${channels} channels`);
  }
  return {
    input: { name: input.name, layout, levels: levelsOf(adapter.input, channels) },
    output: output.name,
    canvas: { height: required('height', 'H'), width: required('width', 'W') },
    batch: size('batch', 'N'),
  };
}

/** For each channel [256]: what ink 0 = paper .. 255 = full ink becomes. */
function levelsOf(
  { range: [black, white], mean, std, ink: shown }: Adapter['input'],
  channels: number,
): Float32Array[] {
  return Array.from({ length: channels }, (_, c) =>
    Float32Array.from({ length: 256 }, (_, ink) => {
      const brightness = (shown === 'dark' ? 255 - ink : ink) / 255;
      return (black + (white - black) * brightness - (mean?.[c] ?? 0)) / (std?.[c] ?? 1);
    }),
  );
}

function pick(ports: readonly Port[], name: string | undefined, kind: 'input' | 'output'): Port {
  const names = ports.map((port) => port.name).join(', ');
  if (name === undefined && ports.length > 1)
    throw invalidAdapter(`${kind}.name is missing, and the model has ${names}`);
  const port = name === undefined ? ports[0]! : ports.find((candidate) => candidate.name === name);
  if (port === undefined) throw invalidAdapter(`${kind}.name is ${name}, but the model has ${names}`);
  if (port.type === 'float32') return port;
  throw notAnEmbedding(`its ${kind} ${port.name} is ${port.type}, and only float32 is supported`);
}

function describe(shape: Port['shape']): string {
  return shape.map((size) => size ?? 'free').join(', ');
}

/** @param isScore - it compares two images itself: `judge` is for those */
export function notAnEmbedding(
  reason: string,
  { cause, isScore = false }: { readonly cause?: unknown; readonly isScore?: boolean } = {},
): CountersignError {
  const instead = isScore ? ' Write its scores to a CSV file and give them to `countersign judge`.' : '';
  const message = `Expected a network that turns one image into one vector, but ${reason}.${instead}`;
  return new CountersignError('MODEL_INVALID', message, { cause });
}
