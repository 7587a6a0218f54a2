import type { PixelData } from '../../src/types';
import { changeSquare, cut, type Picture, standardSquare } from './data';
import { resized } from './scenes';

/** What a webcam gives. */
export const [WIDTH, HEIGHT] = [640, 480];
/** Of the cut, in hands: what is nearer to its centre than the first is opaque, what is farther than the second not there. */
const [OPAQUE, CLEAR] = [0.6, 0.75];
/** A camera's shutter is open for so long, s: what moves is blurred along its way. */
const EXPOSURE = 1 / 60;

/** A hand cut out with soft edges, to be put into a scene. */
export interface Sprite {
  readonly letter: string;
  /** From large to small. */
  readonly levels: readonly Level[];
}

interface Level {
  readonly side: number;
  /** Colours times opacity, and opacity, 0 to 255. */
  readonly data: Float32Array;
}

/** Where a hand is in a frame: its centre in px, its longer side in px, how it moves in px a second, how opaque it is. */
export interface Place {
  readonly x: number;
  readonly y: number;
  readonly size: number;
  readonly vx?: number;
  readonly vy?: number;
  readonly opacity?: number;
}

/** The hand of a picture in which it is known where it is. */
export function spriteOf(picture: Picture, image: PixelData): Sprite {
  const square = changeSquare(standardSquare(picture, image), (2 * CLEAR) / 1.5, 0, 0);
  const { data, width: side } = cut(image, square);
  const [left, top] = [Math.round(square.x), Math.round(square.y)];
  const out = new Float32Array(side * side * 4);
  for (let i = 0; i < side * side; i++) {
    const [x, y] = [i % side, Math.floor(i / side)];
    const isInside = left + x >= 0 && left + x < image.width && top + y >= 0 && top + y < image.height;
    const distance = Math.hypot((x + 0.5) / side - 0.5, (y + 0.5) / side - 0.5) * 2 * CLEAR;
    const opacity = isInside ? Math.min(1, Math.max(0, (CLEAR - distance) / (CLEAR - OPAQUE))) : 0;
    for (let c = 0; c < 3; c++) out[4 * i + c] = opacity * (data[4 * i + c] as number);
    out[4 * i + 3] = 255 * opacity;
  }
  const levels: Level[] = [{ side, data: out }];
  for (let level = levels[0] as Level; level.side >= 64; levels.push(level)) level = halved(level);
  return { letter: picture.letter, levels };
}

/** A part of a picture, as large as a frame can be in it at `zoom`; x and y from 0 to 1 say which one. */
export function backgroundOf(picture: PixelData, zoom: number): (x: number, y: number) => Uint8ClampedArray {
  const [width, height] = [Math.round(WIDTH * zoom), Math.round(HEIGHT * zoom)];
  const large = resized(picture, width, height);
  return (x, y) => {
    const [left, top] = [Math.round(x * (width - WIDTH)), Math.round(y * (height - HEIGHT))];
    const out = new Uint8ClampedArray(WIDTH * HEIGHT * 4);
    for (let row = 0; row < HEIGHT; row++) {
      const start = ((top + row) * width + left) * 4;
      out.set(large.data.subarray(start, start + WIDTH * 4), row * WIDTH * 4);
    }
    return out;
  };
}

/** Puts a hand into a frame, blurred as it moves. */
export function putHand(frame: Uint8ClampedArray, sprite: Sprite, place: Place): void {
  const { x, y, size, vx = 0, vy = 0, opacity = 1 } = place;
  const width = 2 * CLEAR * size;
  // The smallest one that is not smaller than what is drawn.
  const { side, data } = sprite.levels.filter((level) => level.side >= width).at(-1) ?? (sprite.levels[0] as Level);
  const scale = side / width;
  const steps = 1 + Math.ceil((Math.hypot(vx, vy) * EXPOSURE) / 3);
  const [moreX, moreY] = [(Math.abs(vx) * EXPOSURE) / 2, (Math.abs(vy) * EXPOSURE) / 2];
  const [left, top] = [x - width / 2, y - width / 2];
  const lastRow = Math.min(HEIGHT, Math.ceil(top + width + moreY));
  const lastColumn = Math.min(WIDTH, Math.ceil(left + width + moreX));
  const weight = opacity / steps;
  for (let row = Math.max(0, Math.floor(top - moreY)); row < lastRow; row++) {
    for (let column = Math.max(0, Math.floor(left - moreX)); column < lastColumn; column++) {
      let [r, g, b, a] = [0, 0, 0, 0];
      for (let step = 0; step < steps; step++) {
        const back = steps === 1 ? 0 : (step / (steps - 1) - 0.5) * EXPOSURE;
        const u = (column + 0.5 - vx * back - left) * scale - 0.5;
        const v = (row + 0.5 - vy * back - top) * scale - 0.5;
        const [u0, v0] = [Math.floor(u), Math.floor(v)];
        if (u0 < 0 || v0 < 0 || u0 + 1 >= side || v0 + 1 >= side) continue;
        for (let corner = 0; corner < 4; corner++) {
          const [right, below] = [corner & 1, corner >> 1];
          const w = weight * (right ? u - u0 : 1 - u + u0) * (below ? v - v0 : 1 - v + v0);
          const at = 4 * ((v0 + below) * side + u0 + right);
          r += w * (data[at] as number);
          g += w * (data[at + 1] as number);
          b += w * (data[at + 2] as number);
          a += w * (data[at + 3] as number);
        }
      }
      const at = 4 * (row * WIDTH + column);
      const rest = 1 - a / 255;
      frame[at] = r + rest * (frame[at] as number);
      frame[at + 1] = g + rest * (frame[at + 1] as number);
      frame[at + 2] = b + rest * (frame[at + 2] as number);
    }
  }
}

/** Half as large each way. */
function halved({ side, data }: Level): Level {
  const half = side >> 1;
  const out = new Float32Array(half * half * 4);
  for (let i = 0; i < out.length; i++) {
    const at = 8 * (Math.floor(i / 4 / half) * side + ((i >> 2) % half)) + (i & 3);
    const sum = [at, at + 4, at + 4 * side, at + 4 * side + 4].reduce(
      (total, place) => total + (data[place] as number),
      0,
    );
    out[i] = sum / 4;
  }
  return { side: half, data: out };
}
