import { baseUrl, createWorker, packageAssets } from '#assets';
import { askVite, guessVite } from '#vite';
import { abortedError, describeError, throwIfAborted } from '../errors';
import { movedAsset } from '../model/fetch';
import type { AssetOverrides } from '../options';
import type { Reply } from './protocol';

/**
 * Starts the package's worker and waits until it answers.
 *
 * @returns the worker, or why there can be none, in words
 */
export async function startWorker(assets: AssetOverrides | undefined, signal: AbortSignal): Promise<Worker | string> {
  if (typeof Worker === 'undefined') return 'there are no web workers here';
  if (typeof OffscreenCanvas === 'undefined') return 'there is no OffscreenCanvas here';
  let why = '';
  const ways = await waysToStart(assets, signal).catch((error) => {
    why = describeError(error);
    return [];
  });
  for (const create of ways) {
    // A signal that has fired fires no more: nobody would stop what is begun from here on.
    throwIfAborted(signal, 'load()');
    try {
      const worker = create();
      const problem = await greet(worker, signal);
      if (problem === null) return worker;
      worker.terminate();
      return problem;
    } catch (error) {
      why = describeError(error);
    }
  }
  // An address that is none is the caller's to mend, and thrown here.
  const isNamed = movedAsset('worker', assets) !== null;
  return `the worker could not be started (${why})${adviceFor(why, isNamed)}`;
}

function adviceFor(why: string, isNamed: boolean): string {
  // What a policy forbids, no other address allows.
  if (why.includes('TrustedScriptURL'))
    return '; a Trusted Types policy named `default` with createScriptURL allows it';
  if (globalThis.location?.protocol === 'file:')
    return '; a page that was opened from disk has none: serve it over http';
  return isNamed ? '' : "; `assets` may name a copy of worker.js on the page's own origin";
}

/** Where the caller or Vite says, or as the bundler made it; then, for known cases of a file elsewhere, from there. */
async function waysToStart(assets: AssetOverrides | undefined, signal: AbortSignal): Promise<(() => Worker)[]> {
  const beside = (file: URL) => () => createFrom(new URL('worker.js', file));
  const own = movedAsset('worker', assets);
  if (own) return [() => createFrom(own)];
  const { weights } = packageAssets();
  const told = await askVite(weights, signal);
  if (told) return [beside(told)];
  if (isForeign(weights)) return [() => createFrom(bundledAddress())];
  const guessed = guessVite(weights);
  return guessed ? [createWorker, beside(guessed)] : [createWorker];
}

/** Where the bundler put the worker's file: what it made of `createWorker` says so to `Worker` alone. */
function bundledAddress(): URL {
  const { Worker: original } = globalThis;
  let address = '';
  class Listener {
    constructor(url: string | URL) {
      address = String(url);
    }
  }
  try {
    globalThis.Worker = Listener as unknown as typeof Worker;
    createWorker();
  } finally {
    globalThis.Worker = original;
  }
  return new URL(address, baseUrl());
}

function createFrom(url: URL): Worker {
  if (!isForeign(url)) return new Worker(url, { type: 'module' });
  // Only a script of the page's own origin may be a worker; it may import others, as from a CDN. A classic one: a sandboxed
  // page, which has no origin, may have no module at such an address. What it cannot import, it tells as an error.
  let importer = importers.get(url.href);
  if (importer === undefined) {
    const code = `import(${JSON.stringify(url.href)}).catch((error) => setTimeout(() => { throw error; }));`;
    importer = URL.createObjectURL(new Blob([code], { type: 'text/javascript' }));
    importers.set(url.href, importer);
  }
  return new Worker(importer);
}

/** By address, and never revoked: the worker starts its helpers from the address that it has itself. */
const importers = new Map<string, string>();

/** `location` names no origin in a frame with `srcdoc`, which has its page's, and one in a sandboxed page, which has none. */
function isForeign(url: URL): boolean {
  return url.protocol.startsWith('http') && url.origin !== self.origin;
}

/** Resolves with what the worker says is wrong with itself, or `null`; rejects if it cannot even say that. */
function greet(worker: Worker, signal: AbortSignal): Promise<string | null> {
  const listening = new AbortController();
  const options = { signal: listening.signal };
  return new Promise<string | null>((resolve, reject) => {
    const fail = (error: Error): void => {
      worker.terminate();
      reject(error);
    };
    worker.addEventListener(
      'message',
      ({ data }: MessageEvent<Reply>) => {
        if (data.kind === 'ready') resolve(data.problem);
      },
      options,
    );
    worker.addEventListener(
      'error',
      (event) => {
        event.preventDefault();
        const hint =
          "its file is missing or not served as JavaScript, or the page's Content-Security-Policy lacks worker-src 'self' (blob: for a file of another origin)";
        fail(new Error(event.message || hint));
      },
      options,
    );
    signal.addEventListener('abort', () => fail(abortedError(signal, 'load()')), options);
  }).finally(() => listening.abort());
}
