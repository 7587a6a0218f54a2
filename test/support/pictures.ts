import type { PixelData } from 'asl-fingerspell';

/** Numbers from 0 to 1 that are the same in every run (mulberry32). */
export function seededRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** RGBA noise. */
export function drawNoise(width: number, height: number, seed: number): PixelData {
  const random = seededRandom(seed);
  const data = new Uint8ClampedArray(width * height * 4);
  for (let i = 0; i < data.length; i++) data[i] = i % 4 === 3 ? 255 : random() * 256;
  return { data, width, height };
}

/** An opaque picture with a gradient, soft and hard edges, fine stripes and a little noise, as photographs have. */
export function drawPicture(width: number, height: number, seed: number): PixelData {
  const random = seededRandom(seed);
  const blobs = Array.from({ length: 12 }, () => ({
    x: random(),
    y: random(),
    radius: 0.05 + 0.2 * random(),
    isHard: random() < 0.5,
    colour: [random() * 255, random() * 255, random() * 255],
  }));
  const data = new Uint8ClampedArray(width * height * 4);
  for (let y = 0, at = 0; y < height; y++) {
    for (let x = 0; x < width; x++, at += 4) {
      const [u, v] = [x / width, y / height];
      const colour = [80 + 120 * u, 60 + 140 * v, 110 + 40 * Math.sin(60 * (u + v))];
      for (const blob of blobs) {
        const distance = Math.hypot(u - blob.x, v - blob.y) / blob.radius;
        const share = blob.isHard ? (distance < 1 ? 0.9 : 0) : Math.max(0, 1 - distance);
        for (const c of [0, 1, 2]) colour[c] = (colour[c] as number) * (1 - share) + (blob.colour[c] as number) * share;
      }
      const noise = 12 * (random() - 0.5);
      for (const c of [0, 1, 2]) data[at + c] = (colour[c] as number) + noise;
      data[at + 3] = 255;
    }
  }
  return { data, width, height };
}

/** An opaque picture of one colour, RGB 0 to 255. */
export function plain(width: number, height: number, [r, g, b]: readonly [number, number, number]) {
  const data = new Uint8ClampedArray(width * height * 4);
  new Uint32Array(data.buffer).fill((255 << 24) | (b << 16) | (g << 8) | r);
  return { data, width, height };
}
