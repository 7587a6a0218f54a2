import { FingerspellError } from '../errors';
import { compile } from '../inference/compile';
import { BeyondPlan } from '../inference/faults';
import type { LayersNetwork } from '../inference/layers-fallback';
import type { Output, Plan } from '../inference/plan';
import { readTopology, type Topology } from '../inference/topology';
import { concatenate, decodeWeights, type Weight } from '../inference/weights';
import type { ModelFiles } from '../types';
import { invalid, type Metadata, readMetadata } from './metadata';

/** A model ready to be put on a device. */
export interface Model {
  readonly network: Plan | LayersNetwork;
  readonly metadata: Metadata;
  readonly inputSize: number;
}

/** Checks the files of a model against each other and compiles them. */
export async function prepareModel(files: ModelFiles): Promise<Model> {
  const metadata = readMetadata(files.metadata);
  const bytes = concatenate(files.weights);
  await verifyHash(bytes, metadata.weightsSha256);
  const topology = readTopology(files.modelJson);
  const [height, width] = topology.inputShape;
  const side = height ?? width ?? metadata.imageSize;
  if (side === null) throw invalid('it has no image_size, and the model takes any');
  if ((width ?? side) !== side) throw invalid(`the model's input is not square (${width} × ${height} px)`);
  if (metadata.imageSize !== null && metadata.imageSize !== side) {
    throw invalid(`its image_size is ${metadata.imageSize}, but the model's input has ${side} px`);
  }
  const weights = decodeWeights(files.modelJson, [bytes.buffer]);
  return { network: compileIfKnown(topology, weights, side), metadata, inputSize: side };
}

function compileIfKnown(topology: Topology, weights: ReadonlyMap<string, Weight>, side: number): Plan | LayersNetwork {
  try {
    return compile(topology, weights, side);
  } catch (error) {
    if (error instanceof BeyondPlan) return { topology, weights, reason: error };
    throw error;
  }
}

/** Checks a network's outputs against what `metadata.json` says of them. */
export function checkOutputs(outputs: readonly Output[], metadata: Metadata): void {
  const classes = metadata.outputs.length + (metadata.noHandIndex === null ? 0 : 1);
  const size = outputs[0]?.size ?? 0;
  const highest = Math.max(metadata.noHandIndex ?? 0, metadata.outputs.at(-1) ?? 0);
  if (size !== classes) throw invalid(`it names ${classes} classes, but the model's first output has ${size} values`);
  if (highest >= size) throw invalid(`it has the index ${highest}, but the model's first output ends at ${size - 1}`);
  if (metadata.handOutput !== null && outputs[metadata.handOutput]?.size !== 64) {
    throw invalid(`its hand_output ${metadata.handOutput} is not an output of 64 values`);
  }
}

/** Guards against weights of another version, cut short or swapped: `weights_sha256`, of all files in their order. */
async function verifyHash(bytes: Uint8Array<ArrayBuffer>, expected: string | null): Promise<void> {
  // Without a secure context there is no crypto.subtle; the lengths are checked in any case.
  const subtle = globalThis.crypto?.subtle;
  if (expected === null || !subtle) return;
  const digest = new Uint8Array(await subtle.digest('SHA-256', bytes));
  const hex = Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join('');
  if (hex === expected) return;
  throw new FingerspellError(
    'asset-invalid',
    `The model's weights, ${bytes.byteLength} bytes, are not those that its metadata.json describes (another SHA-256). ` +
      'Deploy the files of one version together and unchanged (no Git LFS pointers), and clear caches that mix them.',
  );
}
