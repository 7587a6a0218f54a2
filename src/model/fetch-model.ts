import { readShardPaths } from '../inference/weights';
import type { AssetOverrides } from '../options';
import type { ModelFiles } from '../types';
import { fetchAsset, fetchBytes, fetchJson, isHtml, locateAsset, resolveUrl } from './fetch';

/** Gets the files of a model: the shipped one unless `model` names or holds another. */
export async function fetchModel(
  model: string | URL | ModelFiles | undefined,
  assets: AssetOverrides | undefined,
  signal: AbortSignal,
): Promise<ModelFiles> {
  if (model === undefined) return fetchShippedModel(assets, signal);
  if (typeof model === 'string' || model instanceof URL) return fetchModelFolder(resolveUrl(model), signal);
  return model;
}

async function fetchShippedModel(assets: AssetOverrides | undefined, signal: AbortSignal): Promise<ModelFiles> {
  const [weights, { modelJson, metadata }] = await Promise.all([
    fetchAsset(locateAsset('weights', assets), (bytes) => bytes.length > 0 && !isHtml(bytes), signal),
    // Code, not files: bundlers carry it everywhere, and its names survive hashing.
    import('./shipped'),
  ]);
  return { modelJson, metadata, weights: [weights] };
}

async function fetchModelFolder(url: URL, signal: AbortSignal): Promise<ModelFiles> {
  const [modelJson, metadata] = await Promise.all([
    fetchJson(url, signal),
    fetchJson(new URL('metadata.json', url), signal),
  ]);
  const shards = readShardPaths(modelJson).map((path) =>
    fetchBytes(new URL(path, url), (bytes) => !isHtml(bytes), signal),
  );
  return { modelJson, metadata, weights: await Promise.all(shards) };
}
