import { parametersOf } from '../nn/network.js';
import type { Weights } from '../nn/weights.js';
import type { TrainConfig } from './config.js';

/**
 * The weights between those that training started from and those it came to. Where the one goes on from the other they
 * lie in one valley, and what lies between them does better than either on writers and scanners that were not learnt
 * from (Wortsman et al. 2022, "Robust fine-tuning of zero-shot models").
 *
 * @param start - batch norm folded, as `best` is
 * @returns `config.startShare` of `start` and the rest of `best`
 */
export function averageWithStart(
  { architecture, startShare }: Pick<TrainConfig, 'architecture' | 'startShare'>,
  { start, best }: { readonly start: Weights; readonly best: Weights },
): Weights {
  return new Map(
    parametersOf(architecture).map(({ name, shape }) => {
      const [from, to] = [start.get(name)!.data, best.get(name)!.data];
      return [name, { shape, data: to.map((value, i) => value + startShare * (from[i]! - value)) }];
    }),
  );
}
