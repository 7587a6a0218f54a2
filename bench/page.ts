import { setWasmPaths } from '@tensorflow/tfjs-backend-wasm';
import * as tf from '@tensorflow/tfjs-core';
import * as layers from '@tensorflow/tfjs-layers';
import { FingerspellRecognizer, type LoadProgress } from 'asl-fingerspell';
import { softmax } from '../src/decode/probabilities';
import { Preprocessor } from '../src/frame/preprocess';
import { createHandLandmarker, createOnnxReader, type Ort, type TasksVision } from './peers';
import { interleave, type Spread, spread } from './stats';
import { createTutorialReader } from './tutorial';

/** What is measured, and where its files are. */
export interface Task {
  readonly rounds: number;
  readonly width: number;
  readonly height: number;
  /** Address of the model's folder, with a slash at its end. */
  readonly folder: string;
  readonly isShipped: boolean;
  /** Whether MediaPipe takes its turns as well. */
  readonly findsHands: boolean;
}

/** What the page measures; the script that opened it reads it from `window.measure`. */
export interface Report {
  readonly firstResultMs: number;
  readonly loadMs: number;
  readonly source: string;
  readonly ours: Spread;
  readonly preprocess: Spread;
  readonly inference: Spread;
  readonly tutorial: Spread;
  readonly onnx: Spread;
  /** Largest difference between our probabilities and those of ONNX, on one picture. */
  readonly onnxDifference: number;
  /** MediaPipe's joints, and how many of the frames had a hand for it. */
  readonly mediapipe?: Spread & { readonly found: number };
  /** Until all is downloaded, compiled, warmed up, and the first frame read: ms each. */
  readonly phases?: Readonly<Record<string, number>>;
}

/** The network alone, with one thread and with several. */
export interface ThreadsReport {
  readonly threads: number;
  readonly one: Spread;
  readonly many: Spread;
}

const assets = { baseUrl: './' };

async function measure({ rounds, width, height, folder, isShipped, findsHands }: Task): Promise<Report> {
  const video = await openCamera(width, height);
  const { recognizer, loadMs, firstResultMs, phases } = await start(
    video,
    isShipped ? undefined : `${folder}model.json`,
  );
  setWasmPaths('./');
  await tf.setBackend('wasm');
  const modelJson = await (await fetch(`${folder}model.json`)).json();
  const weights = await (await fetch(folder + modelJson.weightsManifest[0].paths[0])).arrayBuffer();
  const reader = await createTutorialReader(tf, layers, modelJson, weights);
  const onnx = await openOnnx(folder, recognizer.inputSize);
  const mediapipe = findsHands ? await openMediaPipe() : null;

  const [preprocess, inference]: [number[], number[]] = [[], []];
  let found = 0;
  const times = await interleave(
    {
      ours: async () => {
        const { timing } = await recognizer.classify(video);
        preprocess.push(timing.preprocessMs);
        inference.push(timing.inferenceMs);
      },
      tutorial: () => reader.classify(video),
      onnx: () => onnx.classify(video),
      mediapipe: async () => {
        found += (await mediapipe?.find(video)) ?? 0;
      },
    },
    rounds,
  );
  const report = {
    firstResultMs,
    loadMs,
    phases,
    source: `${video.videoWidth}×${video.videoHeight}`,
    ours: spread(times.ours),
    preprocess: spread(preprocess),
    inference: spread(inference),
    tutorial: spread(times.tutorial),
    onnx: spread(times.onnx),
    onnxDifference: await compare(video, recognizer, onnx),
    ...(mediapipe ? { mediapipe: { ...spread(times.mediapipe), found } } : {}),
  };
  recognizer.dispose();
  reader.dispose();
  mediapipe?.dispose();
  await onnx.dispose();
  for (const track of (video.srcObject as MediaStream).getTracks()) track.stop();
  return report;
}

/** Loads the library's model and reads a first frame, and notes when each phase was done. */
async function start(video: HTMLVideoElement, model: string | undefined) {
  const begin = performance.now();
  const ends: Record<string, number> = {};
  const onProgress = ({ phase }: LoadProgress): void => {
    ends[phase] = performance.now() - begin;
  };
  const recognizer = await FingerspellRecognizer.load({
    backend: 'wasm',
    assets,
    onProgress,
    model,
  });
  const loadMs = performance.now() - begin;
  await recognizer.classify(video);
  const firstResultMs = performance.now() - begin;
  const phases: Record<string, number> = {};
  let before = 0;
  for (const [phase, end] of Object.entries({ ...ends, ready: loadMs, firstFrame: firstResultMs })) {
    phases[phase] = Math.round((end - before) * 10) / 10;
    before = end;
  }
  return { recognizer, loadMs, firstResultMs, phases };
}

async function openOnnx(folder: string, size: number) {
  const ort = (await load('./ort/ort.wasm.min.mjs')) as Ort;
  ort.env.wasm.wasmPaths = new URL('./ort/', location.href).href;
  const model = new Uint8Array(await (await fetch(`${folder}model.onnx`)).arrayBuffer());
  return createOnnxReader(ort, model, size, new Preprocessor(size, { factor: 1, shift: [0, 0, 0] }));
}

async function openMediaPipe() {
  return createHandLandmarker((await load('./mediapipe/vision_bundle.mjs')) as TasksVision, './mediapipe/');
}

/** A file of its own, which is not bundled. */
function load(file: string): Promise<unknown> {
  return import(new URL(file, location.href).href);
}

async function compare(
  video: HTMLVideoElement,
  recognizer: FingerspellRecognizer,
  onnx: Awaited<ReturnType<typeof openOnnx>>,
): Promise<number> {
  const picture = Object.assign(document.createElement('canvas'), {
    width: video.videoWidth,
    height: video.videoHeight,
  });
  picture.getContext('2d')?.drawImage(video, 0, 0);
  const { labels } = recognizer;
  const ours = await recognizer.classify(picture, { topK: labels.length });
  const theirs = softmax(await onnx.classify(picture));
  return Math.max(
    ...ours.predictions.map(({ letter, probability }) => {
      return Math.abs(probability - (theirs[labels.indexOf(letter)] as number));
    }),
  );
}

async function openCamera(width: number, height: number): Promise<HTMLVideoElement> {
  const video = document.createElement('video');
  video.muted = true;
  video.srcObject = await navigator.mediaDevices.getUserMedia({ video: { width, height } });
  await video.play();
  return video;
}

/** For an isolated page, where peers would use threads as well. */
async function measureThreads({ rounds, width, height }: Task): Promise<ThreadsReport> {
  const video = await openCamera(width, height);
  const options = { backend: 'wasm', assets } as const;
  const one = await FingerspellRecognizer.load(options);
  const many = await FingerspellRecognizer.load({ ...options, threads: true });
  const [oneMs, manyMs]: [number[], number[]] = [[], []];
  await interleave(
    {
      one: async () => oneMs.push((await one.classify(video)).timing.inferenceMs),
      many: async () => manyMs.push((await many.classify(video)).timing.inferenceMs),
    },
    rounds,
  );
  const { threads } = many.runtime;
  one.dispose();
  many.dispose();
  return { threads, one: spread(oneMs), many: spread(manyMs) };
}

Object.assign(window, { measure, measureThreads });
