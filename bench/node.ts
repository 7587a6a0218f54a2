// One process's worth of measurements in Node, printed as JSON: cold start first, then frames.
import { readFileSync } from 'node:fs';
import { FingerspellRecognizer } from 'asl-fingerspell';
import { interleave, spread } from './stats';
import { createTutorialReader } from './tutorial';

const [rounds, folder = 'dist'] = [Number(process.argv[2] ?? 50), process.argv[3]];
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
const [preprocess, inference]: [number[], number[]] = [[], []];
const times = await interleave(
  {
    ours: async () => {
      const { timing } = await recognizer.classify(frame);
      preprocess.push(timing.preprocessMs);
      inference.push(timing.inferenceMs);
    },
    tutorial: () => reader.classify(frame),
  },
  rounds,
);
console.log(
  JSON.stringify({
    firstResultMs,
    loadMs,
    source: '640×480',
    ours: spread(times.ours),
    preprocess: spread(preprocess),
    inference: spread(inference),
    tutorial: spread(times.tutorial),
  }),
);
