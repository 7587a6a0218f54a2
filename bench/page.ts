import { setWasmPaths } from '@tensorflow/tfjs-backend-wasm';
import * as tf from '@tensorflow/tfjs-core';
import * as layers from '@tensorflow/tfjs-layers';
import { FingerspellRecognizer } from 'asl-fingerspell';
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
}

/** What the page measures; the script that opened it reads it from `window.measure`. */
export interface PageReport {
  readonly firstResultMs: number;
  readonly loadMs: number;
  readonly source: string;
  readonly ours: Spread;
  readonly preprocess: Spread;
  readonly inference: Spread;
  readonly tutorial: Spread;
}

const assets = { baseUrl: './' };

async function measure({ rounds, width, height, folder, isShipped }: Task): Promise<PageReport> {
  const video = await openCamera(width, height);
  const start = performance.now();
  const model = isShipped ? {} : { model: `${folder}model.json` };
  const recognizer = await FingerspellRecognizer.load({ backend: 'wasm', assets, ...model });
  const loadMs = performance.now() - start;
  await recognizer.classify(video);
  const firstResultMs = performance.now() - start;
  setWasmPaths('./');
  await tf.setBackend('wasm');
  const modelJson = await (await fetch(`${folder}model.json`)).json();
  const weights = await (await fetch(folder + modelJson.weightsManifest[0].paths[0])).arrayBuffer();
  const reader = await createTutorialReader(tf, layers, modelJson, weights);
  const [preprocess, inference]: [number[], number[]] = [[], []];
  const times = await interleave(
    {
      ours: async () => {
        const { timing } = await recognizer.classify(video);
        preprocess.push(timing.preprocessMs);
        inference.push(timing.inferenceMs);
      },
      tutorial: () => reader.classify(video),
    },
    rounds,
  );
  const source = `${video.videoWidth}×${video.videoHeight}`;
  recognizer.dispose();
  reader.dispose();
  for (const track of (video.srcObject as MediaStream).getTracks()) track.stop();
  return {
    firstResultMs,
    loadMs,
    source,
    ours: spread(times.ours),
    preprocess: spread(preprocess),
    inference: spread(inference),
    tutorial: spread(times.tutorial),
  };
}

async function openCamera(width: number, height: number): Promise<HTMLVideoElement> {
  const video = document.createElement('video');
  video.muted = true;
  video.srcObject = await navigator.mediaDevices.getUserMedia({ video: { width, height } });
  await video.play();
  return video;
}

Object.assign(window, { measure });
