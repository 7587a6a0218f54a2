import type * as Core from '@tensorflow/tfjs-core';
import type * as Layers from '@tensorflow/tfjs-layers';

type Pixels = HTMLVideoElement | { data: Uint8Array; width: number; height: number };

/**
 * The tutorial's own way to read a frame, with a model folder of ours: the whole frame becomes a tensor, a square of
 * the input's size is sliced out, and `LayersModel.predict` runs layer by layer.
 */
export async function createTutorialReader(
  tf: typeof Core,
  layers: typeof Layers,
  modelJson: object,
  weights: ArrayBuffer,
): Promise<{ classify(frame: Pixels): Promise<number[]>; dispose(): void }> {
  const { modelTopology, weightsManifest } = modelJson as { modelTopology: object; weightsManifest: [{ weights: [] }] };
  const artifacts = { modelTopology, weightSpecs: weightsManifest[0].weights, weightData: weights };
  const model = await layers.loadLayersModel(tf.io.fromMemory(artifacts));
  const size = model.inputs[0]?.shape[1] as number;
  return {
    async classify(frame) {
      const values = tf.tidy(() => {
        const pixels = tf.browser.fromPixels(frame as HTMLVideoElement);
        const [height, width] = pixels.shape;
        const square = tf.slice(
          tf.cast(pixels, 'float32'),
          [(height - size) >> 1, (width - size) >> 1, 0],
          [size, size, 3],
        );
        const input = tf.expandDims(tf.sub(tf.div(square, 255), tf.tensor1d([0, 0, 0])), 0);
        const outputs = model.predict(input);
        return tf.topk(tf.squeeze(Array.isArray(outputs) ? (outputs[0] as Core.Tensor) : outputs), 5).values;
      });
      const top = values.dataSync();
      values.dispose();
      return Array.from(top);
    },
    dispose: () => model.dispose(),
  };
}
