import { type BackendName, FingerspellRecognizer } from 'asl-fingerspell';
import { expect } from 'vitest';
import { type Folder, planFolders } from './folders';
import { fallbackFolders, oddFolders } from './odd-folders';
import { drawNoise, drawPicture } from './pictures';
import { loadReference } from './reference';
import type { Row } from './table';

// Half floats are allowed on WebGL: mobile graphics processors have nothing better.
const TOLERANCES = { wasm: 1e-4, webgl: 1e-3, cpu: 1e-4 } as const;

export function allFolders(): Folder[] {
  return [...planFolders(), ...oddFolders(), ...fallbackFolders()];
}

type Core = typeof import('@tensorflow/tfjs-core');
type Layers = typeof import('@tensorflow/tfjs-layers');

/** Compares a folder on each backend with tfjs-layers, on a picture and on noise. */
export async function compareFolder(
  core: Core,
  layers: Layers,
  folder: Folder,
  backends: readonly BackendName[],
): Promise<Row> {
  const reference = await loadReference(core, layers, folder.reference);
  const pictures = [drawPicture(folder.side, folder.side, 4), drawNoise(folder.side, folder.side, 5)];
  const wanted = await Promise.all(pictures.map((picture) => reference.predict(picture, folder.range, folder.mean)));
  reference.dispose();
  const worst: Record<string, number> = {};
  const before = { ...core.memory() };
  for (const backend of backends) {
    const recognizer = await FingerspellRecognizer.load({ model: folder.files, backend });
    expect(recognizer.inputSize).toBe(folder.side);
    let difference = 0;
    for (const [i, picture] of pictures.entries()) {
      const { probabilities, noHand, hand } = await recognizer.classify(picture);
      expect({ noHand, hand }).toEqual({ noHand: 0, hand: null });
      const values = wanted[i]?.[0] as Float32Array;
      const expected = folder.isLogits ? softmax(values) : [...values];
      expect(probabilities).toHaveLength(expected.length);
      // The network must have an opinion, or any other would agree with it.
      expect(Math.max(...expected)).toBeGreaterThan(1.2 / expected.length);
      difference = Math.max(difference, ...probabilities.map((p, k) => Math.abs(p - (expected[k] as number))));
    }
    recognizer.dispose();
    worst[backend] = difference;
    const { numTensors, numBytes, numDataBuffers } = core.memory();
    expect({ numTensors, numBytes, numDataBuffers }).toMatchObject({
      numTensors: before.numTensors,
      numBytes: before.numBytes,
    });
    expect(numDataBuffers).toBe(before.numDataBuffers);
    expect(difference, `${folder.name} on ${backend}`).toBeLessThan(TOLERANCES[backend]);
  }
  return { name: folder.name, worst };
}

function softmax(values: Float32Array): number[] {
  const max = Math.max(...values);
  const all = Array.from(values, (value) => Math.exp(value - max));
  const sum = all.reduce((a, b) => a + b, 0);
  return all.map((value) => value / sum);
}
