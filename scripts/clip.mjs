// Clips for the fake camera of Chromium (--use-file-for-fake-video-capture=FILE.y4m), made from RGBA pictures.
import { open } from 'node:fs/promises';

/**
 * Writes frames ({ data, width, height } with RGBA bytes, all of the same even size) as an uncompressed Y4M file, which
 * Chromium plays again and again. Holding a picture for a while means giving it several times.
 */
export async function writeClip(path, frames, fps) {
  const [first] = frames;
  if (first === undefined) throw new Error('A clip needs at least one frame.');
  const { width, height } = first;
  if (width % 2 || height % 2) throw new Error(`The sides of a clip must be even, not ${width} × ${height}.`);
  const file = await open(path, 'w');
  try {
    await file.write(`YUV4MPEG2 W${width} H${height} F${fps}:1 Ip A1:1 C420jpeg\n`);
    const cache = new Map();
    for (const frame of frames) {
      if (frame.width !== width || frame.height !== height)
        throw new Error('All frames of a clip must be of one size.');
      if (!cache.has(frame)) cache.set(frame, toYuv(frame));
      await file.write('FRAME\n');
      await file.write(cache.get(frame));
    }
  } finally {
    await file.close();
  }
}

/** A picture laid into a frame of another size, as large as it fits, times `scale`, on plain grey. */
export function framed(picture, { width = 640, height = 480, scale = 1, grey = 96 } = {}) {
  const data = new Uint8ClampedArray(width * height * 4).fill(grey);
  const zoom = scale * Math.min(width / picture.width, height / picture.height);
  const [left, top] = [(width - picture.width * zoom) / 2, (height - picture.height * zoom) / 2];
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const to = 4 * (y * width + x);
      sample(picture, (x + 0.5 - left) / zoom - 0.5, (y + 0.5 - top) / zoom - 0.5, data, to);
      data[to + 3] = 255;
    }
  }
  return { data, width, height };
}

/** Writes the bilinear value of a picture at a point, if the point lies in it. */
function sample({ data, width, height }, x, y, out, to) {
  if (x < -0.5 || y < -0.5 || x > width - 0.5 || y > height - 0.5) return;
  const [x0, y0] = [Math.floor(x), Math.floor(y)];
  const [fx, fy] = [x - x0, y - y0];
  const column = [clamp(x0, width - 1), clamp(x0 + 1, width - 1)];
  const row = [clamp(y0, height - 1), clamp(y0 + 1, height - 1)];
  for (let channel = 0; channel < 3; channel++) {
    const at = (i, j) => data[4 * (row[j] * width + column[i]) + channel];
    const upper = at(0, 0) * (1 - fx) + at(1, 0) * fx;
    const lower = at(0, 1) * (1 - fx) + at(1, 1) * fx;
    out[to + channel] = upper * (1 - fy) + lower * fy;
  }
}

/** Planar 4:2:0 in the video range of BT.601, as cameras give it. */
function toYuv({ data, width, height }) {
  const out = Buffer.alloc((width * height * 3) / 2);
  const [u0, v0] = [width * height, (width * height * 5) / 4];
  for (let i = 0; i < width * height; i++) {
    out[i] = 16.5 + 0.257 * data[4 * i] + 0.504 * data[4 * i + 1] + 0.098 * data[4 * i + 2];
  }
  for (let y = 0; y < height; y += 2) {
    for (let x = 0; x < width; x += 2) {
      const from = 4 * (y * width + x);
      const [r, g, b] = [0, 1, 2].map((channel) => {
        const at = from + channel;
        return (data[at] + data[at + 4] + data[at + 4 * width] + data[at + 4 * width + 4]) / 4;
      });
      const to = (y / 2) * (width / 2) + x / 2;
      out[u0 + to] = 128.5 - 0.148 * r - 0.291 * g + 0.439 * b;
      out[v0 + to] = 128.5 + 0.439 * r - 0.368 * g - 0.071 * b;
    }
  }
  return out;
}

function clamp(value, max) {
  return Math.min(Math.max(value, 0), max);
}
