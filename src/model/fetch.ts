import { baseUrl, packageAssets, readFile } from '#assets';
import { askVite, guessVite } from '#vite';
import { describeError, FingerspellError, isFingerspellError } from '../errors';
import { invalidOption, show } from '../guards';
import type { AssetOverrides } from '../options';

/** Addresses of the files that come with the package. */
export interface PackageAssets {
  readonly weights: URL;
  readonly wasmSimd: URL;
  readonly wasm: URL;
}

const FILE_NAMES = {
  weights: 'model.bin',
  wasmSimd: 'tfjs-backend-wasm-simd.wasm',
  wasm: 'tfjs-backend-wasm.wasm',
  worker: 'worker.js',
} as const;

// The largest file of the package has a megabyte, the largest model.json known some ten. A hostile one of more would
// keep the page parsing for minutes.
const MAX_BYTES = 1 << 24;

/** How many bytes may come, of one file or of several together. */
export class Allowance {
  readonly bytes: number;
  #left: number;

  constructor(bytes: number = MAX_BYTES) {
    this.bytes = bytes;
    this.#left = bytes;
  }

  /** Takes so many of them; `false` where fewer were left. */
  take(count: number): boolean {
    this.#left -= count;
    return this.#left >= 0;
  }
}

/** Reads a file from disk, or gives `null` if it is longer than allowed. */
export type ReadFile = (url: URL, allowance: Allowance, signal: AbortSignal) => Promise<Uint8Array | null>;

/** Where a file of the package is: what the caller says, else inside the package. */
export function locateAsset(name: keyof PackageAssets, overrides: AssetOverrides | undefined): URL {
  return movedAsset(name, overrides) ?? ownAsset(name);
}

function ownAsset(name: keyof PackageAssets): URL {
  try {
    return packageAssets()[name];
  } catch (cause) {
    // Node's own advice: there, files need no server.
    if (isFingerspellError(cause)) throw cause;
    const why = `This bundle cannot tell where the package's ${FILE_NAMES[name]} is (${describeError(cause)}).`;
    const advice =
      'Copy model.bin, worker.js and *.wasm from its dist/ to a folder that you serve, and name it with `assets.baseUrl`.';
    throw new FingerspellError('asset-missing', `${why} ${advice}`, { cause });
  }
}

/** Where the caller says that a file of the package is; `null` if nothing was said. */
export function movedAsset(name: keyof typeof FILE_NAMES, overrides: AssetOverrides | undefined): URL | null {
  const own = overrides?.[name];
  if (own !== undefined) return resolveUrl(own);
  if (overrides?.baseUrl === undefined) return null;
  const folder = resolveUrl(overrides.baseUrl);
  if (!isHierarchical(folder)) throw invalidOption(`${show(folder)} is not the address of a folder`);
  if (!folder.pathname.endsWith('/')) folder.pathname += '/';
  return new URL(FILE_NAMES[name], folder);
}

/** An address as a caller may give it: absolute, or relative to the page (in Node: to the working folder). */
export function resolveUrl(url: string | URL): URL {
  try {
    return new URL(url, baseUrl());
  } catch (cause) {
    throw new FingerspellError('invalid-option', `"${String(url)}" is not a URL.`, { cause });
  }
}

/** Whether files can be beside it: not at a `data:`, `blob:` or `mailto:` address. */
export function isHierarchical(url: URL): boolean {
  return url.pathname.startsWith('/');
}

/**
 * Fetches a file of the package.
 *
 * Development servers of Vite 5 to 7 move our code into a folder of their own but not the files beside it, and may answer
 * a request for one with a page of HTML and status 200. So the server is asked where the file really is; where it does
 * not say, an answer that is not the file counts as absent, and the file is looked for once more where most apps have it.
 */
export async function fetchAsset(
  url: URL,
  isRight: (bytes: Uint8Array) => boolean,
  signal: AbortSignal,
): Promise<ArrayBuffer> {
  const told = await askVite(url, signal);
  try {
    return await fetchBytes(told ?? url, isRight, signal);
  } catch (error) {
    const guess = told ? null : guessVite(url);
    if (!guess) throw error;
    return fetchBytes(guess, isRight, signal);
  }
}

/**
 * Fetches a file. A redirect is followed within the origin of `url` alone: whoever names a server has not agreed to
 * another one.
 *
 * @param allowance - what goes beyond it is given up on its way
 * @param signal - whoever fires it has told the caller already: what is thrown here then is heard by nobody
 * @throws FingerspellError `asset-missing` if there is no such file, `asset-invalid` if `isRight` says no to its bytes
 */
export async function fetchBytes(
  url: URL,
  isRight: (bytes: Uint8Array) => boolean,
  signal: AbortSignal,
  allowance: Allowance = new Allowance(),
): Promise<ArrayBuffer> {
  if (url.protocol === 'file:' && readFile) {
    const bytes = await readFile(url, allowance, signal).catch((cause) => {
      throw missing(url, describeError(cause), cause);
    });
    if (!bytes) throw tooLong(url, allowance);
    return checked(
      url,
      bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength) as ArrayBuffer,
      isRight,
      '',
    );
  }
  let response: Response;
  try {
    response = await request(url, signal);
  } catch (cause) {
    throw missing(url, describeError(cause), cause);
  }
  const why = whyRefused(url, response);
  if (why) {
    // Unread, a body would keep its connection.
    await response.body?.cancel().catch(() => {});
    throw missing(url, why);
  }
  const type = response.headers.get('content-type') ?? 'no content type';
  let bytes: ArrayBuffer | null;
  try {
    bytes = await readBody(response, allowance);
  } catch (cause) {
    throw missing(url, `the transfer broke off: ${describeError(cause)}`, cause);
  }
  if (!bytes) throw tooLong(url, allowance);
  return checked(url, bytes, isRight, ` (status ${response.status}, ${type})`);
}

