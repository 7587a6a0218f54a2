import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readHand, squareAround } from '../../src/decode/hand';
import { readProbabilities, softmax } from '../../src/decode/probabilities';
import { topK } from '../../src/decode/top-k';
import { HAND_CONNECTIONS } from '../../src/hand-connections';
import { readMetadata } from '../../src/model/metadata';

const metadata = readMetadata({ int2alphabet: { 0: 'a', 1: 'b', 3: 'c' }, no_hand_index: 2 });
const logits = fc.array(fc.double({ min: -80, max: 80, noNaN: true }), { minLength: 4, maxLength: 4 });
const output = { slot: 1, size: 4, activation: 'softmax' } as const;
const total = ({ letters, noHand }: { letters: readonly number[]; noHand: number }) =>
  letters.reduce((a, b) => a + b, noHand);

describe('softmax', () => {
  it('sums to 1, keeps the order, and does not mind a shift', () => {
    fc.assert(
      fc.property(logits, fc.double({ min: -500, max: 500, noNaN: true }), (values, shift) => {
        const probabilities = softmax(values);
        expect(probabilities.reduce((a, b) => a + b, 0)).toBeCloseTo(1, 9);
        const shifted = softmax(values.map((value) => value + shift));
        for (const [i, p] of probabilities.entries()) {
          expect(shifted[i]).toBeCloseTo(p, 6);
          for (const [j, q] of probabilities.entries()) {
            if ((values[i] as number) > (values[j] as number)) expect(p).toBeGreaterThanOrEqual(q);
          }
        }
      }),
    );
  });

  it('stays finite for huge values', () => {
    expect(softmax([1e30, 1e30, -1e30])).toEqual([0.5, 0.5, 0]);
  });
});

describe('readProbabilities', () => {
  it('applies a sigmoid that the plan left out', () => {
    const { letters, noHand } = readProbabilities(
      Float32Array.of(2, 0, -1, -3),
      { ...output, activation: 'sigmoid' },
      metadata,
      null,
    );
    const each = [2, 0, -1, -3].map((x) => 1 / (1 + Math.exp(-x)));
    const sum = each.reduce((a, b) => a + b);
    expect([letters[0], letters[1], noHand, letters[2]]).toEqual(each.map((p) => expect.closeTo(p / sum, 6)));
  });

  it.each(['softmax', 'none', 'linear'] as const)('makes no answer of values that are not finite: %s', (activation) => {
    for (const value of [Number.NaN, Number.POSITIVE_INFINITY]) {
      const read = () => readProbabilities(Float32Array.of(1, value, 0, 0), { ...output, activation }, metadata, null);
      expect(read).toThrow(expect.objectContaining({ code: 'inference-failed' }));
    }
  });

  it('knows nothing where all that was probable is excluded, instead of dividing by it', () => {
    const values = Float32Array.of(1000, 0, 0, 0);
    const read = readProbabilities(values, { ...output, activation: 'linear' }, metadata, [false, true, true]);
    expect(read).toEqual({ letters: [0, 0, 0], noHand: 0 });
  });

  it('puts letters in labels order, wherever the no-hand class is', () => {
    const { letters, noHand } = readProbabilities(
      Float32Array.of(0.1, 0.2, 0.3, 0.4),
      { ...output, activation: 'linear' },
      metadata,
      null,
    );
    expect(letters.map((p) => Math.round(p * 10))).toEqual([1, 2, 4]);
    expect(noHand).toBeCloseTo(0.3, 6);
  });

  it('sums to 1 with noHand, for all letters and for some', () => {
    fc.assert(
      fc.property(logits, fc.array(fc.boolean(), { minLength: 3, maxLength: 3 }), (values, keep) => {
        fc.pre(keep.includes(true));
        const raw = Float32Array.from(values);
        expect(total(readProbabilities(raw, output, metadata, null))).toBeCloseTo(1, 6);
        const some = readProbabilities(raw, output, metadata, keep);
        if (total(some) > 0) expect(total(some)).toBeCloseTo(1, 6);
        for (const [i, isKept] of keep.entries()) if (!isKept) expect(some.letters[i]).toBe(0);
      }),
    );
  });

  it('keeps the ratio of the letters that are kept', () => {
    const values = Float32Array.of(1, 2, 0.5, 3);
    const all = readProbabilities(values, output, metadata, null);
    const some = readProbabilities(values, output, metadata, [true, true, false]);
    const ratio = ({ letters }: { letters: readonly number[] }) => (letters[1] as number) / (letters[0] as number);
    expect(ratio(some)).toBeCloseTo(ratio(all), 9);
    expect(some.noHand / (some.letters[0] as number)).toBeCloseTo(all.noHand / (all.letters[0] as number), 9);
  });

  it('takes an output that is no distribution for logits', () => {
    const linear = { ...output, activation: 'linear' } as const;
    for (const values of [
      [5, -3, 0, 1],
      [2, -1, 0.5, -0.5],
      [0.5, 0.3, 0.2, 0.1],
    ]) {
      const read = readProbabilities(Float32Array.from(values), linear, metadata, null);
      expect(read).toEqual(readProbabilities(Float32Array.from(values), output, metadata, null));
    }
  });
});

