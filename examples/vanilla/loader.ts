import { type BackendName, FingerspellRecognizer } from 'asl-fingerspell';

const BACKENDS: readonly string[] = ['webgl', 'wasm', 'cpu'] satisfies readonly BackendName[];

/** Loads the recogniser once; after a failure the next call tries again. `?backend=wasm` in the address names one. */
export class Loader {
  readonly #onProgress: (share: number) => void;
  #loading: Promise<FingerspellRecognizer> | null = null;

  constructor(onProgress: (share: number) => void) {
    this.#onProgress = onProgress;
  }

  readonly get = (): Promise<FingerspellRecognizer> => {
    this.#loading ??= FingerspellRecognizer.load({
      backend: wantedBackend(),
      onProgress: ({ loaded, total }) => this.#onProgress(loaded / total),
    }).catch((error) => {
      this.#loading = null;
      throw error;
    });
    return this.#loading;
  };
}

function wantedBackend(): BackendName | 'auto' {
  const name = new URLSearchParams(location.search).get('backend') ?? '';
  return BACKENDS.includes(name) ? (name as BackendName) : 'auto';
}
