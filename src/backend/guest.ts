import * as tf from '@tensorflow/tfjs-core';
import type { BackendName } from '../types';
import { setPlatform } from './platform';
import type { LoadWasm } from './select';
import { hasWasmSimd } from './wasm-probe';

/** A backend of the engine that only this library's fallback has. */
export interface Guest {
  /** Makes it the one that computes; at once, and until another one is made so. */
  activate(): void;
  /** Waits for a tensor. Rejects when the backend is lost. */
  read(tensor: tf.Tensor): Promise<Float32Array>;
  /** The last user's release frees it. */
  release(): void;
}

/** A backend object with all kernels registered under its name. */
export interface GuestBackend {
  readonly backend: tf.KernelBackend;
  readonly lost?: Promise<string>;
  readonly release?: () => void;
}

interface Shared {
  readonly opening: Promise<GuestBackend>;
  /** Whoever waits for a tensor; told when the backend is lost. */
  readonly waiting: Set<(reason: Error) => void>;
  lostReason: string | null;
  users: number;
}

// Kernels know one backend object each, so all users of one kind share it.
const shared = new Map<BackendName, Shared>();

/** Opens a backend with every kernel of its kind. */
export async function openGuest(name: BackendName, loadWasm: LoadWasm): Promise<Guest> {
  const entry = shared.get(name) ?? { opening: create(name, loadWasm), waiting: new Set(), lostReason: null, users: 0 };
  const isOurs = !shared.has(name);
  shared.set(name, entry);
  entry.users++;
  try {
    const { lost, release } = await entry.opening;
    if (isOurs) void lost?.then((reason) => drop(name, entry, reason));
    return createGuest(name, entry, release);
  } catch (error) {
    entry.users--;
    if (shared.get(name) === entry) shared.delete(name);
    // Another caller opened it, with its own signal and addresses: that it gave up must not end this load.
    if (!isOurs) return openGuest(name, loadWasm);
    throw error;
  }
}

function createGuest(name: BackendName, entry: Shared, free: GuestBackend['release']): Guest {
  let isReleased = false;
  return {
    activate() {
      if (entry.lostReason !== null) throw new Error(entry.lostReason);
      // Asynchronous by its type; with a backend object that exists it has done its work when it returns.
      if (tf.getBackend() !== name) void tf.setBackend(name);
    },
    read(tensor) {
      return new Promise((resolve, reject) => {
        if (entry.lostReason !== null) throw new Error(entry.lostReason);
        entry.waiting.add(reject);
        const done = (): void => void entry.waiting.delete(reject);
        tensor
          .data()
          .then((data) => resolve(data as Float32Array), reject)
          .finally(done);
      });
    },
    release() {
      if (isReleased) return;
      isReleased = true;
      if (--entry.users > 0 || entry.lostReason !== null) return;
      shared.delete(name);
      tf.removeBackend(name);
      free?.();
    },
  };
}

/** Nobody gets a lost backend any more, and the next one may be opened under its name at once. */
function drop(name: BackendName, entry: Shared, reason: string): void {
  entry.lostReason = reason;
  if (shared.get(name) === entry) {
    shared.delete(name);
    tf.removeBackend(name);
  }
  for (const reject of entry.waiting) reject(new Error(reason));
}

async function create(name: BackendName, loadWasm: LoadWasm): Promise<GuestBackend> {
  setPlatform();
  const guest = await createBackend(name, loadWasm);
  tf.registerBackend(name, () => guest.backend);
  return guest;
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
