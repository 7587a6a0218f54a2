import type { BackendName, ModelFiles, Region } from './types';

/**
 * How far loading has come, see {@link RecognizerOptions.onProgress}.
 *
 * @public
 */
export interface LoadProgress {
  /** What is being done. */
  readonly phase: 'download' | 'compile' | 'warmup' | 'ready';
  /** Steps done so far; never decreases, and equals `total` at the end. */
  readonly loaded: number;
  /** Steps in all; the same in every call. */
  readonly total: number;
}

/**
 * Where the package's own files are, for setups that move them (esbuild, your own CDN). Each defaults to the file
 * inside the package.
 *
 * @public
 */
export interface AssetOverrides {
  /** Folder that holds all of them under their own names; the options below take precedence. */
  readonly baseUrl?: string | URL | undefined;
  /** The shipped model's weights (`model.bin`). */
  readonly weights?: string | URL | undefined;
  /** TensorFlow.js's WASM binary with SIMD, for models with unusual layers (`tfjs-backend-wasm-simd.wasm`). */
  readonly wasmSimd?: string | URL | undefined;
  /** TensorFlow.js's WASM binary for processors and browsers without SIMD (`tfjs-backend-wasm.wasm`). */
  readonly wasm?: string | URL | undefined;
  /** The script of {@link RecognizerOptions.worker} and {@link RecognizerOptions.threads} (`worker.js`). */
  readonly worker?: string | URL | undefined;
}

/**
 * What can be set for one call of {@link FingerspellRecognizer.classify}; whatever is not set comes from
 * {@link RecognizerOptions}.
 *
 * @public
 */
export interface ClassifyOptions {
  /**
   * How many letters `predictions` holds: a whole number from 1 to the number of labels.
   * @defaultValue 5
   */
  readonly topK?: number | undefined;
  /**
   * Probability, 0 to 1, from which the top letter becomes the answer.
   * @defaultValue 0.7
   */
  readonly threshold?: number | undefined;
  /**
   * The part of the frame that is read; `'hand'` looks for the hand anywhere in it.
   * @defaultValue 'center'
   */
  readonly region?: Region | undefined;
  /**
   * Whether the picture is flipped left to right before it is read: for frames that arrive mirrored. A preview that is
   * mirrored with CSS needs nothing. The result's coordinates stay those of the unmirrored frame.
   * @defaultValue false
   */
  readonly mirror?: boolean | undefined;
  /**
   * Only these letters can be answers (in a lesson, say): their probabilities and `noHand` are renormalised to sum to 1,
   * all others become 0. At least one, each of them one of {@link FingerspellRecognizer.labels}.
   * @defaultValue all labels
   */
  readonly letters?: readonly string[] | undefined;
  /** Rejects the call with code `aborted` if it fires before there is a result. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Options of {@link FingerspellRecognizer.load}. None is needed: by default the shipped model is used on the fastest
 * backend that works.
 *
 * @public
 */
export interface RecognizerOptions {
  /**
   * The model: a URL of a `model.json` in TensorFlow.js Layers format with `metadata.json` beside it, or the files
   * themselves.
   * @defaultValue the shipped model
   */
  readonly model?: string | URL | ModelFiles | undefined;
  /**
   * Where to compute. `'auto'`: WebGL on a real graphics processor, else WASM, else software WebGL. `'cpu'` (plain
   * JavaScript, slow) is used only if asked for by name.
   * @defaultValue 'auto'
   */
  readonly backend?: 'auto' | BackendName | undefined;
  /** {@inheritDoc ClassifyOptions.topK} */
  readonly topK?: number | undefined;
  /** {@inheritDoc ClassifyOptions.threshold} */
  readonly threshold?: number | undefined;
  /** {@inheritDoc ClassifyOptions.region} */
  readonly region?: Region | undefined;
  /** {@inheritDoc ClassifyOptions.mirror} */
  readonly mirror?: boolean | undefined;
  /** {@inheritDoc ClassifyOptions.letters} */
  readonly letters?: readonly string[] | undefined;
  /**
   * Whether the network runs in a Web Worker: the page's own thread then only hands over frames. Where that is not
   * possible (no workers or no `OffscreenCanvas`, as in Node; a Content-Security-Policy against it; a model that needs
   * TensorFlow.js), it runs on the calling thread, and {@link FingerspellRecognizer.runtime} says why.
   * @defaultValue false
   */
  readonly worker?: boolean | undefined;
  /**
   * Whether several threads compute on WASM, one per processor, four at most: for machines with processors to spare,
   * since on busy ones the threads wait for each other. In browsers the page must be cross-origin isolated (the
   * headers `Cross-Origin-Opener-Policy: same-origin` and `Cross-Origin-Embedder-Policy: require-corp`). Where that is
   * not so, a single thread computes, and {@link FingerspellRecognizer.runtime} says why.
   * @defaultValue false
   */
  readonly threads?: boolean | undefined;
  /** Called as loading proceeds, with a constant `total`; the last call has `loaded` equal to `total`. */
  readonly onProgress?: ((progress: LoadProgress) => void) | undefined;
  /**
   * Called when the backend had to change after loading, because the WebGL context was lost or one of several threads
   * stopped; `from` and `to` are the same where a new context or a single thread takes over.
   */
  readonly onBackendChange?:
    | ((change: { readonly from: BackendName; readonly to: BackendName; readonly reason: string }) => void)
    | undefined;
  /**
   * How long loading may take, in ms.
   * @defaultValue 30000
   */
  readonly timeoutMs?: number | undefined;
  /** Stops loading when it fires: `load()` rejects with code `aborted` and leaves nothing behind. */
  readonly signal?: AbortSignal | undefined;
  /** Where the package's own files are, if they were moved. */
  readonly assets?: AssetOverrides | undefined;
}
