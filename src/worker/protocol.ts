import { describeError, FingerspellError, type FingerspellErrorCode, isFingerspellError } from '../errors';
import type { HelperTask } from '../inference/kernels/helper';
import type { LoadProgress, RecognizerOptions } from '../options';
import type { Runtime } from '../pipeline';
import type { BackendName, Classification, ConfusionMatrix } from '../types';
import type { ClassifySettings } from '../validate';

/** What the page tells its worker. */
export type Request =
  | { readonly kind: 'load'; readonly options: WireOptions; readonly binaries: Binaries }
  | { readonly kind: 'read'; readonly id: number; readonly frame: WireFrame; readonly settings: ClassifySettings }
  | { readonly kind: 'abort'; readonly id: number }
  | { readonly kind: 'help'; readonly task: HelperTask };

/** What the worker tells its page. */
export type Reply =
  | { readonly kind: 'ready'; readonly problem: string | null }
  | { readonly kind: 'helping' }
  | { readonly kind: 'progress'; readonly progress: LoadProgress }
  | { readonly kind: 'loaded'; readonly facts: Facts }
  | { readonly kind: 'result'; readonly id: number; readonly result: Classification }
  | { readonly kind: 'fault'; readonly id: number; readonly fault: WireError }
  | { readonly kind: 'backend'; readonly change: BackendChange; readonly runtime: Runtime };

/** The number that stands for loading where others name a call. */
export const LOADING = 0;

/** Options that can be posted; every address in them is absolute. */
export type WireOptions = Pick<RecognizerOptions, 'model' | 'backend' | 'threads' | 'assets'>;

/** The kernels, see `src/inference/kernels/binaries.ts`. */
export interface Binaries {
  readonly relaxed: string;
  readonly simd: string;
}

/** What the page knows of the model once it is loaded. */
export interface Facts {
  readonly labels: readonly string[];
  readonly inputSize: number;
  readonly confusion: ConfusionMatrix | null;
  readonly runtime: Runtime;
}

export interface BackendChange {
  readonly from: BackendName;
  readonly to: BackendName;
  readonly reason: string;
}

/** A whole frame on its way; whoever receives it closes the image. */
export interface WireFrame {
  readonly width: number;
  readonly height: number;
  readonly picture: VideoFrame | ImageBitmap | Uint8ClampedArray;
  /** The same number for every frame of one stream; `null` for stills. */
  readonly stream: { readonly number: number; readonly isVideo: boolean } | null;
}

/** An error as it is posted: classes and symbols do not survive that. */
export interface WireError {
  readonly code: FingerspellErrorCode;
  readonly message: string;
  readonly cause: string | null;
}

export function packError(error: unknown): WireError {
  if (!isFingerspellError(error)) {
    const text = describeError(error);
    return { code: 'inference-failed', message: `The worker failed (${text}).`, cause: text };
  }
  const { code, message, cause } = error;
  return { code, message, cause: cause === undefined ? null : describeError(cause) };
}

export function unpackError({ code, message, cause }: WireError): FingerspellError {
  return new FingerspellError(code, message, cause === null ? {} : { cause: new Error(cause) });
}
