import { setWasmPaths } from '@tensorflow/tfjs-backend-wasm';
import * as tf from '@tensorflow/tfjs-core';
import * as layers from '@tensorflow/tfjs-layers';
import { FingerspellRecognizer } from 'asl-fingerspell';
import { interleave, type Spread, spread } from './stats';
import { createTutorialReader } from './tutorial';

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

async function measure(rounds: number): Promise<PageReport> {
  const video = await openCamera();
  const start = performance.now();
  const recognizer = await FingerspellRecognizer.load({ backend: 'wasm', assets });
  const loadMs = performance.now() - start;
  await recognizer.classify(video);
  const firstResultMs = performance.now() - start;
  setWasmPaths('./');
  await tf.setBackend('wasm');
  const modelJson = await (await fetch('./model.json')).json();
  const weights = await (await fetch('./model.bin')).arrayBuffer();
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

async function openCamera(): Promise<HTMLVideoElement> {
  const video = document.createElement('video');
  video.muted = true;
  video.srcObject = await navigator.mediaDevices.getUserMedia({ video: { width: 640, height: 480 } });
  await video.play();
  return video;
}

Object.assign(window, { measure });
