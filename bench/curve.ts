// Accuracy against milliseconds of trained networks, in Node on WASM:
//
//   node scripts/run-ts.mjs bench/curve.ts NAME=FOLDER … [--data DIR]
//
// FOLDER is a model folder (npm run export). Accuracy: the standard squares of the dev split, as npm run evaluate reads
// them. Time: the forward pass, the networks by turns; let nothing else run meanwhile.
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { FingerspellRecognizer } from 'asl-fingerspell';
import * as data from '../training/evaluation/data';
import * as metrics from '../training/evaluation/metrics';
import { interleave, spread } from './stats';

const TIMED_ROUNDS = 60;
const OUT = 'bench/results/accuracy-curve.json';

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: { data: { type: 'string', default: '../shared/data' } },
});
if (positionals.length === 0) throw new Error('Name networks: NAME=FOLDER …, each a folder of npm run export.');

const networks = await Promise.all(
  positionals.map(async (argument) => {
    const [name = '', folder = ''] = argument.split('=');
    const model = `${path.resolve(folder)}/model.json`;
    return { name, recognizer: await FingerspellRecognizer.load({ model, topK: 5, backend: 'wasm' }) };
  }),
);
const readings = new Map<string, metrics.Reading[]>(networks.map(({ name }) => [name, []]));
for (const picture of data.readPictures(options.data, null).pictures) {
  if (!picture.box) continue;
  const image = data.decodePicture(picture.path);
  const square = data.cut(image, data.standardSquare(picture, image));
  for (const { name, recognizer } of networks) {
    const { letter, signer } = picture;
    if (!recognizer.labels.includes(letter)) continue;
    readings.get(name)?.push({ letter, signer, result: await recognizer.classify(square) });
  }
}

const side = 256;
const frame = {
  data: new Uint8Array(side * side * 4).map((_, i) => (i * 2_654_435_761) >>> 24),
  width: side,
  height: side,
};
const inference = new Map<string, number[]>(networks.map(({ name }) => [name, []]));
await interleave(
  Object.fromEntries(
    networks.map(({ name, recognizer }) => [
      name,
      async () => inference.get(name)?.push((await recognizer.classify(frame)).timing.inferenceMs),
    ]),
  ),
  TIMED_ROUNDS,
);
const points = networks.map(({ name, recognizer }) => {
  const own = readings.get(name) ?? [];
  const people = Object.values(metrics.accuracyBy(own, 'signer')).map(({ top1 }) => top1);
  return {
    name,
    inputSize: recognizer.inputSize,
    top1: metrics.accuracy(own).top1,
    meanOverPeople: metrics.round(people.reduce((a, b) => a + b, 0) / people.length),
    inferenceMs: spread(inference.get(name) ?? []),
  };
});
for (const { recognizer } of networks) recognizer.dispose();
console.table(points.map(({ inferenceMs, ...point }) => ({ ...point, ms: inferenceMs.median })));
writeFileSync(OUT, `${JSON.stringify(points, null, 1)}\n`);
