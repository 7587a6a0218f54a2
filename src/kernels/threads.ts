import { execute } from './execute';
import { Control, Field, STEP_BYTES } from './fields';
import { field } from './vector';

// Some seconds: a helper that holds a part for so long is gone.
const PATIENCE: i32 = i32.MAX_VALUE;

const GONE: i32 = -1;

/**
 * Runs all steps together with the helpers that are awake, and never blocks, which a page's thread must not. Whoever is
 * free takes the next part of a step; a helper that wakes late finds what is left.
 *
 * @returns whether all was done; if not, the helpers are of no use any more
 */
export function lead(): bool {
  // A helper that still looks for work in the last frame would find it in this one, before it is due.
  atomic.store<i32>(Control.Open, 0);
  let spins = 0;
  while (atomic.load<i32>(Control.Active) != 0) if (++spins == PATIENCE) return false;
  let step = <usize>load<u32>(Control.Steps);
  const end = step + <usize>load<u32>(Control.StepCount) * STEP_BYTES;
  for (; step < end; step += STEP_BYTES) {
    atomic.store<i32>(step + (<usize>Field.Begun << 2), 0);
    atomic.store<i32>(step + (<usize>Field.Done << 2), 0);
  }
  atomic.store<i32>(Control.Open, 1);
  atomic.add<i32>(Control.Frame, 1);
  atomic.notify(Control.Frame, -1);
  const isDone = work(0);
  atomic.store<i32>(Control.Open, 0);
  return isDone;
}

/** Lets the helpers go. */
export function dismiss(): void {
  atomic.store<i32>(Control.Open, GONE);
  atomic.add<i32>(Control.Frame, 1);
  atomic.notify(Control.Frame, -1);
}

/** A helper's whole life: sleeps between frames. */
export function serve(thread: i32): void {
  let seen = 0;
  while (true) {
    atomic.wait<i32>(Control.Frame, seen, -1);
    const frame = atomic.load<i32>(Control.Frame);
    if (frame == seen) continue;
    seen = frame;
    if (atomic.load<i32>(Control.Open) == GONE) return;
    atomic.add<i32>(Control.Active, 1);
    if (atomic.load<i32>(Control.Open) == 1) work(thread);
    atomic.sub<i32>(Control.Active, 1);
  }
}

/** Takes part in every step, until its last part is done, whoever does it. */
function work(thread: i32): bool {
  let step = <usize>load<u32>(Control.Steps);
  const end = step + <usize>load<u32>(Control.StepCount) * STEP_BYTES;
  for (; step < end; step += STEP_BYTES) {
    const items = field(step, Field.Items);
    let item = atomic.add<i32>(step + (<usize>Field.Begun << 2), 1);
    while (item < items) {
      execute(step, item, thread);
      atomic.add<i32>(step + (<usize>Field.Done << 2), 1);
      item = atomic.add<i32>(step + (<usize>Field.Begun << 2), 1);
    }
    let spins = 0;
    while (atomic.load<i32>(step + (<usize>Field.Done << 2)) < items) if (++spins == PATIENCE) return false;
  }
  return true;
}
