import createModule, { type BackendWasmModule } from '@tensorflow/tfjs-backend-wasm/wasm-out/tfjs-backend-wasm.js';
import { describeError, FingerspellError } from '../errors';

type Cwrap = (name: string, returns: string | null, takes: readonly string[]) => (...values: unknown[]) => never;

/** An instance of the WASM backend's binary, with the functions that the backend calls. */
export async function startWasm(binary: ArrayBuffer): Promise<BackendWasmModule> {
  const module = await instantiate(binary);
  // The module's own type names emscripten's globals, which are not installed.
  const call = (module as unknown as { cwrap: Cwrap }).cwrap;
  // Set on the module itself, never on a copy of it: emscripten replaces its heap views when the memory grows.
  module.tfjs = {
    init: call('init', null, []),
    initWithThreadsCount: call('init_with_threads_count', null, ['number']),
    getThreadsCount: call('get_threads_count', 'number', []),
    registerTensor: call('register_tensor', null, ['number', 'number', 'number']),
    disposeData: call('dispose_data', null, ['number']),
    dispose: call('dispose', null, []),
  };
  return module;
}

/** Compiles and starts the binary ourselves: emscripten's own way logs to the console and aborts on a broken file. */
function instantiate(binary: ArrayBuffer): Promise<BackendWasmModule> {
  return new Promise((resolve, reject) => {
    const fail = (cause: unknown): void => {
      // Whether WebAssembly may run at all was found out before: what does not compile is a broken file.
      const isBroken = cause instanceof WebAssembly.CompileError || cause instanceof WebAssembly.LinkError;
      const error = isBroken
        ? new FingerspellError(
            'asset-invalid',
            `The WebAssembly file is damaged or of another version (${describeError(cause)}). Deploy the files of one ` +
              'version of the package together, whole.',
            { cause },
          )
        : new FingerspellError('backend-unavailable', `WebAssembly could not be started (${describeError(cause)}).`, {
            cause,
          });
      reject(error);
    };
    createModule({
      instantiateWasm(imports: WebAssembly.Imports, started: (instance: WebAssembly.Instance) => void) {
        WebAssembly.instantiate(binary, imports)
          .then(({ instance }) => started(instance))
          .catch(fail);
        return {};
      },
    }).then(resolve, fail);
  });
}
