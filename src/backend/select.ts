import { describeError, FingerspellError, isFingerspellError } from '../errors';
import type { BackendName } from '../types';
import type { Device } from './device';
import { verifyDevice } from './verify';

/** A device in use, and why it was chosen. */
export interface Selection {
  readonly device: Device;
  readonly reason: string;
  /** Gives the device back; the last user's release frees it. */
  readonly release: () => void;
}

/** Where the WASM binary comes from: asked for only if WASM is chosen. */
export type LoadWasm = (simd: boolean) => Promise<ArrayBuffer>;

/**
 * Chooses and opens a backend by evidence: `auto` takes WebGL where it runs on a graphics processor and computes right,
 * else WASM, else software WebGL (where WASM is forbidden by a Content-Security-Policy, say).
 *
 * @throws FingerspellError `backend-unavailable` if a named backend, or every one, does not work
 */
export async function selectBackend(wanted: 'auto' | BackendName, loadWasm: LoadWasm): Promise<Selection> {
  if (wanted !== 'auto') return open(wanted, 'it was asked for by name', loadWasm);
  const { probeWebGL } = await import('./webgl-probe');
  const webgl = probeWebGL();
  let why = webgl.available ? `${webgl.detail} is software` : 'there is no WebGL';
  if (webgl.hardware) {
    try {
      return await open('webgl', 'it runs on a graphics processor', loadWasm);
    } catch (error) {
      why = `WebGL failed (${describeError(error)})`;
    }
  }
  try {
    return await open('wasm', why, loadWasm);
  } catch (error) {
    // A file that is missing or broken is the caller's to mend, not to be hidden behind slow graphics.
    if (!webgl.available || (isFingerspellError(error) && error.code !== 'backend-unavailable')) throw error;
    return open('webgl', `WASM is not available (${describeError(error)})`, loadWasm);
  }
}

interface Shared {
  readonly device: Promise<Device>;
  users: number;
}

// The kernels of one copy of this module know one backend object each, so its recognisers share devices.
const shared = new Map<BackendName, Shared>();

async function open(name: BackendName, why: string, loadWasm: LoadWasm): Promise<Selection> {
  let entry = shared.get(name);
  const isOurs = entry === undefined;
  if (!entry) {
    entry = { device: create(name, loadWasm), users: 0 };
    shared.set(name, entry);
  }
  const { device: opening } = entry;
  const mine = entry;
  mine.users++;
  const forget = (): void => {
    if (shared.get(name) === mine) shared.delete(name);
  };
  try {
    const device = await opening;
    if (mine.users === 1) void device.lost.then(forget);
    let isReleased = false;
    const release = (): void => {
      if (isReleased) return;
      isReleased = true;
      if (--mine.users > 0) return;
      forget();
      device.dispose();
    };
    return { device, reason: `${device.detail}: ${why}`, release };
  } catch (error) {
    mine.users--;
    forget();
    // Another caller opened it, with its own signal and addresses: that it gave up must not end this load.
    if (!isOurs) return open(name, why, loadWasm);
    throw error;
  }
}

async function create(name: BackendName, loadWasm: LoadWasm): Promise<Device> {
  const device = await createByName(name, loadWasm);
  try {
    await verifyDevice(device);
    return device;
  } catch (error) {
    device.dispose();
    throw error;
  }
}

async function createByName(name: BackendName, loadWasm: LoadWasm): Promise<Device> {
  switch (name) {
    case 'webgl':
      return (await import('#webgl')).createWebGLDevice();
    case 'cpu':
      return (await import('./cpu')).createCpuDevice();
    case 'wasm': {
      const { hasWasmSimd, isWasmAllowed } = await import('./wasm-probe');
      if (!(await isWasmAllowed())) {
        throw new FingerspellError(
          'backend-unavailable',
          "WebAssembly is not available here: the browser has none, or the page's Content-Security-Policy lacks " +
            "'wasm-unsafe-eval' in script-src.",
        );
      }
      const simd = hasWasmSimd();
      const [{ createWasmDevice }, binary] = await Promise.all([import('./wasm'), loadWasm(simd)]);
      return createWasmDevice(binary, simd);
    }
  }
}
