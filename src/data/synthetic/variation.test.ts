import { describe, expect, it } from 'vitest';
import { Rng } from '../../core/rng.js';
import type { ActionPlan } from './action-plan.js';
import { varyStructure } from './variation.js';
import { createWriter } from './writer.js';

const plans: ActionPlan[] = Array.from({ length: 200 }, (_, i) => createWriter(new Rng('structure'), i + 1).plan);
const varied = (amount: number) => plans.map((plan, i) => varyStructure(plan, amount, new Rng(`attempt ${i}`)));
const lengthOf = (plan: ActionPlan) => plan.reduce((sum, { targets }) => sum + targets.length, 0);

describe('varyStructure', () => {
  it('leaves a plan as it is at an amount of 0', () => {
    expect(varied(0)).toEqual(plans);
  });

  it('leaves out few of the dots and turns, and none of the ends of lines', () => {
    const marks = (all: readonly ActionPlan[]) => all.flat().filter(({ role }) => role === 'mark').length;
    const kept = marks(varied(1)) / marks(plans);
    expect(kept).toBeGreaterThan(0.85);
    expect(kept).toBeLessThan(1);
    const sum = (all: readonly ActionPlan[]) => all.reduce((total, plan) => total + lengthOf(plan), 0);
    expect(sum(varied(1)) / sum(plans)).toBeGreaterThan(0.95);
    for (const [i, plan] of varied(1).entries()) {
      const [before, after] = [plans[i]!, plan].map((one) => one.filter(({ role }) => role !== 'mark'));
      expect(after![0]!.targets[0]).toEqual(before![0]!.targets[0]);
      expect(after!.at(-1)!.targets.at(-1)).toEqual(before!.at(-1)!.targets.at(-1));
    }
  });

  it('lifts and joins the pen now and then, and never leaves a single target to be drawn', () => {
    const lines = (plan: ActionPlan) => plan.filter(({ role }) => role !== 'mark').length;
    const more = varied(1).map((plan, i) => lines(plan) - lines(plans[i]!));
    expect(more.filter((count) => count > 0).length).toBeGreaterThan(5);
    expect(more.filter((count) => count < 0).length).toBeGreaterThan(2);
    for (const plan of varied(3)) {
      expect(plan.length).toBeGreaterThan(0);
      for (const { targets } of plan) expect(targets.length).toBeGreaterThan(1);
    }
  });
});
