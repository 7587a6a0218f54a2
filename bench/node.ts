// One process's worth of measurements in Node, printed as JSON: cold start first, then frames.
//
//   node scripts/run-ts.mjs bench/node.ts ROUNDS FOLDER ONNX
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { FingerspellRecognizer } from 'asl-fingerspell';
import { softmax } from '../src/decode/probabilities';
import { Preprocessor } from '../src/frame/preprocess';
import type { Report } from './page';
import { createOnnxReader, type Ort } from './peers';
import { interleave, spread } from './stats';
import { createTutorialReader } from './tutorial';

const [rounds, folder, onnxFile] = [Number(process.argv[2]), process.argv[3] as string, process.argv[4] as string];
const frame = {
  data: new Uint8Array(640 * 480 * 4).map((_, i) => (i % 4 === 3 ? 255 : (i * 2_654_435_761) >>> 24)),
  width: 640,
  height: 480,
};

const start = performance.now();
const recognizer = await FingerspellRecognizer.load(folder === 'dist' ? {} : { model: `${folder}/model.json` });
const loadMs = performance.now() - start;
await recognizer.classify(frame);
const firstResultMs = performance.now() - start;

const tf = await import('@tensorflow/tfjs-core');
const layers = await import('@tensorflow/tfjs-layers');
await import('@tensorflow/tfjs-backend-wasm');
await tf.setBackend('wasm');
const modelJson = JSON.parse(readFileSync(`${folder}/model.json`, 'utf8'));
const weights = readFileSync(`${folder}/${modelJson.weightsManifest[0].paths[0]}`);
const buffer = weights.buffer.slice(weights.byteOffset, weights.byteOffset + weights.byteLength) as ArrayBuffer;
const reader = await createTutorialReader(tf, layers, modelJson, buffer);

const { labels, inputSize } = recognizer;
const ort = createRequire(path.resolve('bench/peers/package.json'))('onnxruntime-web') as Ort;
const preprocessor = new Preprocessor(inputSize, { factor: 1, shift: [0, 0, 0] });
const onnx = await createOnnxReader(ort, readFileSync(onnxFile), inputSize, preprocessor);

const [preprocess, inference]: [number[], number[]] = [[], []];
const times = await interleave(
  {
    ours: async () => {
      const { timing } = await recognizer.classify(frame);
      preprocess.push(timing.preprocessMs);
      inference.push(timing.inferenceMs);
    },
    tutorial: () => reader.classify(frame),
    onnx: () => onnx.classify(frame),
  },
  rounds,
);
const theirs = softmax(await onnx.classify(frame));
const { predictions } = await recognizer.classify(frame, { topK: labels.length });
const report: Report = {
  firstResultMs,
  loadMs,
  source: '640×480',
  ours: spread(times.ours),
  preprocess: spread(preprocess),
  inference: spread(inference),
  tutorial: spread(times.tutorial),
  onnx: spread(times.onnx),
  onnxDifference: Math.max(
    ...predictions.map(({ letter, probability }) => {
      return Math.abs(probability - (theirs[labels.indexOf(letter)] as number));
    }),
  ),
};
console.log(JSON.stringify(report));
