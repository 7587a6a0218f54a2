import { describe, expect, it } from 'vitest';
import { relaxed, simd } from '../../src/inference/kernels/binaries';
import { compileBinary } from '../../src/inference/kernels/code';
import { ALONE } from '../../src/inference/kernels/crew';
import { compareWithNaive } from '../support/kernel-parity';
import { randomPlan } from '../support/random-plan';

const PLANS = 150;

describe('our kernels in Chromium beside the definition of every step', () => {
  for (const [name, binary] of Object.entries({ relaxed, simd })) {
    it(`compute the same with ${name === 'simd' ? 'plain' : 'relaxed'} SIMD`, async () => {
      const module = (await compileBinary(binary, false)) as WebAssembly.Module;
      expect(module).not.toBeNull();
      let worst = 0;
      for (let seed = 1001; seed <= 1000 + PLANS; seed++) {
        const found = await compareWithNaive(randomPlan(seed), module, ALONE, seed);
        worst = Math.max(worst, found);
        expect(found, `network ${seed}`).toBeLessThan(1e-5);
      }
      console.log(`largest relative difference of our kernels (${name}) to plain loops: ${worst.toExponential(1)}`);
    });
  }
});
