import os from 'node:os';
import { expect } from 'vitest';
import { seededRandom } from '../../support/pictures';

/** What {@link READ_PICTURE} answers: a reading on the page, and the same by the library's worker and its threads. */
export const NOISE_REPORT = {
  backend: 'wasm',
  letters: 24,
  top: 5,
  sum: expect.closeTo(1, 5),
  worker: 'same',
  threads: 1,
};
/** The same on a page that is cross-origin isolated. */
export const ISOLATED_REPORT = { ...NOISE_REPORT, threads: Math.min(4, os.cpus().length) };

/** A page with a picture of noise and a place for the answer. */
export function noisePage(script: string): string {
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"><link rel="icon" href="./picture.bmp"><title>t</title></head><body><img id="picture" alt="" src="./picture.bmp"><pre id="answer"></pre>${script}</body></html>`;
}

/** Reads the page's picture with `FingerspellRecognizer`, which comes before this. */
export const READ_PICTURE = `
    const picture = document.getElementById('picture');
    const show = (report) => { document.getElementById('answer').textContent = JSON.stringify(report); };
    async function read() {
      await picture.decode();
      const recognizer = await FingerspellRecognizer.load();
      const { predictions, probabilities, noHand } = await recognizer.classify(picture);
      const sum = probabilities.reduce((a, b) => a + b, noHand);
      const there = await FingerspellRecognizer.load({ worker: true, threads: true });
      const isSame = (await there.classify(picture)).predictions[0].letter === predictions[0].letter;
      const worker = there.runtime.worker && isSame ? 'same' : there.runtime.reason;
      const { threads } = there.runtime;
      show({ backend: recognizer.backend, letters: recognizer.labels.length, top: predictions.length, sum, worker, threads });
    }
    read().catch((error) => show({ code: error.code, message: error.message }));`;

/** A picture of noise as an uncompressed BMP, which every browser reads. */
export function makeBitmap(side = 64): Buffer {
  const header = Buffer.alloc(54);
  header.write('BM');
  header.writeUInt32LE(54 + side * side * 3, 2);
  header.writeUInt32LE(54, 10);
  header.writeUInt32LE(40, 14);
  header.writeInt32LE(side, 18);
  header.writeInt32LE(side, 22);
  header.writeUInt16LE(1, 26);
  header.writeUInt16LE(24, 28);
  const random = seededRandom(1);
  return Buffer.concat([header, Buffer.from(Array.from({ length: side * side * 3 }, () => random() * 256))]);
}
