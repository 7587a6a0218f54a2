import { readFile } from 'node:fs/promises';

// What Keras and TensorFlow.js take for granted in every layer that has the setting.
const DEFAULTS = {
  trainable: true,
  dtype: 'float32',
  activation: 'linear',
  data_format: 'channels_last',
  dilation_rate: [1, 1],
  depth_multiplier: 1,
  momentum: 0.99,
  center: true,
  scale: true,
  sparse: false,
};

/**
 * A `model.json` without what goes without saying: a third less. The package carries it several times.
 *
 * @param {string} text
 */
export function slimModel(text) {
  const model = JSON.parse(text);
  for (const { config } of model.modelTopology.model_config.config.layers) {
    for (const [name, value] of Object.entries(DEFAULTS)) {
      if (JSON.stringify(config[name]) === JSON.stringify(value)) delete config[name];
    }
  }
  for (const { weights } of model.weightsManifest) {
    for (const { quantization } of weights) delete quantization?.original_dtype;
  }
  return JSON.stringify(model);
}

/** Puts the slim model.json into bundles. */
export const slimModelPlugin = {
  name: 'slim-model',
  /** @param {import('esbuild').PluginBuild} build */
  setup(build) {
    build.onLoad({ filter: /[\\/]model[\\/]model\.json$/ }, async ({ path }) => ({
      contents: slimModel(await readFile(path, 'utf8')),
      loader: 'json',
    }));
  },
};
