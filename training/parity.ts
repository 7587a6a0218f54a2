import { readFileSync } from 'node:fs';
import { createWasmDevice } from '../src/backend/wasm';
import { PlanRunner } from '../src/inference/run';
import { prepareModel } from '../src/model/prepare';
import type { Dump, Parity } from './dump';
import type { LayersModel } from './keras';

/** How far the exported folder is from the trainer. */
export interface ParityReport {
  readonly pictures: number;
  /** Unquantised folder against PyTorch: largest difference of a logit (times the temperature) and of a joint. */
  readonly maxLogitDifference: number;
  readonly maxJointDifference: number;
  /** Quantised folder against PyTorch: share of pictures with the same top letter. */
  readonly quantizedTop1Agreement: number;
  readonly quantizedMeanJointDifference: number;
}

/** Runs both folders on the dump's pictures with the library's plan, and compares with PyTorch's numbers. */
export async function compareWithTrainer(
  dump: Dump,
  plain: LayersModel,
  small: LayersModel,
  metadata: object,
): Promise<ParityReport> {
  const parity = dump.parity as Parity;
  const { temperature, input_range: range } = dump.json;
  const exact = await runAll(plain, metadata, parity, range);
  const quantized = await runAll(small, metadata, parity, range);
  const letters = dump.json.labels.length;
  let maxLogitDifference = 0;
  let maxJointDifference = 0;
  let jointSum = 0;
  let agreements = 0;
  for (const [i, wanted] of parity.logits.entries()) {
    const [logits, joints] = exact[i] as Outputs;
    maxLogitDifference = Math.max(
      maxLogitDifference,
      ...wanted.map((x, k) => Math.abs(x - (logits[k] as number) * temperature)),
    );
    const [rounded, roundedJoints] = quantized[i] as Outputs;
    if (argMax(rounded.subarray(0, letters)) === argMax(wanted.subarray(0, letters))) agreements++;
    if (!parity.joints) continue;
    const wantedJoints = asFractions(parity.joints[i] as Float32Array);
    if (joints) maxJointDifference = Math.max(maxJointDifference, largestDifference(joints, wantedJoints));
    if (roundedJoints) jointSum += meanDifference(roundedJoints, wantedJoints);
  }
  const pictures = parity.logits.length;
  return {
    pictures,
    maxLogitDifference,
    maxJointDifference,
    quantizedTop1Agreement: agreements / pictures,
    quantizedMeanJointDifference: jointSum / pictures,
  };
}

type Outputs = readonly [Float32Array, Float32Array | undefined];

async function runAll(
  model: LayersModel,
  metadata: object,
  parity: Parity,
  [low, high]: readonly [number, number],
): Promise<Outputs[]> {
  const weights = model.weights.buffer as ArrayBuffer;
  const { network } = await prepareModel({ modelJson: model.modelJson, metadata, weights: [weights] });
  if (!('steps' in network)) throw network.reason;
  const binary = readFileSync('node_modules/@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm-simd.wasm');
  const bytes = binary.buffer.slice(binary.byteOffset, binary.byteOffset + binary.byteLength) as ArrayBuffer;
  const device = await createWasmDevice(bytes, true);
  const runner = new PlanRunner(network, device);
  const all: Outputs[] = [];
  for (const image of parity.images) {
    const [first, second] = await runner.run(Float32Array.from(image, (byte) => low + (byte / 255) * (high - low)));
    all.push([first as Float32Array, second]);
  }
  device.dispose();
  return all;
}

/** PyTorch's joints lie in −1…1 across the square, the folder's in 0…1. */
function asFractions(joints: Float32Array): Float32Array {
  return joints.map((value, i) => (i === 63 ? value : value / 2 + (i % 3 === 2 ? 0 : 0.5)));
}

function argMax(values: Float32Array): number {
  return values.indexOf(Math.max(...values));
}

function largestDifference(a: Float32Array, b: Float32Array): number {
  return Math.max(...a.map((value, i) => Math.abs(value - (b[i] as number))));
}

function meanDifference(a: Float32Array, b: Float32Array): number {
  return a.subarray(0, 63).reduce((sum, value, i) => sum + Math.abs(value - (b[i] as number)), 0) / 63;
}
