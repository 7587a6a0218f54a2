import { readFileSync } from 'node:fs';
import path from 'node:path';
import jpeg from 'jpeg-js';
import { framed, writeClip } from '../scripts/clip.mjs';
import { devImages } from '../test/support/shared-data';

/**
 * A camera clip of so many pixels, in which hands are held still one after another: photographs where the data is on
 * the machine. Without it there is no hand in it, which changes MediaPipe's times only: it looks for a palm then.
 */
export async function writeHandClip(folder: string, width: number, height: number): Promise<string> {
  const pictures = devImages(8)?.map(({ file }) => jpeg.decode(readFileSync(file))) ?? [plainPicture()];
  const frames = pictures.flatMap((picture) => {
    const frame = framed(picture, { width, height });
    return Array.from({ length: 30 }, () => frame);
  });
  const file = path.join(folder, `hands-${width}.y4m`);
  await writeClip(file, frames, 30);
  return file;
}

function plainPicture(): { data: Uint8Array; width: number; height: number } {
  return {
    data: new Uint8Array(64 * 64 * 4).map((_, i) => (i % 4 === 3 ? 255 : (i * 7) % 256)),
    width: 64,
    height: 64,
  };
}
