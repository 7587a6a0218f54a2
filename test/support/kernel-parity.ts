import type { Crew } from '../../src/inference/kernels/crew';
import { KernelRunner } from '../../src/inference/kernels/runner';
import type { Plan } from '../../src/inference/plan';
import { runNaively } from './naive-plan';
import { seededRandom } from './pictures';

/** The largest difference between our kernels and the definition, as a share of the largest number of an output. */
export async function compareWithNaive(plan: Plan, module: WebAssembly.Module, crew: Crew, seed = 1): Promise<number> {
  const runner = await KernelRunner.create(plan, module, crew);
  let worst = 0;
  for (let frame = 0; frame < 2; frame++) {
    const random = seededRandom(seed + frame);
    const input = new Float32Array(plan.inputShape.reduce((a, b) => a * b)).map(() => random() * 2 - 1);
    const found = await runner.run(input);
    for (const [i, wanted] of runNaively(plan, input).entries()) {
      const values = found[i] as Float32Array;
      if (values.length !== wanted.length) throw new Error(`${values.length} numbers instead of ${wanted.length}`);
      const largest = wanted.reduce((most, value) => Math.max(most, Math.abs(value)), 1);
      const difference = wanted.reduce((most, value, k) => Math.max(most, Math.abs(value - (values[k] as number))), 0);
      worst = Math.max(worst, Number.isNaN(difference) ? Number.POSITIVE_INFINITY : difference / largest);
    }
  }
  runner.dispose();
  return worst;
}
