import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { decode } from '../../examples/node/picture.mjs';
import { describeError } from '../../src/errors';
import type { PixelData, RegionRect } from '../../src/types';

/** A labelled picture of a folder in the data layout (manifest.csv, joints.csv). */
export interface Picture {
  readonly path: string;
  readonly split: string;
  readonly letter: string;
  readonly signer: string;
  /** x, y of the 21 joints as fractions of the picture, where the landmark network was sure. */
  readonly joints: readonly { readonly x: number; readonly y: number }[] | null;
  /** Whether the manifest says where in the picture the hand is: it then shows more than the hand. */
  readonly isBoxed: boolean;
  /** The hand, as fractions of the picture: from the joints, else from the manifest. */
  readonly box: RegionRect | null;
}

/** A square in px of a picture; it may reach outside, where it is black. */
export interface Square {
  readonly x: number;
  readonly y: number;
  readonly side: number;
}

type Row = Readonly<Record<string, string>>;
type Joints = { x: number; y: number }[];

// Below it the landmark network was not sure: its joints are no truth.
const MIN_SCORE = 0.6;

/**
 * Reads the pictures of a folder in the data layout.
 *
 * @param split - which of them, or `all`; `null`: dev, else what is not train, else all
 * @returns with `trainedOn`, the people of whom the split train has hands: they are no strangers to a model of this data
 * @throws Error that says what the folder lacks
 */
export function readPictures(
  folder: string,
  split: string | null,
): { split: string; pictures: Picture[]; trainedOn: ReadonlySet<string> } {
  const manifest = path.join(folder, 'manifest.csv');
  if (!existsSync(manifest)) throw new Error(`There is no ${manifest}: training/manifest.py writes it.`);
  const rows = readCsv(manifest, ['path', 'letter']);
  const splits = [...new Set(rows.map((row) => row['split'] ?? ''))];
  const chosen = split === null ? chooseSplits(splits) : split === 'all' ? splits : [split];
  if (!chosen.some((name) => splits.includes(name))) {
    throw new Error(
      `${folder} has no pictures of the split ${split}, but of ${splits.join(', ')}; all takes every one.`,
    );
  }
  const joints = readJoints(path.join(folder, 'joints.csv'));
  const pictures = rows
    .filter((row) => chosen.includes(row['split'] ?? ''))
    .map((row) => toPicture(folder, row, joints));
  const train = rows.filter((row) => row['split'] === 'train' && row['letter'] !== 'none');
  const trainedOn = new Set(train.map((row) => row['signer'] ?? ''));
  return { split: chosen.filter(Boolean).join(', ') || 'all', pictures, trainedOn };
}

/** The pictures that a model was not trained on, as far as can be told. */
function chooseSplits(splits: readonly string[]): readonly string[] {
  if (splits.includes('dev')) return ['dev'];
  const others = splits.filter((name) => name !== 'train');
  return others.length > 0 ? others : splits;
}

function toPicture(folder: string, row: Row, joints: ReadonlyMap<string, Joints>): Picture {
  const own = joints.get(keyOf(row)) ?? null;
  return {
    path: path.resolve(folder, row['path'] ?? ''),
    split: row['split'] ?? '',
    letter: (row['letter'] ?? '').normalize('NFC'),
    signer: row['signer'] ?? '',
    joints: own,
    isBoxed: Boolean(row['x0']),
    // In a picture without a hand a box means nothing.
    box: own ? boxAround(own) : row['letter'] === 'none' ? null : readBox(row),
  };
}

/** Decodes a JPEG, turned as its EXIF block says, or PNG. */
export function decodePicture(file: string): PixelData {
  const bytes = readFileSync(file);
  try {
    return decode(bytes);
  } catch (cause) {
    throw new Error(`${file} cannot be read as a JPEG or PNG: ${describeError(cause)}`, { cause });
  }
}

/**
 * The square that evaluation reads: the centre of the hand's box, 1.5 times its longer side; without a box the largest
 * centred square.
 */
export function standardSquare(picture: Picture, { width, height }: PixelData): Square {
  if (!picture.box) return centredSquare(width, height, Math.min(width, height));
  const { box } = picture;
  const [x, y, w, h] = [box.x * width, box.y * height, box.width * width, box.height * height];
  const side = 1.5 * Math.max(w, h);
  return { x: x + (w - side) / 2, y: y + (h - side) / 2, side };
}

/** The whole picture in a square, black above and below or left and right. */
export function paddedSquare({ width, height }: PixelData): Square {
  return centredSquare(width, height, Math.max(width, height));
}

/** A square with another side about the same centre, and then moved by shares of its side. */
export function changeSquare(square: Square, times: number, dx: number, dy: number): Square {
  const side = square.side * times;
  const away = (square.side - side) / 2;
  return { x: square.x + away + dx * side, y: square.y + away + dy * side, side };
}

/** A square as people place it by eye, and the light that they sit in. */
export interface LooseView {
  readonly square: Square;
  /** By which the light is multiplied: from half as bright to twice. */
  readonly gain: number;
}

/** Of x⁴ = x + 1 and of x⁵ = x + 1, by the number of dimensions. */
const ROOTS = { 3: 1.2207440846057596, 4: 1.1673039782614187 };

