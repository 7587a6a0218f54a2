import type { ModelFiles, PixelData } from 'asl-fingerspell';
import { packWeights, type TestNet } from './models';

// The types of tfjs-layers stand on tfjs-core's; the modules are given by the test, which knows where it runs.
type Core = typeof import('@tensorflow/tfjs-core');
type Layers = typeof import('@tensorflow/tfjs-layers');

/** The same folder in the hands of `@tensorflow/tfjs-layers`: what every other program computes with it. */
export interface Reference {
  /** All outputs for one picture of the input's size, bytes scaled to `range` and less `mean`. */
  predict(pixels: PixelData, range?: readonly [number, number], mean?: readonly number[]): Promise<Float32Array[]>;
  dispose(): void;
}

export async function loadReference(core: Core, layers: Layers, files: ModelFiles): Promise<Reference> {
  const { modelTopology, weightsManifest } = files.modelJson as {
    modelTopology: object;
    weightsManifest: { weights: import('@tensorflow/tfjs-core').io.WeightsManifestEntry[] }[];
  };
  const weightSpecs = weightsManifest.flatMap((group) => group.weights);
  const weightData = await new Blob([...files.weights]).arrayBuffer();
  const handler = core.io.fromMemory({ modelTopology, weightSpecs, weightData });
  const model = await layers.loadLayersModel(handler);
  return {
    async predict({ data, width, height }, [low, high] = [0, 1], mean = [0, 0, 0]) {
      const rgb = new Float32Array(width * height * 3);
      for (let i = 0; i < width * height; i++) {
        for (let c = 0; c < 3; c++)
          rgb[i * 3 + c] = ((data[i * 4 + c] as number) / 255) * (high - low) + low - (mean[c] as number);
      }
      const input = core.tensor4d(rgb, [1, height, width, 3]);
      const output = model.predict(input);
      const outputs = Array.isArray(output) ? output : [output];
      const values = await Promise.all(outputs.map((tensor) => tensor.data() as Promise<Float32Array>));
      core.dispose([input, ...outputs]);
      return values;
    },
    dispose: () => model.dispose(),
  };
}

/** A test network as files with metadata: letters a, b, c, d and a no-hand class. */
export function toFiles({ modelJson, entries }: TestNet): ModelFiles {
  const { manifest, weights } = packWeights(entries);
  const int2alphabet = { 0: 'a', 1: 'b', 2: 'c', 3: 'd' };
  return {
    modelJson: { ...modelJson, weightsManifest: manifest },
    metadata: { int2alphabet, no_hand_index: 4 },
    weights,
  };
}

/** The largest difference in probability between a classification and the network's first output. */
export function worstDifference(
  result: { readonly probabilities: readonly number[]; readonly noHand: number },
  reference: ArrayLike<number>,
): number {
  const ours = [...result.probabilities, result.noHand];
  return Math.max(...ours.map((p, i) => Math.abs(p - (reference[i] as number))));
}
