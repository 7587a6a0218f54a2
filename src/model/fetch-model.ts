import { FingerspellError } from '../errors';
import { isAddress, showJson } from '../guards';
import { countWeightBytes, readShardPaths } from '../inference/weights';
import type { AssetOverrides } from '../options';
import type { ModelFiles } from '../types';
import {
  Allowance,
  fetchAsset,
  fetchBytes,
  fetchJson,
  isHierarchical,
  isNoPage,
  locateAsset,
  nameOf,
  resolveUrl,
} from './fetch';

/** Gets the files of a model: the shipped one unless `model` names or holds another. */
export async function fetchModel(
  model: string | URL | ModelFiles | undefined,
  assets: AssetOverrides | undefined,
  signal: AbortSignal,
): Promise<ModelFiles> {
  if (model === undefined) return fetchShippedModel(assets, signal);
  if (isAddress(model)) return fetchModelFolder(resolveUrl(model), signal);
  return model;
}

async function fetchShippedModel(assets: AssetOverrides | undefined, signal: AbortSignal): Promise<ModelFiles> {
  const [weights, { modelJson, metadata }] = await Promise.all([
    fetchAsset(locateAsset('weights', assets), isNoPage, signal),
    // Code, not files: bundlers carry it everywhere, and its names survive hashing.
    import('#shipped'),
  ]);
  return { modelJson, metadata, weights: [weights] };
}

async function fetchModelFolder(url: URL, signal: AbortSignal): Promise<ModelFiles> {
  if (!isHierarchical(url)) {
    const advice = 'Pass { modelJson, metadata, weights } instead.';
    throw new FingerspellError(
      'invalid-option',
      `A model at a ${url.protocol} address has no files beside it. ${advice}`,
    );
  }
  // Both at once; where both are missing it is always model.json that the error names.
  const beside = fetchJson(besideModel('metadata.json', url), signal);
  beside.catch(() => {});
  const modelJson = await fetchJson(url, signal);
  const metadata = await beside;
  // Of all together: a hostile server may answer each of a thousand with as much as all should have.
  const allowance = new Allowance(countWeightBytes(modelJson));
  const addresses = readShardPaths(modelJson).map((path) => locateShard(path, url));
  const shards = addresses.map((address) => fetchBytes(address, isNoPage, signal, allowance));
  return { modelJson, metadata, weights: await Promise.all(shards) };
}

/** A file beside model.json. The query of model.json (a signature, a version) is that of its neighbours, as in TensorFlow.js. */
function besideModel(path: string, modelUrl: URL): URL {
  const url = new URL(path, modelUrl);
  if (url.search === '') url.search = modelUrl.search;
  return url;
}

/** A model.json from somewhere must not name files of this machine or of other servers. */
function locateShard(path: string, modelUrl: URL): URL {
  let url: URL | null = null;
  try {
    url = besideModel(path, modelUrl);
  } catch {
    // Told below.
  }
  if (url && url.protocol === modelUrl.protocol && url.host === modelUrl.host) return url;
  throw new FingerspellError(
    'asset-invalid',
    `The model.json names the weight file ${showJson(path)}, which is not on the server of ${nameOf(modelUrl)}. Put ` +
      'the weight files beside model.json.',
  );
}
