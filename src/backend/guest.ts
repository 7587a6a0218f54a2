import * as tf from '@tensorflow/tfjs-core';
import type { BackendName } from '../types';
import { watchLoss } from './loss';
import { setPlatform } from './platform';
import type { LoadWasm } from './select';
import { Shared, type Use } from './shared';
import { hasWasmSimd } from './wasm-probe';

/** A backend of the engine that only this library's fallback has. */
export interface Guest {
  /** Makes it the one that computes; at once, and until another one is made so. */
  activate(): void;
  /** Waits for a tensor. Rejects when the backend is lost. */
  read(tensor: tf.Tensor): Promise<Float32Array>;
  readonly lost: Promise<string> | undefined;
  dispose(): void;
}

/** A backend object with all kernels registered under its name. */
export interface GuestBackend {
  readonly backend: tf.KernelBackend;
  readonly lost?: Promise<string>;
  readonly release?: () => void;
}

// Kernels know one backend object each, so all users of one kind share it.
const guests = new Shared<BackendName, Guest>();

/** Opens a backend with every kernel of its kind. */
export function openGuest(name: BackendName, loadWasm: LoadWasm): Promise<Use<Guest>> {
  return guests.open(name, async () => {
    setPlatform();
    return register(name, await createBackend(name, loadWasm));
  });
}

function register(name: BackendName, { backend, lost, release }: GuestBackend): Guest {
  tf.registerBackend(name, () => backend);
  const loss = watchLoss(lost);
  let isRegistered = true;
  const remove = (): void => {
    if (isRegistered) tf.removeBackend(name);
    isRegistered = false;
  };
  // The next one may be opened under its name at once, while users of this one are still to find out.
  void lost?.then(remove);
  return {
    lost,
    activate() {
      loss.check();
      // Asynchronous by its type; with a backend object that exists it has done its work when it returns.
      if (tf.getBackend() !== name) void tf.setBackend(name);
    },
    read: (tensor) => loss.guard(() => tensor.data() as Promise<Float32Array>),
    dispose() {
      remove();
      release?.();
    },
  };
}

async function createBackend(name: BackendName, loadWasm: LoadWasm): Promise<GuestBackend> {
  switch (name) {
    case 'cpu':
      return (await import('./guest-cpu')).createCpuBackend();
    case 'webgl':
      return (await import('./guest-webgl')).createWebGLBackend();
    case 'wasm': {
      const [{ createWasmBackend }, binary] = await Promise.all([import('./guest-wasm'), loadWasm(hasWasmSimd())]);
      return createWasmBackend(binary);
    }
  }
}
