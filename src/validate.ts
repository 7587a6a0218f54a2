import { validateRect } from './frame/region';
import { invalidOption, isAddress, requireFunctions, requireObject, requireSignal, show } from './guards';
import type { ClassifyOptions, RecognizerOptions } from './options';
import type { Region } from './types';

/** Options of a call with every value present and checked. */
export interface ClassifySettings {
  readonly topK: number;
  readonly threshold: number;
  readonly region: Region;
  readonly mirror: boolean;
  /** Which labels are answers, in labels order; `null`: all. */
  readonly keep: readonly boolean[] | null;
}

export const DEFAULT_THRESHOLD = 0.7;
const DEFAULT_TOP_K = 5;
const DEFAULT_TIMEOUT_MS = 30_000;

/** Checks what can be checked before the model is there; returns the timeout, in ms. */
export function validateLoadOptions(options: RecognizerOptions): number {
  requireObject(options, 'The options of load()');
  const { backend, worker, threads, timeoutMs, signal, onProgress, onBackendChange, model, assets } = options;
  if (backend !== undefined && !['auto', 'webgl', 'wasm', 'cpu'].includes(backend)) {
    throw invalidOption(`backend must be 'auto', 'webgl', 'wasm' or 'cpu', not ${show(backend)}`);
  }
  for (const [name, value] of Object.entries({ worker, threads })) {
    if (value !== undefined && typeof value !== 'boolean')
      throw invalidOption(`${name} must be true or false, not ${show(value)}`);
  }
  if (timeoutMs !== undefined && !(typeof timeoutMs === 'number' && timeoutMs > 0))
    throw invalidOption(`timeoutMs must be a number of milliseconds above 0, not ${show(timeoutMs)}`);
  requireFunctions({ onProgress, onBackendChange });
  if (assets !== undefined) validateAssets(assets);
  requireSignal(signal);
  if (model !== undefined && !isAddress(model)) validateModelFiles(model);
  return timeoutMs ?? DEFAULT_TIMEOUT_MS;
}

function validateAssets(assets: NonNullable<RecognizerOptions['assets']>): void {
  requireObject(assets, 'The option assets');
  const { baseUrl, weights, wasmSimd, wasm, worker } = assets;
  for (const [name, value] of Object.entries({ baseUrl, weights, wasmSimd, wasm, worker })) {
    if (value !== undefined && !isAddress(value))
      throw invalidOption(`assets.${name} must be an address, not ${show(value)}`);
  }
}

function validateModelFiles(model: NonNullable<RecognizerOptions['model']>): void {
  const { modelJson, metadata, weights } = (model ?? {}) as Partial<
    Record<'modelJson' | 'metadata' | 'weights', unknown>
  >;
  const isObject = (value: unknown): boolean => typeof value === 'object' && value !== null;
  const isBuffer = (value: unknown): boolean => Object.prototype.toString.call(value) === '[object ArrayBuffer]';
  if (!isObject(modelJson) || !isObject(metadata) || !Array.isArray(weights) || !weights.every(isBuffer)) {
    throw invalidOption(
      'model must be a URL or { modelJson, metadata, weights } with weights an array of ArrayBuffers',
    );
  }
}

/** Puts options over `base` and checks them against the model's labels. */
export function settle(
  options: ClassifyOptions | undefined,
  base: ClassifySettings | null,
  labels: readonly string[],
): ClassifySettings {
  if (options !== undefined) requireObject(options, 'The options of classify()');
  const { topK, threshold, region, mirror, letters, signal } = options ?? {};
  requireSignal(signal);
  return {
    topK: topK === undefined ? (base?.topK ?? Math.min(DEFAULT_TOP_K, labels.length)) : checkTopK(topK, labels.length),
    threshold: threshold === undefined ? (base?.threshold ?? DEFAULT_THRESHOLD) : checkThreshold(threshold),
    region: region === undefined ? (base?.region ?? 'center') : checkRegion(region),
    mirror: mirror === undefined ? (base?.mirror ?? false) : checkMirror(mirror),
    keep: letters === undefined ? (base?.keep ?? null) : checkLetters(letters, labels),
  };
}

function checkTopK(topK: unknown, count: number): number {
  if (typeof topK === 'number' && Number.isInteger(topK) && topK >= 1 && topK <= count) return topK;
  throw invalidOption(`topK must be a whole number from 1 to ${count} (the number of labels), not ${show(topK)}`);
}

function checkThreshold(threshold: unknown): number {
  if (typeof threshold === 'number' && threshold >= 0 && threshold <= 1) return threshold;
  throw invalidOption(`threshold must be a number from 0 to 1, not ${show(threshold)}`);
}

function checkRegion(region: unknown): Region {
  return region === 'center' || region === 'full' || region === 'hand' ? region : validateRect(region);
}

function checkMirror(mirror: unknown): boolean {
  if (typeof mirror === 'boolean') return mirror;
  throw invalidOption(`mirror must be true or false, not ${show(mirror)}`);
}

function checkLetters(letters: unknown, labels: readonly string[]): readonly boolean[] {
  if (!Array.isArray(letters) || letters.length === 0)
    throw invalidOption(`letters must be an array of at least one letter, such as ['a', 'b'], not ${show(letters)}`);
  const unknown = letters.findIndex((letter) => !labels.includes(letter));
  if (unknown >= 0) {
    throw invalidOption(
      `letters holds ${show(letters[unknown])}, which is not among the model's labels (${labels.join(' ')})`,
    );
  }
  return labels.map((label) => letters.includes(label));
}
