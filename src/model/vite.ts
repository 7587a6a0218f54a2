import { fetchBytes } from './fetch';

/** The file that is asked for, as a program imports it. */
const ASKED = 'asl-fingerspell/dist/tfjs-backend-wasm-simd.wasm';

/**
 * What a development server of Vite answers when it is asked where a file of the package is that it moved: below
 * `/node_modules/.vite/deps/`, or in the cache that a framework chose (Nuxt, Angular, SolidStart …).
 *
 * @returns `null` for other files, and where there is no answer
 */
export async function askVite(url: URL, signal: AbortSignal): Promise<URL | null> {
  const [, base, file] = /^(.*?)\/(?:@fs\/|node_modules\/|\.).*\/deps[^/]*\/([^/]+)$/.exec(url.pathname) ?? [];
  if (base === undefined || file === undefined) return null;
  // Of a WASM file that is to be initialised, every version tells the address; `?url` is refused by some.
  const question = `${base}/@id/${ASKED}?import&init`;
  try {
    const answer = await fetchBytes(new URL(question, url), () => true, signal);
    const address = /"([^"]+)\?init[^"]*"/.exec(new TextDecoder().decode(answer))?.[1];
    if (!address) return null;
    // The question itself: the app cannot import the package, a library of its own does.
    const isUnknown = address.endsWith(`/@fs/${ASKED}`);
    const place = isUnknown ? await findInStore(new URL(`${base}/@vite/client`, url), signal) : address;
    return place === null ? null : new URL(file, new URL(place, url));
  } catch {
    return null;
  }
}

/** The package's folder in the store of pnpm, which is beside Vite's own: there it is for packages, but for no app. */
async function findInStore(client: URL, signal: AbortSignal): Promise<string | null> {
  const script = await fetchBytes(client, () => true, signal);
  const store = /"(\/[^"\s]*\/\.pnpm\/)[^"]*"/.exec(new TextDecoder().decode(script))?.[1];
  return store ? `${store}node_modules/asl-fingerspell/dist/` : null;
}

/** Where a file is that Vite moved, if the package is installed beside Vite's cache; `null` for other files. */
export function guessVite(url: URL): URL | null {
  const moved = /^(.*)\/\.vite\/deps[^/]*\/([^/]+)$/.exec(url.pathname);
  return moved ? new URL(`${moved[1]}/asl-fingerspell/dist/${moved[2]}`, url) : null;
}