function request(url: URL, signal: AbortSignal): Promise<Response> {
  // On the page's own origin the browser itself sees to it that no redirect leads away, before anything is sent there.
  // (`location` names one, too, where a page has none of its own, as in a sandboxed frame.)
  const isOwn = /^https?:$/.test(url.protocol) && url.origin === globalThis.origin;
  // A page that was opened with a name and a password has them in its address, and browsers fetch no such address. They
  // know them by then, and send them to where the page is from.
  return fetch(withoutLogin(url), { signal, credentials: 'same-origin', mode: isOwn ? 'same-origin' : 'cors' });
}

/** Why an answer is not taken, in words. */
function whyRefused(url: URL, response: Response): string | null {
  const { origin } = response.redirected ? new URL(response.url) : url;
  if (origin !== url.origin) return `it redirects to another origin, ${origin}; name that address itself`;
  return response.ok ? null : `HTTP status ${response.status}`;
}

/** The whole body, or `null` if it is longer than allowed. */
async function readBody(response: Response, allowance: Allowance): Promise<ArrayBuffer | null> {
  const reader = response.body?.getReader();
  if (!reader) return response.arrayBuffer();
  const chunks: Uint8Array[] = [];
  let length = 0;
  for (let read = await reader.read(); !read.done; read = await reader.read()) {
    chunks.push(read.value);
    length += read.value.byteLength;
    if (!allowance.take(read.value.byteLength)) {
      await reader.cancel();
      return null;
    }
  }
  const bytes = new Uint8Array(length);
  let offset = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, offset);
    offset += chunk.byteLength;
  }
  return bytes.buffer;
}

/** Fetches and parses a JSON file that holds an object. */
export async function fetchJson(url: URL, signal: AbortSignal): Promise<object> {
  const bytes = await fetchBytes(url, isNoPage, signal);
  try {
    const value: unknown = JSON.parse(new TextDecoder().decode(bytes));
    if (typeof value === 'object' && value !== null) return value;
    throw new TypeError('it holds no object');
  } catch (cause) {
    throw new FingerspellError('asset-invalid', `${nameOf(url)} is not valid JSON (${describeError(cause)}).`, {
      cause,
    });
  }
}

/** All that can be told of a file of a model: it is not the page with which many servers answer where nothing is. */
export const isNoPage = (bytes: Uint8Array): boolean => !isHtml(bytes);

/** Whether a file begins as a web page does. */
function isHtml(bytes: Uint8Array): boolean {
  return /^\s*<(!doctype|html|head|body|\?xml)/i.test(new TextDecoder().decode(bytes.subarray(0, 64)));
}

/** Whether a file begins as a WebAssembly binary does: `\0asm`. */
export function isWasm(bytes: Uint8Array): boolean {
  return bytes[0] === 0 && bytes[1] === 0x61 && bytes[2] === 0x73 && bytes[3] === 0x6d;
}

function checked(url: URL, bytes: ArrayBuffer, isRight: (bytes: Uint8Array) => boolean, how: string): ArrayBuffer {
  const view = new Uint8Array(bytes);
  if (isRight(view)) return bytes;
  const got = isHtml(view) ? 'a web page' : `something else of ${bytes.byteLength} bytes`;
  throw new FingerspellError(
    'asset-invalid',
    `${nameOf(url)} should be a model or WebAssembly file but is ${got}${how}. If your build moves or renames ` +
      "the package's files, set the option `assets`.",
  );
}

const MOVED =
  "If your build moves the package's files, set the option `assets`; a model of your own needs model.json, " +
  'metadata.json and its weight files side by side.';
/** What a page that was opened from disk needs, where its browser gives it no files. */
export const FROM_DISK = 'Browsers let no page that was opened from disk fetch files. Serve it over http.';
const INLINED =
  "The page's Content-Security-Policy needs `connect-src data:`, or the build must not inline .bin and .wasm files.";

/** Without either, the very same object: those that Next.js makes of our files are no URLs, but paths. */
function withoutLogin(url: URL): URL {
  return url.username || url.password ? Object.assign(new URL(url), { username: '', password: '' }) : url;
}

/** An address in a sentence, without what may be secret: a password, a signature. That of an inlined file is the file itself. */
export function nameOf(url: URL): string {
  if (url.protocol === 'data:') return 'A file that the build has inlined';
  const { href, search, hash } = withoutLogin(url);
  return href.slice(0, href.length - search.length - hash.length) + (search && '?…');
}

function tooLong(url: URL, { bytes }: Allowance): FingerspellError {
  const what = `${nameOf(url)} goes beyond the ${bytes} bytes expected`;
  return new FingerspellError('asset-invalid', `${what}. Make sure that the files of the model belong together.`);
}

function missing(url: URL, why: string, cause?: unknown): FingerspellError {
  const isOnDisk = url.protocol === 'file:' && !readFile;
  const advice = isOnDisk ? FROM_DISK : url.protocol === 'data:' ? INLINED : MOVED;
  return new FingerspellError('asset-missing', `${nameOf(url)} could not be loaded (${why}). ${advice}`, { cause });
}
