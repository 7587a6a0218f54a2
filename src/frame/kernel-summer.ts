import type { PixelData } from '../types';
import { PLAIN } from './plain-summer';
import type { Axes, PixelSums, Plane, PlaneSums, Summer } from './summer';
import { LANES, type Taps } from './taps';

/** What the WebAssembly module exports, see src/kernels/resize.ts. */
interface Exports {
  sumRows(from: number, stride: number, count: number, weights: number, length: number, sums: number): void;
  sumColumns(
    sums: number,
    taps: number,
    size: number,
    weights: number,
    most: number,
    isPair: boolean,
    isSecond: boolean,
    result: number,
  ): void;
  sumPixels(
    sums: number,
    taps: number,
    size: number,
    weights: number,
    most: number,
    result: number,
    step: number,
  ): void;
  isOpaque(from: number, stride: number, length: number, rows: number): number;
}

const PAGE_BYTES = 65_536;
// Weights and sums come first: less than this even of the longest side that a picture may have. Then a frame's bytes.
const FRAME_AT = 4 * 1024 * 1024;
// A frame of 4K video has 33 MB.
const LARGE_BYTES = 64 * 1024 * 1024;
const MAX_BYTES = 1024 * 1024 * 1024;
// Kernels read a little beyond what they use.
const SLACK_BYTES = 64;

/** Resizes by kernels, in memory of its own that is made for the first frame; one frame at a time. */
export class KernelSummer implements Summer {
  readonly #module: WebAssembly.Module;
  #opened: { readonly memory: WebAssembly.Memory; readonly exports: Exports } | null = null;
  #end = 0;

  /** @param module - the kernels, on memory that is not shared */
  constructor(module: WebAssembly.Module) {
    this.#module = module;
  }

  get #kernels() {
    this.#opened ??= open(this.#module);
    return this.#opened;
  }

  reserve(length: number): Uint8Array {
    this.#end = 0;
    const needed = FRAME_AT + length + SLACK_BYTES;
    const held = this.#opened?.memory.buffer.byteLength ?? 0;
    // Memory cannot shrink: what one large picture took is given back when a small one follows.
    if (held > LARGE_BYTES && needed < held / 4) this.#opened = null;
    const { memory } = this.#kernels;
    const missing = needed - memory.buffer.byteLength;
    if (missing > 0) memory.grow(Math.ceil(missing / PAGE_BYTES));
    return new Uint8Array(memory.buffer, FRAME_AT, length);
  }

  openPlane(plane: Plane): PlaneSums {
    const { data, offset, stride, step, columns, rows } = plane;
    const { memory, exports } = this.#kernels;
    if (data.buffer !== memory.buffer) return PLAIN.openPlane(plane);
    const [across, down] = [this.#writeTaps(columns), this.#writeTaps(rows)];
    const sums = this.#allocate((columns.span + LANES) * step * 4 + SLACK_BYTES);
    const from = data.byteOffset + offset + columns.low * step;
    const size = columns.first.length;
    const values = new Float32Array(memory.buffer, this.#allocate(size * 4), size);
    const { sumRows, sumColumns } = exports;
    return {
      sumRows(y) {
        const first = from + (rows.first[y] as number) * stride;
        sumRows(first, stride, rows.count[y] as number, down.weightsOf(y), columns.span * step, sums);
      },
      sumColumns(which, result) {
        const { taps, weights } = across;
        sumColumns(sums, taps, size, weights, columns.most, step === 2, which === 1, values.byteOffset);
        result.set(values);
      },
    };
  }

  openPixels({ data, width }: PixelData, { columns, rows }: Axes): PixelSums | null {
    const stride = width * 4;
    const bytes = new Uint8Array(data.buffer, data.byteOffset + rows.low * stride, rows.span * stride);
    try {
      this.reserve(bytes.length).set(bytes);
    } catch {
      // There is no memory for a copy of it.
      return null;
    }
    const [low, length] = [FRAME_AT + columns.low * 4, columns.span * 4];
    const { memory, exports } = this.#kernels;
    const { sumRows, sumPixels, isOpaque } = exports;
    if (!isOpaque(low, stride, length, rows.span)) return null;
    const [across, down] = [this.#writeTaps(columns), this.#writeTaps(rows)];
    const sums = this.#allocate((columns.span + LANES) * 16 + SLACK_BYTES);
    const size = columns.first.length;
    const row = new Uint8Array(memory.buffer, this.#allocate(size * 4), size * 4);
    return {
      writeRow(y, mirror, result) {
        // Rows without a picture in view begin anywhere, and none of them is read.
        const first = low + Math.max(0, (rows.first[y] as number) - rows.low) * stride;
        sumRows(first, stride, rows.count[y] as number, down.weightsOf(y), length, sums);
        const { taps, weights } = across;
        const at = row.byteOffset + (mirror ? (size - 1) * 4 : 0);
        sumPixels(sums, taps, size, weights, columns.most, at, mirror ? -4 : 4);
        result.set(row, y * size * 4);
      },
    };
  }

  /** Frees the memory, until the next frame. */
  dispose(): void {
    this.#opened = null;
  }

  #writeTaps({ first, count, weights, most, low }: Taps) {
    const { buffer } = this.#kernels.memory;
    const taps = this.#allocate(first.length * 8);
    const pairs = new Int32Array(buffer, taps, first.length * 2);
    for (let i = 0; i < first.length; i++) {
      pairs[i * 2] = Math.max(0, (first[i] as number) - low);
      pairs[i * 2 + 1] = count[i] as number;
    }
    const at = this.#allocate(weights.byteLength);
    new Int32Array(buffer, at, weights.length).set(weights);
    return { taps, weights: at, weightsOf: (i: number) => at + i * most * 4 };
  }

  #allocate(bytes: number): number {
    const at = this.#end;
    this.#end = at + Math.ceil(bytes / 16) * 16;
    return at;
  }
}

function open(module: WebAssembly.Module): { memory: WebAssembly.Memory; exports: Exports } {
  const memory = new WebAssembly.Memory({ initial: FRAME_AT / PAGE_BYTES, maximum: MAX_BYTES / PAGE_BYTES });
  const { exports } = new WebAssembly.Instance(module, { env: { memory } });
  return { memory, exports: exports as unknown as Exports };
}