/**
 * The `i`-th of points that fill a cube evenly, 0 to 1 each way: multiples of powers of an inverted root (Roberts, "The
 * Unreasonable Effectiveness of Quasirandom Sequences", 2018). Python comes to the same squares by them.
 */
export function evenPoint(i: number, dimensions: keyof typeof ROOTS): number[] {
  return Array.from({ length: dimensions }, (_, axis) => ((i + 1) * ROOTS[dimensions] ** -(axis + 1)) % 1);
}

/**
 * The `i`-th one, made of a standard square: the hand's longer side is 0.4 to 0.8 of it, and lies anywhere in it; within
 * the picture where it is large enough.
 */
export function looseView({ x, y, side }: Square, { width, height }: PixelData, i: number): LooseView {
  const [fill, across, down, light] = evenPoint(i, 4) as [number, number, number, number];
  const hand = side / 1.5;
  const loose = hand / (0.4 + 0.4 * fill);
  const [left, top] = [x + (side - hand) / 2, y + (side - hand) / 2];
  const room = loose - hand;
  const square = {
    x: within(left - across * room, width - loose),
    y: within(top - down * room, height - loose),
    side: loose,
  };
  return { square, gain: 2 ** (2 * light - 1) };
}

function within(from: number, free: number): number {
  return free > 0 ? Math.min(Math.max(from, 0), free) : from;
}

/** The picture in other light, as a camera takes it whose exposure is wrong. */
export function expose({ data, width, height }: PixelData, gain: number): PixelData {
  const lit = Uint8ClampedArray.from(data, (value, i) => (i % 4 === 3 ? value : value * gain));
  return { data: lit, width, height };
}

/** The pixels of a square, at the picture's own resolution, opaque black outside it. */
export function cut(picture: PixelData, square: Square): PixelData {
  const side = Math.max(1, Math.round(square.side));
  const [left, top] = [Math.round(square.x), Math.round(square.y)];
  const data = new Uint8ClampedArray(side * side * 4);
  new Uint32Array(data.buffer).fill(0xff000000);
  const from = Math.max(0, left);
  const to = Math.min(picture.width, left + side);
  for (let y = Math.max(0, top); y < Math.min(picture.height, top + side) && to > from; y++) {
    const row = picture.data.subarray((y * picture.width + from) * 4, (y * picture.width + to) * 4);
    data.set(row, ((y - top) * side + (from - left)) * 4);
  }
  return { data, width: side, height: side };
}

function centredSquare(width: number, height: number, side: number): Square {
  return { x: (width - side) / 2, y: (height - side) / 2, side };
}

function boxAround(joints: readonly { readonly x: number; readonly y: number }[]): RegionRect {
  const xs = joints.map(({ x }) => x);
  const ys = joints.map(({ y }) => y);
  const [x, y] = [Math.min(...xs), Math.min(...ys)];
  return { x, y, width: Math.max(...xs) - x, height: Math.max(...ys) - y };
}

/** Of a box: a hand may reach far out of its picture; pixels are beyond. */
const isShare = (n: number): boolean => n >= -1 && n <= 3;

function readBox(row: Row): RegionRect | null {
  const corners = ['x0', 'y0', 'x1', 'y1'].map((key) => row[key] ?? '');
  if (corners.every((corner) => corner === '')) return null;
  const [x, y, x1, y1] = corners.map((corner) => (corner === '' ? Number.NaN : Number(corner))) as [
    number,
    number,
    number,
    number,
  ];
  if (![x, y, x1, y1].every(isShare) || x >= x1 || y >= y1) {
    const rule = 'x0, y0, x1, y1 are its corners as fractions of the picture, left and top first';
    throw new Error(`${row['path']} has the box ${corners.join(', ')}: ${rule}.`);
  }
  return { x, y, width: x1 - x, height: y1 - y };
}

function readJoints(file: string): Map<string, Joints> {
  const joints = new Map<string, Joints>();
  if (!existsSync(file)) return joints;
  for (const row of readCsv(file, ['path', 'score', 'x0', 'y20'])) {
    if (!(Number(row['score']) >= MIN_SCORE)) continue;
    const own = Array.from({ length: 21 }, (_, i) => ({ x: Number(row[`x${i}`]), y: Number(row[`y${i}`]) }));
    joints.set(keyOf(row), own);
  }
  return joints;
}

/** What a picture is known by in both files, however its path is written. */
function keyOf(row: Row): string {
  return path.posix.normalize(row['path'] ?? '');
}

// A field with a comma is in quotes; none holds a line break.
function readCsv(file: string, needed: readonly string[]): Record<string, string>[] {
  const text = readFileSync(file, 'utf8').replace(/^\uFEFF/, '');
  const [head = '', ...lines] = text.trim().split(/\r?\n/);
  const keys = fieldsOf(head);
  const missing = needed.filter((key) => !keys.includes(key));
  if (missing.length > 0) throw new Error(`${file} has no column ${missing.join(', ')}; its first line is: ${head}`);
  return lines.map((line) => Object.fromEntries(fieldsOf(line).map((value, i) => [keys[i] ?? '', value])));
}

function fieldsOf(line: string): string[] {
  return cellsOf(line).map((cell) => cell.trim());
}

function cellsOf(line: string): string[] {
  if (!line.includes('"')) return line.split(',');
  const fields = line.matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^,]*))/g);
  return [...fields].map(([, quoted, plain]) => quoted?.replaceAll('""', '"') ?? plain ?? '');
}
