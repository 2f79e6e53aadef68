/** Training through WebGPU, on the software graphics card that Chromium brings: the same numbers as the processor's, slowly. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Rng } from '../src/core/rng.js';
import { synthesizeDataset } from '../src/data/synthetic/synthesize-dataset.js';
import { architectureSchema } from '../src/nn/architecture.js';
import { decodeModel } from '../src/nn/model-file.js';
import { encodeSafetensors } from '../src/nn/safetensors.js';
import { randomWeights } from '../src/nn/weights.js';
import { countersign } from './command-line.js';

const CHROMIUM = '/usr/lib/chromium';
const SOFTWARE_CARD = { VK_DRIVER_FILES: `${CHROMIUM}/vk_swiftshader_icd.json`, LD_LIBRARY_PATH: CHROMIUM };
const folder = mkdtempSync(join(tmpdir(), 'countersign-webgpu-'));
const at = (...names: string[]) => join(folder, ...names);
const architecture = architectureSchema.parse({ backbone: 'mobilenet-v1', widthMultiplier: 0.1, embeddingSize: 16 });

beforeAll(async () => {
  await synthesizeDataset(at('data'), { writers: 6, genuine: 4, forged: 4, seed: 5 });
  writeFileSync(at('init.safetensors'), encodeSafetensors(randomWeights(architecture, new Rng(1))));
}, 300_000);
afterAll(() => rmSync(folder, { recursive: true }));

const train = (out: string, flags: readonly string[], env: NodeJS.ProcessEnv = {}) =>
  countersign(
    [
      ...['train', '--data', at('data'), '--init', at('init.safetensors'), '--out', at(out), '--no-cache'],
      ...['--architecture-backbone', 'mobilenet-v1'], // fewer layers: the software card compiles a program for each
      ...['--architecture-width-multiplier', '0.1', '--architecture-embedding-size', '16'],
      ...['--preprocess-canvas-height', '64', '--preprocess-canvas-width', '96'],
      ...['--steps', '2', '--identities', '2', '--genuine', '2', '--forged', '2', '--warmup-steps', '1'],
      ...['--validation-writers', '2', '--micro-batch', '8', ...flags],
    ],
    { env: { XDG_RUNTIME_DIR: folder, ...env } },
  );
const weightsOf = (out: string) => decodeModel(readFileSync(at(out, 'model.onnx'))).weights;

describe('countersign train --device webgpu', () => {
  it('comes to the weights that the processor comes to', async () => {
    expect(await train('cpu', [])).toMatchObject({ exitCode: 0 });
    expect(await train('card', ['--device', 'webgpu'], SOFTWARE_CARD)).toMatchObject({ exitCode: 0 });
    const [cpu, card] = [weightsOf('cpu'), weightsOf('card')];
    const start = randomWeights(architecture, new Rng(1));
    let [moved, apart] = [0, 0];
    for (const [name, { data }] of cpu) {
      data.forEach((value, i) => {
        moved += (value - start.get(name)!.data[i]!) ** 2;
        apart += (value - card.get(name)!.data[i]!) ** 2;
      });
    }
    expect(moved).toBeGreaterThan(0);
    expect(Math.sqrt(apart / moved)).toBeLessThan(0.05); // Adam's first steps have the sign of what may be rounding
    expect(JSON.parse(readFileSync(at('card', 'run.json'), 'utf8'))).toMatchObject({ device: 'webgpu' });
  }, 300_000);

  it('says so where there is no graphics card', async () => {
    const { exitCode, stderr } = await train('none', ['--device', 'webgpu'], { VK_DRIVER_FILES: at('none.json') });
    expect(exitCode).toBe(6);
    expect(stderr).toContain('DEVICE_UNAVAILABLE');
    expect(stderr).toContain('libvulkan1');
  }, 300_000);
});
