import type { AssetOverrides } from '../options';
import { fetchAsset, isWasm, locateAsset } from './fetch';

/** Gets the WASM binary that fits this processor. */
export function loadWasm(simd: boolean, assets: AssetOverrides | undefined, signal: AbortSignal): Promise<ArrayBuffer> {
  return fetchAsset(locateAsset(simd ? 'wasmSimd' : 'wasm', assets), isWasm, signal);
}
