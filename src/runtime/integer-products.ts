/**
 * x86 processors without VNNI instructions multiply uint8 by int8 in pairs and add them in 16 bits, where two large products
 * do not fit and are cut to 32,767 without a word. The runtime then has an exact way, which is slower; it does not take it
 * by itself.
 *
 * @see ONNX Runtime, onnxruntime_session_options_config_keys.h, `session.x64quantprecision`
 */
import { Graph } from '../nn/graph.js';
import { serialize } from '../nn/serialize.js';
import type { Session } from './session.js';

/** Factors of the probe, all the largest that there are. */
const LENGTH = 64;
const [ACTIVATION, WEIGHT] = [255, 127];

let known: Promise<boolean> | undefined;

/**
 * Whether the fast integer products of this processor are cut, found by one that would be. Asked once a thread.
 *
 * @param open - makes a session of the bytes of a model
 */
export function integerProductsAreCut(open: (model: Uint8Array) => Promise<Session>): Promise<boolean> {
  known ??= probe(open).catch((error: unknown) => {
    known = undefined; // asked again by the next
    throw error;
  });
  return known;
}

async function probe(open: (model: Uint8Array) => Promise<Session>): Promise<boolean> {
  if (process.arch !== 'x64') return false;
  const graph = new Graph();
  const x = graph.input('x', [1, LENGTH]);
  const steps = [graph.constant([1], []), graph.typedConstant(Uint8Array.of(0), [])];
  const integers = graph.node('QuantizeLinear', [x, ...steps], [1, LENGTH], {}, '', 'uint8');
  const weights = graph.typedConstant(new Int8Array(LENGTH).fill(WEIGHT), [LENGTH, 1]);
  const product = graph.node('MatMulInteger', [integers, weights], [1, 1], {}, '', 'int32');
  const y = graph.node('Cast', [product], [1, 1], { to: { int: 1 } }); // to float32
  const session = await open(serialize(graph, { outputs: { y } }));
  const result = await session.run({ x: { data: new Float32Array(LENGTH).fill(ACTIVATION), shape: [1, LENGTH] } });
  await session.close();
  return result.y!.data[0] !== LENGTH * ACTIVATION * WEIGHT;
}
