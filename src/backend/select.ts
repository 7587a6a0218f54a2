import { describeError, FingerspellError, isFingerspellError, isMissingScript } from '../errors';
import type { Summer } from '../frame/summer';
import type { ThreadsWish } from '../inference/kernels/helper';
import type { Plan } from '../inference/plan';
import type { Runner } from '../inference/run';
import type { BackendName } from '../types';
import type { Device } from './device';
import { Shared } from './shared';
import { verifyDevice } from './verify';

/** A backend in use, and why it was chosen. */
export interface Selection {
  readonly name: BackendName;
  /** How it computes, in words. */
  readonly detail: string;
  readonly reason: string;
  /** Puts a network on it. */
  readonly startPlan: (plan: Plan) => Promise<Runner>;
  /** Resizes pictures faster than plain JavaScript. */
  readonly summer?: Summer;
  /** Gives the backend back; the last user's release frees it. */
  readonly release: () => void;
}

/** Where the WASM binary of TensorFlow.js comes from: asked for only if it is needed. */
export type LoadWasm = (simd: boolean) => Promise<ArrayBuffer>;

/**
 * Chooses and opens a backend by evidence: `auto` takes WebGL where it runs on a graphics processor and computes right,
 * else WASM, else software WebGL (where WASM is forbidden by a Content-Security-Policy, say).
 *
 * @param threads - `null`: one is enough
 * @throws FingerspellError `backend-unavailable` if a named backend, or every one, does not work
 */
export async function selectBackend(
  wanted: 'auto' | BackendName,
  loadWasm: LoadWasm,
  threads: ThreadsWish | null = null,
): Promise<Selection> {
  if (wanted !== 'auto') return open(wanted, 'it was asked for by name', loadWasm, threads);
  const { probeWebGL } = await import('#probe');
  const webgl = probeWebGL();
  let why = webgl.available ? `${webgl.detail} is software` : 'there is no WebGL';
  if (webgl.hardware) {
    try {
      return await open('webgl', 'it runs on a graphics processor', loadWasm, threads);
    } catch (error) {
      why = `WebGL failed (${describeError(error)})`;
    }
  }
  try {
    return await open('wasm', why, loadWasm, threads);
  } catch (error) {
    // A file that is missing or broken is the caller's to mend, not to be hidden behind slow graphics.
    const isFile = isMissingScript(error) || (isFingerspellError(error) && error.code !== 'backend-unavailable');
    if (!webgl.available || isFile) throw error;
    return open('webgl', `WASM is not available (${describeError(error)})`, loadWasm, threads);
  }
}

async function open(
  name: BackendName,
  why: string,
  loadWasm: LoadWasm,
  threads: ThreadsWish | null,
): Promise<Selection> {
  const kernels = name === 'wasm' ? await openOwn(threads) : null;
  if (!kernels) return openShared(name, why, loadWasm);
  const detail = 'WebAssembly with SIMD';
  const { start, summer, release } = kernels;
  return { name, detail, reason: `${detail}: ${why}`, startPlan: start, summer, release };
}

/** Kernels of our own; `null` where they do not run, and TensorFlow.js may. */
async function openOwn(threads: ThreadsWish | null) {
  const [{ isWasmAllowed }, { openKernels }] = await Promise.all([
    import('./wasm-probe'),
    import('../inference/kernels/kernels'),
  ]);
  if (!(await isWasmAllowed())) {
    throw new FingerspellError(
      'backend-unavailable',
      "WebAssembly is not available here: the browser has none, or the page's Content-Security-Policy lacks " +
        "'wasm-unsafe-eval' in script-src.",
    );
  }
  return openKernels(threads);
}

// The kernels of one copy of this module know one backend object each, so its recognisers share devices.
const devices = new Shared<BackendName, Device>();

async function openShared(name: BackendName, why: string, loadWasm: LoadWasm): Promise<Selection> {
  const { value: device, release } = await devices.open(name, () => create(name, loadWasm));
  const startPlan = async (plan: Plan): Promise<Runner> => {
    const { PlanRunner } = await import('../inference/run');
    return new PlanRunner(plan, device);
  };
  const { detail } = device;
  return { name, detail, reason: `${detail}: ${why}`, startPlan, release };
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
      const { hasWasmSimd } = await import('./wasm-probe');
      const simd = hasWasmSimd();
      const [{ createWasmDevice }, binary] = await Promise.all([import('#wasm'), loadWasm(simd)]);
      return createWasmDevice(binary, simd);
    }
  }
}
