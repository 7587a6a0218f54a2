// Draws pictures of a hand before a room, pixel by pixel and always the same, for tests that may not need photographs:
// node scripts/draw-hand.mjs FOLDER LETTER…   writes hand-LETTER.png
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import process from 'node:process';
import { pathToFileURL } from 'node:url';
import { PNG } from 'pngjs';
import { LETTERS, poseHand } from './hand-model.mjs';

export { LETTERS };

const SKIN = [224, 172, 140];
const SLEEVE = [62, 84, 122];
const LIGHT = normal([-0.45, 0.6, 0.75]);
/** Samples a pixel has in each direction. */
const FINE = 2;

/**
 * The picture of a letter: { data, width, height } with RGBA bytes. `handSide` is how tall the palm is, as a share of
 * the picture's height; `x`, `y` the place of the wrist, as shares of its width and height.
 */
export function drawHand(letter, { width = 640, height = 480, handSide = 0.33, x = 0.5, y = 0.82, seed = 1 } = {}) {
  const [w, h] = [width * FINE, height * FINE];
  const canvas = { width: w, height: h, colour: drawRoom(w, h), depth: new Float32Array(w * h).fill(-1e9) };
  const unit = handSide * h;
  const at = ([px, py, pz]) => [x * w + px * unit, y * h - py * unit, pz * unit];
  for (const { from, to, radii, colour } of limbs(poseHand(letter))) {
    drawCapsule(canvas, at(from), at(to), radii[0] * unit, radii[1] * unit, colour);
  }
  return shrink(canvas, width, height, seed);
}

/** Everything that a hand is made of: capsules from joint to joint, thinner towards the tips. */
function limbs(joints) {
  const skin = (from, to, radii) => ({ from, to, radii, colour: SKIN });
  const arm = [0.02, -0.62, -0.1];
  const parts = [
    skin([0, 0.05, -0.02], arm, [0.25, 0.27]),
    { from: [0.01, -0.42, -0.08], to: [0.05, -1.4, -0.1], radii: [0.36, 0.44], colour: SLEEVE },
    // The ball of the thumb, and the palm as fans of overlapping strands.
    skin([0.12, 0.22, 0.06], joints[2], [0.2, 0.13]),
    skin([-0.16, 0.2, 0], [-0.25, 0.62, 0], [0.18, 0.15]),
  ];
  for (let finger = 1; finger < 5; finger++) {
    const knuckle = joints[1 + 4 * finger];
    parts.push(skin([0.25 * knuckle[0], 0.08, -0.02], knuckle, [0.2, 0.125]));
  }
  for (let finger = 0; finger < 5; finger++) {
    const thickness = [1.12, 1, 1.02, 0.97, 0.84][finger];
    for (let bone = 0; bone < 3; bone++) {
      const from = joints[1 + 4 * finger + bone];
      const to = joints[2 + 4 * finger + bone];
      parts.push(
        skin(
          from,
          to,
          [0.112, 0.102, 0.092, 0.08].slice(bone, bone + 2).map((r) => r * thickness),
        ),
      );
    }
  }
  return parts;
}

/** A capsule whose ends may differ in thickness, lit from one side, hidden behind what is nearer. */
function drawCapsule(canvas, a, b, radiusA, radiusB, colour) {
  const [dx, dy] = [b[0] - a[0], b[1] - a[1]];
  const length2 = dx * dx + dy * dy || 1e-9;
  const reach = Math.max(radiusA, radiusB);
  const [left, right] = range(a[0], b[0], reach, canvas.width);
  const [top, bottom] = range(a[1], b[1], reach, canvas.height);
  for (let y = top; y < bottom; y++) {
    for (let x = left; x < right; x++) {
      const t = Math.min(Math.max(((x - a[0]) * dx + (y - a[1]) * dy) / length2, 0), 1);
      const radius = radiusA + (radiusB - radiusA) * t;
      const nx = (x - a[0] - t * dx) / radius;
      const ny = (y - a[1] - t * dy) / radius;
      const flat = nx * nx + ny * ny;
      if (flat >= 1) continue;
      const nz = Math.sqrt(1 - flat);
      const depth = a[2] + (b[2] - a[2]) * t + nz * radius;
      const i = y * canvas.width + x;
      if (depth <= canvas.depth[i]) continue;
      canvas.depth[i] = depth;
      const lit = Math.max(0, nx * LIGHT[0] - ny * LIGHT[1] + nz * LIGHT[2]);
      // Skin is never black at its rim, and redder there.
      const shade = 0.42 + 0.68 * lit;
      const rim = (1 - nz) ** 2;
      canvas.colour[3 * i] = colour[0] * shade * (1 - 0.1 * rim);
      canvas.colour[3 * i + 1] = colour[1] * shade * (1 - 0.28 * rim);
      canvas.colour[3 * i + 2] = colour[2] * shade * (1 - 0.3 * rim);
    }
  }
}

/** A wall with light from a window, a shelf with books, and a door frame. */
function drawRoom(width, height) {
  const colour = new Float32Array(width * height * 3);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const [u, v] = [x / width, y / height];
      const glow = Math.max(0, 1 - Math.hypot(u - 0.12, v - 0.25) * 1.15);
      let rgb = [168 + 52 * glow, 172 + 48 * glow, 170 + 40 * glow].map((c) => c * (1 - 0.22 * v));
      if (u > 0.9) rgb = [112, 96, 82];
      if (v > 0.24 && v < 0.265 && u < 0.3) rgb = [120, 92, 66];
      const book = Math.floor(u * 28);
      if (v > 0.24 - 0.1 - 0.03 * ((book * 7) % 3) && v <= 0.24 && u > 0.04 && book < 7) {
        rgb = [
          [150, 72, 62],
          [74, 104, 122],
          [196, 178, 132],
        ][book % 3];
      }
      colour.set(rgb, 3 * (y * width + x));
    }
  }
  return colour;
}

/** From fine samples to pixels, with a little noise as cameras have it. */
function shrink({ width, colour }, outWidth, outHeight, seed) {
  const data = new Uint8ClampedArray(outWidth * outHeight * 4);
  const random = generator(seed);
  for (let y = 0; y < outHeight; y++) {
    for (let x = 0; x < outWidth; x++) {
      const to = 4 * (y * outWidth + x);
      const noise = 5 * (random() - 0.5);
      for (let channel = 0; channel < 3; channel++) {
        let sum = 0;
        for (let j = 0; j < FINE * FINE; j++) {
          const [i, k] = [x * FINE + (j % FINE), y * FINE + Math.floor(j / FINE)];
          sum += Math.min(255, colour[3 * (k * width + i) + channel]);
        }
        data[to + channel] = sum / FINE ** 2 + noise;
      }
      data[to + 3] = 255;
    }
  }
  return { data, width: outWidth, height: outHeight };
}

function range(a, b, reach, size) {
  return [Math.max(0, Math.floor(Math.min(a, b) - reach)), Math.min(size, Math.ceil(Math.max(a, b) + reach) + 1)];
}

function normal(vector) {
  const length = Math.hypot(...vector);
  return vector.map((value) => value / length);
}

/** Mulberry32: the same numbers from the same seed everywhere. */
function generator(seed) {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const [folder = 'test/fixtures', ...letters] = process.argv.slice(2);
  await mkdir(folder, { recursive: true });
  for (const letter of letters.length > 0 ? letters : ['l']) {
    const { data, width, height } = drawHand(letter);
    const png = Object.assign(new PNG({ width, height }), { data: Buffer.from(data) });
    await writeFile(path.join(folder, `hand-${letter}.png`), PNG.sync.write(png));
  }
}
