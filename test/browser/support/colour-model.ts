import type { ModelFiles, RecognizerOptions } from 'asl-fingerspell';

/**
 * A whole model of 16 numbers: the mean colour of the picture decides. Red is the first letter, green the second, blue
 * the third, grey no letter. Small enough to load at once, and real: the tests run it through the same recogniser as any
 * other.
 */
function colourModel(letters: readonly [string, string, string]): ModelFiles {
  const kernel = [20, -10, -10, 0, -10, 20, -10, 0, -10, -10, 20, 0];
  const bias = [0, 0, 0, 4];
  const layers = [
    layer('GlobalAveragePooling2D', {
      name: 'mean',
      batch_input_shape: [null, 16, 16, 3],
      data_format: 'channels_last',
    }),
    layer('Dense', { name: 'letters', units: 4, activation: 'softmax', use_bias: true }),
  ];
  const weights = [
    { name: 'letters/kernel', shape: [3, 4], dtype: 'float32' },
    { name: 'letters/bias', shape: [4], dtype: 'float32' },
  ];
  return {
    modelJson: {
      format: 'layers-model',
      modelTopology: { model_config: { class_name: 'Sequential', config: { name: 'colours', layers } } },
      weightsManifest: [{ paths: ['weights.bin'], weights }],
    },
    metadata: {
      int2alphabet: { ...letters },
      alphabet2int: Object.fromEntries(letters.map((letter, index) => [letter, index])),
      no_hand_index: 3,
      image_size: 16,
      RGB_mean: [0, 0, 0],
    },
    weights: [new Float32Array([...kernel, ...bias]).buffer],
  };
}

function layer(className: string, config: object): object {
  return { class_name: className, config };
}

/** What loads that model, on the backend that every machine has. */
export function colourOptions(
  letters: readonly [string, string, string] = ['a', 'b', 'c'],
): Pick<RecognizerOptions, 'model' | 'backend'> {
  return { model: colourModel(letters), backend: 'wasm' };
}
