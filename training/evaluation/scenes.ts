import type { PixelData, RegionRect } from '../../src/types';
import { evenPoint } from './data';

/** What a webcam gives. */
const WIDTH = 640;
const HEIGHT = 480;
/** What is covered, in sides of the box of the joints: the flesh around them as well. */
const COVER = 1.5;

/**
 * The `i`-th scene with somebody at a distance: a whole frame, shrunk, somewhere in another picture. The hand's longer
 * side is a tenth to three tenths of the scene's shorter side.
 */
export function farScene(frame: PixelData, box: RegionRect, background: PixelData, i: number): PixelData {
  const [fill, across, down] = evenPoint(i, 3) as [number, number, number];
  const hand = Math.max(box.width * frame.width, box.height * frame.height);
  const scale = Math.min(((0.1 + 0.2 * fill) * HEIGHT) / hand, WIDTH / frame.width, HEIGHT / frame.height);
  const scene = resized(background, WIDTH, HEIGHT);
  const [width, height] = [Math.floor(frame.width * scale), Math.floor(frame.height * scale)];
  const [x, y] = [Math.floor(across * (WIDTH - width)), Math.floor(down * (HEIGHT - height))];
  paste(scene, resized(frame, width, height), x, y);
  return scene;
}

/** The frame with a piece of another picture where its hand was: faces and rooms without a hand. */
export function withoutHand(frame: PixelData, box: RegionRect, background: PixelData): PixelData {
  const [left, right] = covered(box.x, box.width, frame.width);
  const [top, bottom] = covered(box.y, box.height, frame.height);
  const scene = { ...frame, data: new Uint8ClampedArray(frame.data) };
  paste(scene, resized(background, right - left, bottom - top), left, top);
  return scene;
}

function covered(start: number, length: number, size: number): [number, number] {
  const more = ((COVER - 1) / 2) * length;
  return [Math.max(0, Math.floor((start - more) * size)), Math.min(size, Math.ceil((start + length + more) * size))];
}

/** Each pixel the mean of nine places of what it covers. */
export function resized({ data, width, height }: PixelData, newWidth: number, newHeight: number): PixelData {
  const out = new Uint8ClampedArray(newWidth * newHeight * 4);
  const [stepX, stepY] = [width / newWidth, height / newHeight];
  for (let i = 0; i < out.length; i++) {
    const [pixel, channel] = [i >> 2, i & 3];
    const [column, row] = [pixel % newWidth, Math.floor(pixel / newWidth)];
    let sum = 0;
    for (let part = 0; part < 9; part++) {
      const x = Math.floor((column + ((part % 3) + 0.5) / 3) * stepX);
      const y = Math.floor((row + (Math.floor(part / 3) + 0.5) / 3) * stepY);
      sum += data[(y * width + x) * 4 + channel] as number;
    }
    out[i] = sum / 9;
  }
  return { data: out, width: newWidth, height: newHeight };
}

function paste(onto: PixelData, { data, width, height }: PixelData, x: number, y: number): void {
  for (let row = 0; row < height; row++) {
    onto.data.set(data.subarray(row * width * 4, (row + 1) * width * 4), ((y + row) * onto.width + x) * 4);
  }
}
