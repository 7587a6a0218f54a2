import type { KernelBackend, KernelConfig, TensorInfo } from '@tensorflow/tfjs-core';
import type { BackendName } from '../types';
import { watchLoss } from './loss';
import { setPlatform } from './platform';

/** A block of numbers on a device. */
export type Value = TensorInfo;

/** The kernels that a compiled network calls. */
export type KernelName =
  | 'FusedConv2D'
  | 'FusedDepthwiseConv2D'
  | 'MaxPool'
  | 'AvgPool'
  | 'Add'
  | 'Relu'
  | 'Relu6'
  | 'PadV2'
  | 'Reshape';

/** Something that computes: a tfjs backend object of our own and the kernels made for it. */
export interface Device {
  readonly name: BackendName;
  /** How it computes, in words. */
  readonly detail: string;
  /** Copies `values` to the device. */
  write(values: Float32Array, shape: readonly number[]): Value;
  /** Queues one kernel and returns its result; the inputs stay alive. */
  readonly call: (kernel: KernelName, inputs: Readonly<Record<string, Value>>, attributes: object) => Value;
  /** Waits for `value` and copies it back. Rejects when the device is lost. */
  read(value: Value): Promise<Float32Array>;
  free(value: Value): void;
  /** How many values are alive. */
  readonly size: number;
  /** Resolves with the reason if the device stops working (a lost WebGL context); `undefined`: it cannot be lost. */
  readonly lost: Promise<string> | undefined;
  dispose(): void;
}

/**
 * Makes a device of a tfjs backend object and kernel configs.
 *
 * @param backend - made by us and known to nobody else, neither registered with the engine nor active in it
 * @param release - frees what the backend itself does not
 */
export function createDevice(
  name: BackendName,
  detail: string,
  backend: KernelBackend,
  kernels: readonly KernelConfig[],
  options: { readonly lost?: Promise<string>; readonly release?: () => void } = {},
): Device {
  setPlatform();
  const functions = new Map<string, KernelConfig['kernelFunc']>();
  for (const { kernelName, kernelFunc, setupFunc } of kernels) {
    setupFunc?.(backend);
    functions.set(kernelName, kernelFunc);
  }
  const alive = new Set<Value>();
  const keep = (value: Value): Value => {
    alive.add(value);
    return value;
  };
  const loss = watchLoss(options.lost);
  return {
    name,
    detail,
    lost: options.lost,
    write(values, shape) {
      const ownShape = [...shape];
      return keep({ dataId: backend.write(values, ownShape, 'float32'), shape: ownShape, dtype: 'float32' });
    },
    call(kernel, inputs, attributes) {
      const run = functions.get(kernel);
      if (!run) throw new Error(`No kernel ${kernel} for ${name}.`);
      const attrs = attributes as NonNullable<Parameters<typeof run>[0]['attrs']>;
      return keep(run({ inputs, backend, attrs }) as Value);
    },
    read: (value) => loss.guard(() => backend.read(value.dataId) as Promise<Float32Array>),
    free(value) {
      if (alive.delete(value)) backend.disposeData(value.dataId);
    },
    get size() {
      return alive.size;
    },
    dispose() {
      for (const value of [...alive]) this.free(value);
      try {
        backend.dispose();
      } catch {
        // TensorFlow.js stumbles where a page has added to all objects; what it holds goes with what is released here.
      }
      options.release?.();
    },
  };
}