describe('topK', () => {
  it('gives the k most probable, in order, equal ones in labels order', () => {
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom(0, 0.1, 0.2, 0.5), { minLength: 1, maxLength: 26 }),
        fc.nat(25),
        (values, n) => {
          const labels = values.map((_, i) => String.fromCharCode(97 + i));
          const k = 1 + (n % values.length);
          const top = topK(labels, values, k);
          expect(top).toHaveLength(k);
          for (let i = 1; i < k; i++) {
            const [before, after] = [top[i - 1], top[i]] as [(typeof top)[0], (typeof top)[0]];
            const isEarlier = before.letter < after.letter;
            expect(
              before.probability > after.probability || (before.probability === after.probability && isEarlier),
            ).toBe(true);
          }
          const smallest = top.at(-1)?.probability ?? 0;
          expect(values.filter((p) => p > smallest).length).toBeLessThan(k);
        },
      ),
    );
  });
});

describe('readHand', () => {
  const values = (presence: number) =>
    Float32Array.from({ length: 64 }, (_, i) => (i === 63 ? presence : (i % 7) / 10));
  const square = { x: 100, y: -20, side: 200 };

  it('is null where no hand is present, or the presence is no number', () => {
    expect(readHand(values(-1), square, 640, 480, false)).toBeNull();
    expect(readHand(values(Number.NaN), square, 640, 480, false)).toBeNull();
  });

  it('is null where a joint is no number, and its square stays within reach of the frame wherever it is', () => {
    const far = values(2);
    far[4] = Number.POSITIVE_INFINITY;
    expect(readHand(far, square, 640, 480, false)).toBeNull();
    far[4] = 1e30;
    const hand = readHand(far, square, 640, 480, false);
    expect(hand && squareAround(hand, 640, 480, 1.4).side).toBe(1280);
  });

  it('places joints in the frame, and mirrored ones where they are in the unmirrored frame', () => {
    const straight = readHand(values(2), square, 640, 480, false);
    const mirrored = readHand(values(2), square, 640, 480, true);
    expect(straight?.joints).toHaveLength(21);
    expect(straight?.presence).toBeCloseTo(1 / (1 + Math.exp(-2)), 6);
    expect(straight?.joints[1]).toMatchObject({
      x: expect.closeTo((100 + 0.3 * 200) / 640),
      y: expect.closeTo((-20 + 0.4 * 200) / 480),
      // In the unit of x, see `Hand`.
      z: expect.closeTo((0.5 * 200) / 640),
    });
    for (const [i, joint] of (straight?.joints ?? []).entries()) {
      const twin = mirrored?.joints[i];
      // Mirrored within the square that was read: the two lie evenly on both sides of its middle.
      expect(joint.x + (twin?.x ?? 0)).toBeCloseTo((2 * (square.x + square.side / 2)) / 640, 6);
      expect(twin).toMatchObject({ y: joint.y, z: joint.z });
    }
  });

  it('leaves something to look at around joints that all lie in one place', () => {
    const hand = readHand(
      Float32Array.from({ length: 64 }, () => 0.5),
      square,
      640,
      480,
      false,
    );
    expect(hand && squareAround(hand, 640, 480, 1.5)).toEqual({ x: 188, y: 68, side: 24 });
  });

  it('puts a square around the hand that holds every joint, whatever they are', () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: -1, max: 2, noNaN: true }), { minLength: 64, maxLength: 64 }),
        (numbers) => {
          const hand = readHand(Float32Array.from([...numbers.slice(0, 63), 5]), square, 640, 480, false);
          if (!hand) throw new Error('There is a hand.');
          const around = squareAround(hand, 640, 480, 1.4);
          for (const { x, y } of hand.joints) {
            expect(x * 640).toBeGreaterThan(around.x);
            expect(x * 640).toBeLessThan(around.x + around.side);
            expect(y * 480).toBeGreaterThan(around.y);
            expect(y * 480).toBeLessThan(around.y + around.side);
          }
        },
      ),
    );
  });
});

describe('HAND_CONNECTIONS', () => {
  it('joins all 21 joints, each tip by one line, and no two joints twice', () => {
    const lines = HAND_CONNECTIONS.map((line) => [...line].sort((a, b) => a - b).join());
    expect(new Set(lines).size).toBe(lines.length);
    const reached = new Set([0]);
    for (let i = 0; i < 21; i++) {
      for (const line of HAND_CONNECTIONS)
        if (line.some((joint) => reached.has(joint))) line.map((it) => reached.add(it));
    }
    expect([...reached].sort((a, b) => a - b)).toEqual(Array.from({ length: 21 }, (_, i) => i));
    for (const tip of [4, 8, 12, 16, 20]) {
      expect(HAND_CONNECTIONS.filter((line) => line.includes(tip))).toEqual([[tip - 1, tip]]);
    }
  });
});
