/**
 * What a writer has learnt to do: virtual targets that the pen aims at one after another, and how much each stroke
 * bends on its way. Units: the x-height (height of a small letter) is 1, the baseline is y = 0, y upwards; bends are in
 * radians, positive to the left.
 */

/** A point the pen aims at. With overlapping strokes it turns before it gets there, as a hand does. */
export interface Target {
  readonly x: number;
  readonly y: number;
  /** The angle that the stroke arriving here turns through. The first target of a component has none. */
  readonly bend: number;
}

/** What a component is for: flourishes vary more than letters, dots and bars are placed carelessly. */
export type ComponentRole = 'capital' | 'text' | 'mark' | 'flourish';

/** What is written without lifting the pen: at least two targets, the first is where the pen comes down. */
export interface PlanComponent {
  readonly role: ComponentRole;
  readonly targets: readonly Target[];
}

/** A whole signature, in the order of writing. */
export type ActionPlan = readonly PlanComponent[];

/** The box around all targets. */
export function planBounds(plan: ActionPlan): { left: number; right: number; bottom: number; top: number } {
  const targets = plan.flatMap((component) => component.targets);
  const xs = targets.map((target) => target.x);
  const ys = targets.map((target) => target.y);
  return { left: Math.min(...xs), right: Math.max(...xs), bottom: Math.min(...ys), top: Math.max(...ys) };
}
