import { CountersignError } from '../core/errors.js';
import { Graph } from '../nn/graph.js';
import { NCHWC } from '../nn/operators/blocked-layout.js';
import { serialize } from '../nn/serialize.js';
import type { PoolSession, WorkerPool } from './pool.js';

/** Channels of the probe: fewer than any block, and a multiple of 4, which the operator asks for. */
const CHANNELS = 4;

/**
 * How many channels the runtime's fastest convolutions keep side by side on this processor (16 with AVX-512, 8 with
 * AVX2), found by bringing a small map into that order and looking at its size.
 *
 * @returns undefined where the runtime has no such order
 */
export async function channelBlock(pool: WorkerPool): Promise<number | undefined> {
  const graph = new Graph();
  const map = graph.input('map', [1, CHANNELS, 1, 1]);
  const blocked = graph.node('ReorderInput', [map], [1, CHANNELS, 1, 1], {}, NCHWC);
  let probe: PoolSession;
  try {
    probe = await pool.open(serialize(graph, { outputs: { blocked } }));
  } catch (error) {
    if (error instanceof CountersignError && error.code === 'MODEL_INVALID') return undefined;
    throw error;
  }
  const feeds = { map: { data: new Float32Array(CHANNELS), shape: [1, CHANNELS, 1, 1] } };
  const result = await pool.run(probe, { feeds, outputs: ['blocked'] });
  const [, channels] = result.blocked!.shape as number[];
  return channels! > CHANNELS ? channels : undefined;
}
