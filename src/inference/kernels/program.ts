import { Control, PRODUCT_TILE, STEP_BYTES } from '../../kernels/fields';
import type { Plan } from '../plan';
import { fuse, type Work } from './fuse';
import { arrange, type Layout, layOut } from './layout';
import { type Context, describeImport, describeStem, describeWork, type Fields } from './steps';
import { reachOf, windowOf } from './window';

/** A plan as the kernels run it: what is in memory before the first frame, and where frames come in and go out. */
export interface Program {
  /** Bytes of memory in all. */
  readonly bytes: number;
  /** What is written where, once. */
  readonly contents: readonly { readonly at: number; readonly values: Float32Array | Int32Array }[];
  /** Where the input's first row begins, and how far apart rows are. */
  readonly input: { readonly at: number; readonly rowBytes: number; readonly width: number; readonly height: number };
  readonly outputs: readonly { readonly at: number; readonly layout: Layout }[];
}

/** Writes the program of a plan for so many threads. */
export function assemble(plan: Plan, threads: number): Program {
  const works = fuse(plan);
  const stem = findStem(works);
  const memory = new Memory(Control.Bytes);
  const stepsAt = memory.reserve((works.length + 1) * STEP_BYTES);
  const input = placeInput(plan, stem, memory);
  const places = placeMaps(plan, works, stem === null, memory);
  const placeOf = (slot: number): Place => places.get(slot) as Place;
  let scratchBytes = 0;
  const context: Context = {
    placeOf,
    input,
    threads,
    store: (values) => memory.store(values),
    needScratch(bytes) {
      scratchBytes = Math.max(scratchBytes, align(bytes));
    },
  };
  const steps = works.map((work) => (work === stem ? describeStem(work, context) : describeWork(work, context)));
  if (!stem) steps.unshift(describeImport(context));
  const scratch = memory.reserve(scratchBytes * threads);
  memory.store(writeSteps(steps), stepsAt);
  memory.store(Int32Array.of(stepsAt, steps.length, scratch, scratchBytes), Control.Steps);
  const [height, width] = plan.inputShape;
  return {
    bytes: memory.end,
    contents: memory.contents,
    input: { ...input, width, height },
    outputs: plan.outputs.map(({ slot }) => placeOf(slot)),
  };
}

/** A map in memory. */
export interface Place {
  readonly at: number;
  readonly layout: Layout;
}

/** Memory that is given out from its start on, and what shall be in it. */
class Memory {
  readonly contents: { at: number; values: Float32Array | Int32Array }[] = [];
  end: number;

  constructor(start: number) {
    this.end = align(start);
  }

  /** Whole cache lines. */
  reserve(bytes: number): number {
    const at = this.end;
    this.end = at + align(bytes);
    return at;
  }

  /** Puts values where they are said to go, or to a place of their own. */
  store(values: Float32Array | Int32Array, at: number = this.reserve(values.byteLength)): number {
    this.contents.push({ at, values });
    return at;
  }
}

function align(bytes: number): number {
  return Math.ceil(bytes / 64) * 64;
}

/** The convolution that reads the input, if nothing else does, its window has no holes and its rows hold a tile. */
function findStem(works: readonly Work[]): Work | null {
  const [reader, ...others] = works.filter(({ inputs, addend }) => inputs.includes(0) || addend === 0);
  if (reader?.operation.kind !== 'conv' || others.length > 0 || reader.addend !== null) return null;
  const isSolid = reader.operation.dilations.every((step) => step === 1);
  return isSolid && layOut(reader.shape).width >= PRODUCT_TILE ? reader : null;
}

/** With a border of zeros as the stem's window needs it. */
function placeInput(plan: Plan, stem: Work | null, memory: Memory): { at: number; rowBytes: number } {
  const layout = layOut(plan.inputShape);
  const whole = { top: 0, left: 0, height: layout.height, width: layout.width };
  const { top, left, height, width } = stem ? reachOf(windowOf(stem.operation), layout, layOut(stem.shape)) : whole;
  const rowBytes = width * 12;
  return { at: memory.reserve(height * rowBytes) + top * rowBytes + left * 12, rowBytes };
}

function placeMaps(plan: Plan, works: readonly Work[], withInput: boolean, memory: Memory): Map<number, Place> {
  const arena = arrange(works, plan.outputs);
  const start = memory.reserve(arena.bytes);
  const places = new Map<number, Place>();
  for (const { output, shape } of works) {
    places.set(output, { at: start + (arena.offsets.get(output) as number), layout: layOut(shape) });
  }
  const layout = layOut(plan.inputShape);
  places.set(0, { at: withInput ? memory.reserve(layout.blocks * layout.blockBytes) : 0, layout });
  return places;
}

function writeSteps(steps: readonly Fields[]): Int32Array {
  const words = new Int32Array((steps.length * STEP_BYTES) / 4);
  for (const [i, step] of steps.entries()) {
    for (const [field, value] of Object.entries(step)) words[(i * STEP_BYTES) / 4 + Number(field)] = value;
  }
  return words;
}
