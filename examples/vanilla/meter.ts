import type { Classification, FingerspellRecognizer } from 'asl-fingerspell';
import { byId, setText } from './dom';

const WINDOW = 30;
const NAMES = { webgl: 'WebGL', wasm: 'WebAssembly', cpu: 'plain JavaScript' } as const;

/** Says where frames are computed and how long one takes: the median of the last thirty. */
export class Meter {
  readonly #element = byId('meter');
  #samples: { readonly timeMs: number; readonly costMs: number }[] = [];

  show(recognizer: FingerspellRecognizer, { timing }: Classification, isStream: boolean): void {
    const costMs = timing.preprocessMs + timing.inferenceMs;
    if (!isStream) this.#samples = [];
    this.#samples = [...this.#samples.slice(1 - WINDOW), { timeMs: performance.now(), costMs }];
    const sorted = this.#samples.map((sample) => sample.costMs).sort((a, b) => a - b);
    const median = sorted[Math.floor(sorted.length / 2)] ?? 0;
    const rate = isStream ? ` · ${this.#framesPerSecond()} fps` : '';
    setText(this.#element, `${NAMES[recognizer.backend]} · ${median.toFixed(0)} ms a frame${rate}`);
    this.#element.title = recognizer.runtime.reason;
  }

  clear(): void {
    this.#samples = [];
  }

  #framesPerSecond(): string {
    const [first, last] = [this.#samples[0], this.#samples.at(-1)];
    if (!first || !last || last.timeMs <= first.timeMs) return '…';
    return ((1000 * (this.#samples.length - 1)) / (last.timeMs - first.timeMs)).toFixed(0);
  }
}
