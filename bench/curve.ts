// Accuracy against milliseconds of trained networks, in Node on WASM:
//
//   node scripts/run-ts.mjs bench/curve.ts NAME=FOLDER … [--data DIR]
//
// FOLDER is a model folder (npm run export). Accuracy: the standard squares of the dev split, as npm run evaluate reads
// them. Time: the forward pass, the networks by turns; let nothing else run meanwhile. The first network is what the model card
// compares the others with.
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { FingerspellRecognizer } from 'asl-fingerspell';
import * as data from '../training/evaluation/data';
import type { CurvePoint } from '../training/evaluation/diagrams';
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
    return {
      name,
      weightBytes: bytesOf(model),
      readings: [] as metrics.Reading[],
      times: [] as number[],
      recognizer: await FingerspellRecognizer.load({ model, topK: 5, backend: 'wasm' }),
    };
  }),
);
for (const picture of data.readPictures(options.data, null).pictures) {
  if (!picture.box) continue;
  const image = data.decodePicture(picture.path);
  const square = data.cut(image, data.standardSquare(picture, image));
  for (const { recognizer, readings } of networks) {
    const { letter, signer } = picture;
    if (recognizer.labels.includes(letter)) {
      readings.push({ letter, signer, result: await recognizer.classify(square) });
    }
  }
}

const side = 256;
const frame = {
  data: new Uint8Array(side * side * 4).map((_, i) => (i * 2_654_435_761) >>> 24),
  width: side,
  height: side,
};
await interleave(
  Object.fromEntries(
    networks.map(({ recognizer, times }, i) => [
      i,
      async () => times.push((await recognizer.classify(frame)).timing.inferenceMs),
    ]),
  ),
  TIMED_ROUNDS,
);
const points = networks.map(({ name, weightBytes, recognizer, readings, times }): CurvePoint => {
  const people = Object.values(metrics.accuracyBy(readings, 'signer')).map(({ top1 }) => top1);
  return {
    name,
    inputSize: recognizer.inputSize,
    weightBytes,
    top1: metrics.accuracy(readings).top1,
    meanOverPeople: metrics.round(people.reduce((a, b) => a + b, 0) / people.length),
    inferenceMs: spread(times),
  };
});
for (const { recognizer } of networks) recognizer.dispose();
console.table(points.map(({ inferenceMs, ...point }) => ({ ...point, ms: inferenceMs.median })));
writeFileSync(OUT, `${JSON.stringify(points, null, 1)}\n`);

function bytesOf(model: string): number {
  const { weightsManifest } = JSON.parse(readFileSync(model, 'utf8'));
  const files: string[] = weightsManifest.flatMap(({ paths }: { paths: string[] }) => paths);
  return files.reduce((bytes, file) => bytes + statSync(path.join(path.dirname(model), file)).size, 0);
}
