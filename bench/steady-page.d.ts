/** What bench/steady-page.js puts on `window.steady`. */
export interface SteadyPage {
  open(options: { worker?: boolean }): Promise<void>;
  play(seconds: number): Promise<void>;
  classify(count: number): Promise<void>;
  several(count: number, frames: number): Promise<number[]>;
  wasmBytes(): number;
  run(seconds: number, perSecond: number): Promise<{ count: number; longTasks: number[]; gaps: number[] }>;
}
