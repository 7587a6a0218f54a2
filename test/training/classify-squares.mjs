// What the built library says to squares of pixels: node classify-squares.mjs MODEL_FOLDER RGBA_FILE SIDE
import { readFileSync } from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import { ensureBuild } from '../../scripts/ensure-build.mjs';

const [folder, pixels, side] = process.argv.slice(2);
await ensureBuild();
const { FingerspellRecognizer } = await import('../../dist/node/index.js');
const read = (name) => readFileSync(path.join(folder, name));
const weights = read('group1-shard1of1.bin');
const recognizer = await FingerspellRecognizer.load({
  model: {
    modelJson: JSON.parse(read('model.json')),
    metadata: JSON.parse(read('metadata.json')),
    weights: [weights.buffer.slice(weights.byteOffset, weights.byteOffset + weights.byteLength)],
  },
});
const size = Number(side);
const bytes = readFileSync(pixels);
const answers = [];
for (let start = 0; start < bytes.length; start += size * size * 4) {
  const data = new Uint8Array(bytes.subarray(start, start + size * size * 4));
  const { probabilities, noHand, hand } = await recognizer.classify({ data, width: size, height: size });
  answers.push({ probabilities, noHand, hand });
}
recognizer.dispose();
console.log(JSON.stringify(answers));
