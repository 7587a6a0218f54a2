import { FingerspellError } from '../errors';
import { compile } from '../inference/compile';
import type { Plan } from '../inference/plan';
import { readTopology } from '../inference/topology';
import { decodeWeights } from '../inference/weights';
import type { ModelFiles } from '../types';
import { invalid, type Metadata, readMetadata } from './metadata';

/** A model ready to be put on a device. */
export interface Model {
  readonly plan: Plan;
  readonly metadata: Metadata;
  readonly inputSize: number;
}

/** Checks the files of a model against each other and compiles them. */
export async function prepareModel(files: ModelFiles): Promise<Model> {
  const metadata = readMetadata(files.metadata);
  await verifyHash(files.weights, metadata.weightsSha256);
  const topology = readTopology(files.modelJson);
  const [height, width] = topology.inputShape;
  const side = height ?? width ?? metadata.imageSize;
  if (side === null) throw invalid('it has no image_size, and the model takes any');
  if ((width ?? side) !== side) throw invalid(`the model's input is not square (${width} × ${height} px)`);
  if (metadata.imageSize !== null && metadata.imageSize !== side) {
    throw invalid(`its image_size is ${metadata.imageSize}, but the model's input has ${side} px`);
  }
  const plan = compile(topology, decodeWeights(files.modelJson, files.weights), side);
  checkOutputs(plan, metadata);
  return { plan, metadata, inputSize: side };
}

function checkOutputs(plan: Plan, metadata: Metadata): void {
  const classes = metadata.outputs.length + (metadata.noHandIndex === null ? 0 : 1);
  const size = plan.outputs[0]?.size ?? 0;
  const highest = Math.max(metadata.noHandIndex ?? 0, ...metadata.outputs);
  if (size !== classes || highest >= size) {
    throw invalid(`it names ${classes} classes, but the model's first output has ${size} values`);
  }
  if (metadata.handOutput !== null && plan.outputs[metadata.handOutput]?.size !== 64) {
    throw invalid(`its hand_output ${metadata.handOutput} is not an output of 64 values`);
  }
}

/** Guards against a weight file of another version, cut short or swapped: `weights_sha256` where metadata has it. */
async function verifyHash(weights: readonly ArrayBuffer[], expected: string | null): Promise<void> {
  const [only] = weights;
  // Without a secure context there is no crypto.subtle; the lengths are checked in any case.
  const subtle = globalThis.crypto?.subtle;
  if (expected === null || !subtle || !only || weights.length !== 1) return;
  const digest = new Uint8Array(await subtle.digest('SHA-256', only));
  const hex = Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join('');
  if (hex === expected) return;
  throw new FingerspellError(
    'asset-invalid',
    "The model's weight file is not the one that its metadata.json describes (another SHA-256). Deploy the files of " +
      'one version together, and clear caches that mix them.',
  );
}
