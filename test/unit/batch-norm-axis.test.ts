import { FingerspellRecognizer, isFingerspellError } from 'asl-fingerspell';
import { describe, expect, it } from 'vitest';
import { ALPHABET, folderOf, tutorialMetadata } from '../support/folders';
import { NetBuilder } from '../support/net-builder';
import { drawPicture } from '../support/pictures';

// As many channels as rows and columns: every axis fits the weights.
const SIDE = 8;
const LETTERS = 5;
const picture = drawPicture(SIDE, SIDE, 6);

type Row = number[];
type Eight = [Row, Row, Row, Row, Row, Row, Row, Row];

/** A picture spread over 8 channels and a batch norm; `isFallback`: with a layer of no effect that the plan does not know. */
function build(axis: unknown, isFallback: boolean): NetBuilder {
  const net = new NetBuilder(41, [SIDE, SIDE, 3]);
  // Before the batch norm, so that whoever stops at the first unknown layer has not read the axis yet.
  if (isFallback) net.add('LeakyReLU', { alpha: 1 });
  net.conv(3, SIDE, { kernel_size: [1, 1] });
  net.batchNorm(SIDE, { axis });
  net.add('Flatten');
  net.dense(SIDE ** 3, LETTERS);
  return net;
}

/** The same by the definitions, in double precision. */
function compute({ entries }: NetBuilder): number[] {
  const [kernel, bias, gamma, beta, mean, variance, dense, last] = entries.map(({ values }) => [...values]) as Eight;
  const logits = [...last];
  for (let place = 0; place < SIDE ** 3; place++) {
    const channel = place % SIDE;
    const pixel = Math.floor(place / SIDE) * 4;
    const of = (values: readonly number[]): number => values[channel] as number;
    let x = of(bias);
    for (let c = 0; c < 3; c++)
      x += ((picture.data[pixel + c] as number) / 255) * (kernel[c * SIDE + channel] as number);
    const y = ((x - of(mean)) / Math.sqrt(of(variance) + 1e-3)) * of(gamma) + of(beta);
    for (let k = 0; k < LETTERS; k++) logits[k] = (logits[k] as number) + y * (dense[place * LETTERS + k] as number);
  }
  const powers = logits.map((logit) => Math.exp(logit - Math.max(...logits)));
  const sum = powers.reduce((a, b) => a + b, 0);
  return powers.map((power) => power / sum);
}

async function read(net: NetBuilder): Promise<readonly number[] | string> {
  const { files } = folderOf('axis', net, { metadata: tutorialMetadata(ALPHABET.slice(0, LETTERS)), side: SIDE });
  let recognizer: FingerspellRecognizer | undefined;
  try {
    recognizer = await FingerspellRecognizer.load({ model: files, backend: 'wasm' });
    return (await recognizer.classify(picture)).probabilities;
  } catch (error) {
    return isFingerspellError(error) ? error.code : `not coded: ${String(error)}`;
  } finally {
    recognizer?.dispose();
  }
}

const CHANNELS = [3, [3], -1, [-1], undefined, null];
// tfjs-layers computes something along another axis of a map, but not a batch norm.
const OTHERS = [1, [1], 2, [2], -2, [-2], -3, [-3], 0, [0], 4, -4, -5, 1.5, '3', [], [1, 3], [3, 1], [[3]]];

for (const isFallback of [false, true]) {
  describe(`a batch norm in ${isFallback ? 'a model that tfjs-layers runs' : 'a model of known layers'}`, () => {
    for (const axis of CHANNELS) {
      it(`works along the axis ${JSON.stringify(axis)}`, async () => {
        const net = build(axis, isFallback);
        const found = await read(net);
        expect(found).toHaveLength(LETTERS);
        for (const [k, p] of compute(net).entries()) expect((found as readonly number[])[k]).toBeCloseTo(p, 4);
      });
    }

    for (const axis of [...OTHERS, { type: 'ndarray', value: 3 }]) {
      it(`refuses the axis ${JSON.stringify(axis)} with a code`, async () => {
        expect(await read(build(axis, isFallback))).toBe('model-unsupported');
      });
    }
  });
}
