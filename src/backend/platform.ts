import { env } from '@tensorflow/tfjs-core';

/** What tfjs-core asks of its surroundings; its own versions look for Node's modules or the page's messages. */
export function setPlatform(): void {
  if (env().platform) return;
  env().setPlatform('asl-fingerspell', {
    fetch: (path, init) => fetch(path, init),
    now: () => performance.now(),
    encode: (text) => new TextEncoder().encode(text),
    decode: (bytes, encoding) => new TextDecoder(encoding).decode(bytes),
    setTimeoutCustom: (work, delayMs) => void setTimeout(work as () => void, delayMs),
    isTypedArray: (value): value is Float32Array | Int32Array | Uint8Array | Uint8ClampedArray =>
      ArrayBuffer.isView(value) && !(value instanceof DataView),
  });
}
