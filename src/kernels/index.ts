import { execute } from './execute';
import { Control, Field, STEP_BYTES } from './fields';
import { field } from './vector';

export { isOpaque, sumColumns, sumPixels, sumRows } from './resize';
export { dismiss, lead, serve } from './threads';

/** Runs all steps on this thread. */
export function run(): void {
  let step = <usize>load<u32>(Control.Steps);
  const end = step + <usize>load<u32>(Control.StepCount) * STEP_BYTES;
  for (; step < end; step += STEP_BYTES) {
    for (let item = 0; item < field(step, Field.Items); item++) execute(step, item, 0);
  }
}
