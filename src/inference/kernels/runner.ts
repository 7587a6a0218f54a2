import { describeError } from '../../errors';
import type { Output, Plan } from '../plan';
import type { Outputs, Runner } from '../run';
import type { Crew } from './crew';
import { BLOCK, type Layout } from './layout';
import { assemble, type Program } from './program';

const PAGE_BYTES = 65_536;

/** What the WebAssembly module exports, see src/kernels. */
interface Exports {
  run(): void;
  lead(): number;
  dismiss(): void;
}

/** A plan run by kernels of our own, all steps in one call: memory for everything is there from the start. */
export class KernelRunner implements Runner {
  readonly outputs: readonly Output[];
  readonly threads: number;
  readonly whyAlone: string | null;
  readonly #ends: Pick<Program, 'input' | 'outputs'>;
  #kernels: { readonly exports: Exports; readonly floats: Float32Array } | null;

  private constructor(plan: Plan, program: Program, memory: WebAssembly.Memory, exports: Exports, crew: Joined) {
    this.outputs = plan.outputs;
    this.threads = crew.threads;
    this.whyAlone = crew.whyAlone;
    // The rest of the program is in memory by now.
    this.#ends = { input: program.input, outputs: program.outputs };
    this.#kernels = { exports, floats: new Float32Array(memory.buffer) };
  }

  /** @param crew - helps from now on; whoever opened it ends it */
  static async create(plan: Plan, module: WebAssembly.Module, crew: Crew): Promise<KernelRunner> {
    const program = assemble(plan, crew.helpers.length + 1);
    const pages = Math.ceil(program.bytes / PAGE_BYTES);
    const shared = crew.helpers.length > 0;
    const memory = new WebAssembly.Memory({ initial: pages, maximum: pages, shared });
    for (const { at, values } of program.contents) {
      new (values.constructor as typeof Float32Array)(memory.buffer, at, values.length).set(values);
    }
    const instance = await WebAssembly.instantiate(module, { env: { memory } });
    const joined = await join(crew, module, memory);
    return new KernelRunner(plan, program, memory, instance.exports as unknown as Exports, joined);
  }

  async run(input: Float32Array): Promise<Outputs> {
    if (!this.#kernels) throw new Error('it is disposed of');
    const { exports, floats } = this.#kernels;
    const { at, rowBytes, width, height } = this.#ends.input;
    const length = width * 3;
    for (let y = 0; y < height; y++) {
      floats.set(input.subarray(y * length, (y + 1) * length), (at + y * rowBytes) / 4);
    }
    if (this.threads === 1) exports.run();
    else if (!exports.lead()) throw new Error('a thread stopped');
    return this.#ends.outputs.map(({ at, layout }) => readMap(floats, at, layout));
  }

  dispose(): void {
    if (this.threads > 1) this.#kernels?.exports.dismiss();
    // Nothing else holds the memory.
    this.#kernels = null;
  }
}

interface Joined {
  readonly threads: number;
  readonly whyAlone: string | null;
}

/** Who of the crew does serve. */
async function join(
  { helpers, whyAlone }: Crew,
  module: WebAssembly.Module,
  memory: WebAssembly.Memory,
): Promise<Joined> {
  const serving = helpers.map((helper, i) => helper.serve({ module, memory, thread: i + 1 }));
  const failures = (await Promise.allSettled(serving)).filter((result) => result.status === 'rejected');
  const threads = 1 + helpers.length - failures.length;
  const [failure] = failures;
  return { threads, whyAlone: failure ? describeError(failure.reason) : whyAlone };
}

/** The numbers of a map or vector, channels varying fastest. */
function readMap(floats: Float32Array, at: number, { height, width, channels, blockBytes }: Layout): Float32Array {
  const values = new Float32Array(height * width * channels);
  for (let i = 0; i < values.length; i++) {
    const channel = i % channels;
    const block = at / 4 + Math.floor(channel / BLOCK) * (blockBytes / 4);
    values[i] = floats[block + Math.floor(i / channels) * BLOCK + (channel % BLOCK)] as number;
  }
  return values;
}
