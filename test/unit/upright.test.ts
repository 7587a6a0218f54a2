import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import jpeg from 'jpeg-js';
import { afterAll, describe, expect, it } from 'vitest';
import { decodePicture } from '../../training/evaluation/data';

const folder = mkdtempSync(path.join(os.tmpdir(), 'asl-fingerspell-upright-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** A JPEG of 32 × 16 px, red in its first quarter and green in the rest of its first rows, with an EXIF block. */
function makeJpeg(orientation: number): Buffer {
  const data = Buffer.alloc(32 * 16 * 4, 255);
  for (let y = 0; y < 16; y++) {
    for (let x = 0; x < 32; x++) {
      const colour = y < 8 ? (x < 16 ? [255, 0, 0] : [0, 255, 0]) : [0, 0, 255];
      data.set(colour, (y * 32 + x) * 4);
    }
  }
  const bytes = jpeg.encode({ data, width: 32, height: 16 }, 95).data;
  const tiff = [0x4d, 0x4d, 0, 42, 0, 0, 0, 8, 0, 1, 1, 0x12, 0, 3, 0, 0, 0, 1, 0, orientation, 0, 0, 0, 0, 0, 0];
  const exif = Buffer.from([...Buffer.from('Exif\0\0', 'latin1'), ...tiff]);
  const header = Buffer.from([0xff, 0xe1, 0, exif.length + 2]);
  return Buffer.concat([bytes.subarray(0, 2), header, exif, bytes.subarray(2)]);
}

describe('decodePicture', () => {
  // Where the stored picture's first row and first column are seen (Exif 2.3, table 6).
  it.each([
    [1, 'top', 'left'],
    [2, 'top', 'right'],
    [3, 'bottom', 'right'],
    [4, 'bottom', 'left'],
    [5, 'left', 'top'],
    [6, 'right', 'top'],
    [7, 'right', 'bottom'],
    [8, 'left', 'bottom'],
  ])(
    'turns a picture of EXIF orientation %d, whose first row is %s and first column %s',
    (orientation, row, column) => {
      const file = path.join(folder, `${orientation}.jpg`);
      writeFileSync(file, makeJpeg(orientation));
      const { data, width, height } = decodePicture(file);
      expect([width, height]).toEqual(orientation < 5 ? [32, 16] : [16, 32]);
      const strongest = (sides: readonly string[]): number => {
        const x = sides.includes('left') ? 3 : width - 4;
        const y = sides.includes('top') ? 3 : height - 4;
        const pixel = [...data.subarray((y * width + x) * 4, (y * width + x) * 4 + 3)];
        return pixel.indexOf(Math.max(...pixel));
      };
      const opposite = { top: 'bottom', bottom: 'top', left: 'right', right: 'left' }[column] as string;
      expect([strongest([row, column]), strongest([row, opposite])]).toEqual([0, 1]);
    },
  );

  it('names the file that it cannot read', () => {
    const file = path.join(folder, 'broken.jpg');
    writeFileSync(file, makeJpeg(1).subarray(0, 100));
    expect(() => decodePicture(file)).toThrow(file);
  });
});
