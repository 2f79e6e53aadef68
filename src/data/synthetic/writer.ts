import type { Rng } from '../../core/rng.js';
import { type ActionPlan, planBounds } from './action-plan.js';
import { composePlan } from './compose.js';
import { drawForger, type Imitation, studySignature } from './forger.js';
import { drawStyle, type ScriptStyle } from './style.js';

/** A person: a hand, the signature it has learnt, and those who imitate it. */
export interface Writer {
  /** Stable name, `w0001` for index 1. */
  readonly id: string;
  readonly style: ScriptStyle;
  readonly plan: ActionPlan;
  readonly imitations: readonly Imitation[];
}

/**
 * The writer with this number: depends on the seed of `rng` and on `index` alone, not on how many others there are.
 *
 * @example
 * createWriter(new Rng(1), 7).id // 'w0007'
 */
export function createWriter(rng: Rng, index: number): Writer {
  const own = rng.fork(`writer ${index}`);
  const drawn = drawStyle(own.fork('style'));
  const plan = composePlan(drawn, own.fork('plan'));
  const style = { ...drawn, xHeightMm: drawn.xHeightMm * roomFactor(drawn, plan) };
  const forgers = own.fork('forgers');
  const imitations = Array.from({ length: 2 + forgers.int(3) }, (_, i) =>
    studySignature(style, plan, (other) => composePlan(other, own.fork('plan')), drawForger(forgers.fork(i))),
  );
  return { id: `w${String(index).padStart(4, '0')}`, style, plan, imitations };
}

/** Short signatures are written larger and long ones smaller, to be 32 to 80 mm wide and at most 38 mm high. */
function roomFactor(style: ScriptStyle, plan: ActionPlan): number {
  const box = planBounds(plan);
  const height = (box.top - box.bottom) * style.xHeightMm;
  const width = (box.right - box.left) * style.xHeightMm * style.aspect + height * Math.abs(Math.tan(style.slant));
  return Math.min(38 / height, Math.min(80, Math.max(32, width)) / width);
}
