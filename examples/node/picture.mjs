// The pixels of picture files, as classify() takes them.
import jpeg from 'jpeg-js';
import { PNG } from 'pngjs';

/** The EXIF entry that says how a camera was held. */
const ORIENTATION = 0x0112;

/**
 * The pixels of a JPEG or PNG file, which are told apart by their first bytes. JPEGs are turned as their camera noted: phones
 * store what they see lying on its side.
 *
 * @param {Uint8Array} bytes - the file
 * @returns {{ data: Uint8Array, width: number, height: number }} RGBA bytes
 */
export function decode(bytes) {
  if (bytes[0] === 0x89) return PNG.sync.read(bytes);
  if (bytes[0] !== 0xff || bytes[1] !== 0xd8) throw new Error('it is neither a JPEG nor a PNG picture');
  const picture = jpeg.decode(bytes, { useTArray: true, maxMemoryUsageInMB: 1024 });
  return turnUpright(picture, readOrientation(picture.exifBuffer));
}

/** The orientation in an EXIF block, 1 (as it is) to 8. */
function readOrientation(exif) {
  if (!exif) return 1;
  // Its header may follow after padding.
  const start = exif[0] === 0 ? 1 : 0;
  const view = new DataView(exif.buffer, exif.byteOffset + start, exif.byteLength - start);
  const isLittle = view.byteLength > 8 && view.getUint16(0) === 0x4949;
  const directory = view.byteLength > 8 ? view.getUint32(4, isLittle) : view.byteLength;
  if (directory + 2 > view.byteLength) return 1;
  for (let i = 0; i < view.getUint16(directory, isLittle); i++) {
    const entry = directory + 2 + i * 12;
    if (entry + 12 > view.byteLength) break;
    if (view.getUint16(entry, isLittle) !== ORIENTATION) continue;
    const value = view.getUint16(entry + 8, isLittle);
    return value >= 1 && value <= 8 ? value : 1;
  }
  return 1;
}

/** The picture turned and mirrored as its orientation says. */
function turnUpright(picture, orientation) {
  if (orientation === 1) return picture;
  const { width, height } = picture;
  const from = new Uint32Array(picture.data.slice().buffer);
  const to = new Uint32Array(from.length);
  const isTransposed = orientation >= 5;
  const [columns, rows] = isTransposed ? [height, width] : [width, height];
  const isFlippedAcross = [2, 3, 7, 8].includes(orientation);
  const isFlippedDown = [3, 4, 6, 7].includes(orientation);
  for (let y = 0; y < rows; y++) {
    for (let x = 0; x < columns; x++) {
      const [a, b] = isTransposed ? [y, x] : [x, y];
      const column = isFlippedAcross ? width - 1 - a : a;
      const row = isFlippedDown ? height - 1 - b : b;
      to[y * columns + x] = from[row * width + column];
    }
  }
  return { data: new Uint8Array(to.buffer), width: columns, height: rows };
}
