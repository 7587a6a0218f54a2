import type { LoadWasm } from '../backend/select';
import { describeError, FingerspellError, isFingerspellError } from '../errors';
import type { BackendName } from '../types';
import { type BeyondPlan, quoteTfjs, unsupported } from './faults';
import type { Runner } from './run';
import type { Topology } from './topology';
import type { Weight } from './weights';

/** A model that the plan has no words for: its layers and weights as they are. */
export interface LayersNetwork {
  readonly topology: Topology;
  readonly weights: ReadonlyMap<string, Weight>;
  /** Why there is no plan. */
  readonly reason: BeyondPlan;
}

/**
 * Runs a network with `@tensorflow/tfjs-layers`, in a file of its own that only such models load. That file holds its
 * own tfjs-core as well, with an engine that no other program sees: whatever runs there, an app's tfjs does not notice.
 */
export async function startLayers(
  network: LayersNetwork,
  inputSize: number,
  backend: BackendName,
  loadWasm: LoadWasm,
): Promise<Runner> {
  const { startLayersRunner } = await import('./layers-runtime').catch((cause) => {
    throw new FingerspellError(
      'asset-missing',
      `The model needs layers-runtime.js of this package, which could not be loaded (${describeError(cause)}). Deploy ` +
        'the files of the package together.',
      { cause },
    );
  });
  try {
    return await startLayersRunner(network.topology, network.weights, inputSize, backend, loadWasm);
  } catch (cause) {
    if (isFingerspellError(cause)) throw cause;
    throw unsupported(`${network.reason.what} ${quoteTfjs(cause)}`, cause);
  }
}
