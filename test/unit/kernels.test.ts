import { describe, expect, it } from 'vitest';
import { compileKernels } from '../../src/inference/kernels/code';
import { ALONE } from '../../src/inference/kernels/crew';
import { compareWithNaive } from '../support/kernel-parity';
import { randomPlan } from '../support/random-plan';

const PLANS = 400;

describe('our kernels beside the definition of every step', () => {
  it(`compute the same in ${PLANS} networks of all steps and shapes`, async () => {
    const module = (await compileKernels(false)) as WebAssembly.Module;
    let worst = 0;
    for (let seed = 1; seed <= PLANS; seed++) {
      const found = await compareWithNaive(randomPlan(seed), module, ALONE, seed);
      worst = Math.max(worst, found);
      expect(found, `network ${seed}`).toBeLessThan(1e-5);
    }
    console.log(`largest relative difference of our kernels to plain loops: ${worst.toExponential(1)}`);
  });
});
