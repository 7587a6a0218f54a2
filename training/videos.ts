// Reads synthetic videos through the published library, in Node: hands of people that it was not trained on, cut out and
// moved over rooms and photographs.
//
//   npx node scripts/run-ts.mjs training/videos.ts [DIR] [--signers a,b] [--scenes a,b] [--each N] [--fps 15]
//
// DIR is a folder in the data layout; ../shared/data unless given. Only pictures that are read right in a standard square
// are taken, N of each signer: what is measured is how hands are followed and letters written.
import { parseArgs } from 'node:util';
import { type Classification, FingerspellRecognizer, FingerspellSpeller, type FrameSource } from 'asl-fingerspell';
import type { PixelData } from '../src/types';
import * as data from './evaluation/data';
import { withoutHand } from './evaluation/scenes';
import * as videos from './evaluation/videos';

const { WIDTH, HEIGHT } = videos;
const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    signers: { type: 'string' },
    scenes: { type: 'string' },
    each: { type: 'string', default: '6' },
    fps: { type: 'string', default: '15' },
  },
});

interface Hand extends videos.Place {
  readonly sprite: videos.Sprite;
}

/** What is in a video at some time: hands, the one that is meant first. */
interface Shot {
  readonly hands: readonly Hand[];
  /** The letter that is to be read; `null` for none, `undefined` where either would do. */
  readonly letter: string | null | undefined;
  /** By how much the camera is pushed aside, px. */
  readonly shake?: readonly [number, number];
  /** The part of the background, 0 to 1 each way. */
  readonly pan?: readonly [number, number];
  /** Counts what is to be read anew. */
  readonly part?: number;
}

interface Scene {
  readonly seconds: number;
  /** All that is to be written. */
  readonly text: string;
  readonly at: (time: number) => Shot;
}

interface Cast {
  readonly sprite: videos.Sprite;
  /** Others of the same person, of other letters. */
  readonly others: readonly videos.Sprite[];
  readonly random: () => number;
}

/** There and back between 0 and 1, from 0. */
const swing = (x: number): number => 1 - Math.abs((((x % 2) + 2) % 2) - 1);
const isInside = ({ x, y, size }: videos.Place): boolean =>
  x >= size / 2 && x <= WIDTH - size / 2 && y >= size / 2 && y <= HEIGHT - size / 2;

/** A hand that trembles at one place, of .2 to .45 of the shorter side. */
function somewhere(random: () => number, from = 0.2, to = 0.45): videos.Place {
  const size = HEIGHT * (from + (to - from) * random());
  return { x: size / 2 + random() * (WIDTH - size), y: size / 2 + random() * (HEIGHT - size), size };
}

function tremble(place: videos.Place, time: number): videos.Place {
  const [x, y] = [place.x + 1.5 * Math.sin(13 * time), place.y + 1.5 * Math.sin(17 * time + 1)];
  return { ...place, x, y };
}

function moving(speed: number) {
  return ({ sprite, random }: Cast): Scene => {
    const place = somewhere(random);
    const [start, way] = [random() * 2, WIDTH - place.size];
    const at = (time: number): Shot => {
      const across = start + (time * speed * WIDTH) / way;
      const x = place.size / 2 + way * swing(across);
      const vx = (across % 2 < 1 ? 1 : -1) * speed * WIDTH;
      return { hands: [{ sprite, ...tremble({ ...place, x }, time), vx }], letter: sprite.letter };
    };
    return { seconds: 4, text: sprite.letter, at };
  };
}

function comingAndGoing({ sprite, random }: Cast): Scene {
  const place = somewhere(random);
  const [out, speed] = [-place.size, 2 * (place.x + place.size)];
  const at = (time: number): Shot => {
    const vx = time < 0.5 ? speed : time > 3.5 && time < 4 ? -speed : 0;
    const x = time < 0.5 ? out + speed * time : time < 3.5 ? place.x : place.x - speed * (time - 3.5);
    const hand = { sprite, ...tremble({ ...place, x }, time), vx };
    const letter = time < 0.5 || (time > 3.5 && time < 4) ? undefined : time < 4 ? sprite.letter : null;
    return { hands: time < 4 ? [hand] : [], letter };
  };
  return { seconds: 6, text: sprite.letter, at };
}

function jumping({ sprite, random }: Cast): Scene {
  const { size } = somewhere(random);
  const places = Array.from({ length: 4 }, () => ({ ...somewhere(random), size }));
  const at = (time: number): Shot => {
    const part = Math.min(3, Math.floor(time / 1.5));
    const { x, y } = places[part] as videos.Place;
    const inside = { size, x: Math.min(Math.max(x, size / 2), WIDTH - size / 2), y };
    return { hands: [{ sprite, ...tremble(inside, time) }], letter: sprite.letter, part };
  };
  return { seconds: 6, text: sprite.letter, at };
}

/** Six letters of one person, each held for `held` s, with a cross-fade of 0.2 s between two. */
function spelling(held: number) {
  return ({ sprite, others, random }: Cast): Scene => {
    const sprites = [sprite, ...others.slice(0, 5)];
    const place = somewhere(random);
    const each = held + 0.2;
    const at = (time: number): Shot => {
      const part = Math.min(sprites.length - 1, Math.floor(time / each));
      const fade = Math.max(0, (time - part * each - held) / 0.2);
      const [now, next] = [sprites[part] as videos.Sprite, sprites[part + 1]];
      const hands: Hand[] = [{ sprite: now, ...tremble(place, time) }];
      if (next && fade > 0) hands.push({ sprite: next, ...tremble(place, time), opacity: fade });
      return { hands, letter: fade > 0 ? undefined : now.letter, part };
    };
    return { seconds: each * sprites.length, text: sprites.map(({ letter }) => letter).join(''), at };
  };
}

/** A second hand of 0.6 times the size at the other side of the frame; the first comes after `from` s. */
function secondHand(from: number) {
  return ({ sprite, others, random }: Cast): Scene => {
    const size = HEIGHT * (0.25 + 0.2 * random());
    const isLeft = random() < 0.5;
    const side = (share: number, left: boolean): number => (left ? share : 1 - share) * WIDTH;
    const first = { size, x: side(0.28, isLeft), y: HEIGHT * (0.35 + 0.3 * random()) };
    const second = { size: 0.6 * size, x: side(0.75, isLeft), y: HEIGHT * (0.2 + 0.6 * random()) };
    const other = others[0] ?? sprite;
    const at = (time: number): Shot => {
      const behind = { sprite: other, ...tremble(second, time + 1) };
      if (time < from) return { hands: [behind], letter: undefined };
      return { hands: [{ sprite, ...tremble(first, time) }, behind], letter: sprite.letter };
    };
    return { seconds: 5 + from, text: sprite.letter, at };
  };
}

function toAndFro({ sprite, random }: Cast): Scene {
  const x = WIDTH * (0.4 + 0.2 * random());
  const start = random() * 2;
  const at = (time: number): Shot => {
    const size = HEIGHT * 0.12 * (0.7 / 0.12) ** swing(start + time / 2);
    return { hands: [{ sprite, ...tremble({ x, y: HEIGHT / 2, size }, time) }], letter: sprite.letter };
  };
  return { seconds: 6, text: sprite.letter, at };
}

function shaking(by: number) {
  return ({ sprite, random }: Cast): Scene => {
    const place = somewhere(random);
    const at = (time: number): Shot => {
      const push = videos.randomFrom(Math.round(time * 1000));
      const shake = [(push() - 0.5) * 2 * by, (push() - 0.5) * 2 * by] as const;
      return { hands: [{ sprite, ...tremble(place, time) }], letter: sprite.letter, shake };
    };
    return { seconds: 4, text: sprite.letter, at };
  };
}

function nobody({ random }: Cast): Scene {
  const start = random() * 2;
  const at = (time: number): Shot => ({
    hands: [],
    letter: null,
    pan: [swing(start + time / 7), swing(2 * start + time / 11)],
  });
  return { seconds: 12, text: '', at };
}

const SCENES: Readonly<Record<string, (cast: Cast) => Scene>> = {
  'at rest': moving(0),
  'moves 0.1': moving(0.1),
  'moves 0.3': moving(0.3),
  'moves 0.6': moving(0.6),
  'moves 1': moving(1),
  'comes and goes': comingAndGoing,
  jumps: jumping,
  'spells 1 s': spelling(0.8),
  'spells 0.6 s': spelling(0.4),
  'second hand': secondHand(0),
  'second hand first': secondHand(1.5),
  'to and fro': toAndFro,
  'shakes 5': shaking(5),
  'shakes 12': shaking(12),
  nobody,
};

/** What was counted in one scene. */
class Tally {
  frames = 0;
  right = 0;
  wrong = 0;
  handFrames = 0;
  onHand = 0;
  switches = 0;
  delays: number[] = [];
  seconds = 0;
  meant = 0;
  missed = 0;
  stray = 0;
  doubled = 0;
  ms = 0;
  emptyFrames = 0;
  falseFrames = 0;
}

const recognizer = await FingerspellRecognizer.load({ backend: 'wasm' });
const folder = positionals[0] ?? '../shared/data';
const pictures = data.readPictures(folder, 'dev').pictures;
const photographs = pictures.filter(({ letter }) => letter === 'none');
const people = [...new Set(pictures.map(({ signer }) => signer))].filter((signer) => isChosen(signer, options.signers));
const rows: Record<string, Record<string, number | string>> = {};
const casts = await gatherCasts();
for (const [name, make] of Object.entries(SCENES)) {
  if (!isChosen(name, options.scenes)) continue;
  const tally = new Tally();
  for (const [i, { sprites, rooms }] of casts.entries()) {
    const random = videos.randomFrom(i + 1);
    const [sprite, ...others] = sprites as [videos.Sprite, ...videos.Sprite[]];
    const scene = make({ sprite, others, random });
    await film(scene, rooms, Number(options.fps), tally);
  }
  rows[name] = rowOf(tally);
  console.error(process.cpuUsage().user / 1e6, name, JSON.stringify(rows[name]));
}
console.table(rows);
recognizer.dispose();

function isChosen(name: string, wanted: string | undefined): boolean {
  return wanted === undefined || wanted.split(',').includes(name);
}

interface Company {
  readonly sprites: readonly videos.Sprite[];
  readonly rooms: (x: number, y: number) => Uint8ClampedArray;
}

/** N hands of each person, each with other letters of that person, in rooms and photographs by turns. */
async function gatherCasts(): Promise<Company[]> {
  const each = Number(options.each);
  const casts: Company[] = [];
  for (const signer of people) {
    const own = pictures.filter((p) => p.signer === signer && recognizer.labels.includes(p.letter) && p.joints);
    const random = videos.randomFrom(own.length);
    const shuffled = own.map((p) => ({ p, key: random() })).sort((a, b) => a.key - b.key);
    const rooms: PixelData[] = [];
    const good: videos.Sprite[] = [];
    for (const { p } of shuffled) {
      if (good.length === 6 * each) break;
      const image = data.decodePicture(p.path);
      const square = data.standardSquare(p, image);
      if (p.isBoxed && p.box && isFrame(image)) {
        const cover = data.decodePicture(photographs[rooms.length % photographs.length]?.path as string);
        rooms.push(withoutHand(image, p.box, cover));
      }
      if (square.side / 1.5 < 70) continue;
      if ((await recognizer.classify(data.cut(image, square))).letter === p.letter) good.push(videos.spriteOf(p, image));
    }
    for (let i = 0; i < Math.min(each, good.length); i++) {
      const sprite = good[i] as videos.Sprite;
      const sprites = [sprite];
      for (const other of [...good.slice(i + 1), ...good.slice(0, i)]) {
        if (sprites.every(({ letter }) => letter !== other.letter)) sprites.push(other);
      }
      const photograph = data.decodePicture(photographs[(casts.length * 7) % photographs.length]?.path as string);
      const room = i % 2 === 0 ? (rooms[i % Math.max(1, rooms.length)] ?? photograph) : photograph;
      casts.push({ sprites, rooms: videos.backgroundOf(room, 1.3) });
    }
  }
  return casts;
}

function isFrame({ width, height }: { width: number; height: number }): boolean {
  return Math.max(width, height) > 224 && width !== height;
}

async function film(
  scene: Scene,
  room: Company['rooms'],
  fps: number,
  tally: Tally,
): Promise<void> {
  const speller = new FingerspellSpeller({ labels: recognizer.labels, confusion: recognizer.confusion });
  const still = room(0.5, 0.5);
  // A video is what has a width of this name; its pixels may change from call to call.
  const video = { data: still, width: WIDTH, height: HEIGHT, videoWidth: WIDTH };
  let [part, since, isWaiting, last] = [-1, 0, true, ''];
  for (let i = 0; i < scene.seconds * fps; i++) {
    const time = i / fps;
    const { hands, letter, shake = [0, 0], pan, part: now = 0 } = scene.at(time);
    const frame = pan ? room(...pan) : shake[0] ? room(0.5 - shake[0] / 192, 0.5 - shake[1] / 144) : still.slice();
    const places = hands.map((hand) => ({ ...hand, x: hand.x + shake[0], y: hand.y + shake[1] }));
    for (const hand of places) videos.putHand(frame, hand.sprite, hand);
    video.data = frame;
    const result = await recognizer.classify(video as FrameSource, { region: 'hand' });
    tally.ms += result.timing.inferenceMs;
    speller.push(result, time * 1000);
    tally.frames++;
    const first = places[0];
    if (letter === undefined || (first && !isInside(first) && letter !== null)) continue;
    if (part !== now) [part, since, isWaiting] = [now, time, true];
    if (letter === null) {
      if (result.letter !== null) tally.falseFrames++;
      tally.emptyFrames++;
      continue;
    }
    tally.handFrames++;
    if (result.letter === letter) tally.right++;
    else if (result.letter !== null) tally.wrong++;
    if (first && isOn(result, first)) tally.onHand++;
    if (result.letter !== null && last !== result.letter) [tally.switches, last] = [tally.switches + 1, result.letter];
    if (isWaiting && result.letter === letter) {
      tally.delays.push(time - since);
      isWaiting = false;
    }
  }
  tally.seconds += scene.seconds;
  const { text } = speller;
  tally.meant += scene.text.length;
  const common = commonLength(scene.text, text);
  tally.missed += scene.text.length - common;
  const extra = [...text].filter((letter) => scene.text.includes(letter)).length - common;
  tally.doubled += extra;
  tally.stray += text.length - common - extra;
}

/** Whether what was read lies around this hand. */
function isOn({ hand }: Classification, { x, y, size }: videos.Place): boolean {
  if (!hand) return false;
  const middle = (values: number[]): number => (Math.min(...values) + Math.max(...values)) / 2;
  const [u, v] = [middle(hand.joints.map((j) => j.x * WIDTH)), middle(hand.joints.map((j) => j.y * HEIGHT))];
  return Math.hypot(u - x, v - y) < size / 2;
}

/** How many letters two texts have in common, in order. */
function commonLength(a: string, b: string): number {
  let row: number[] = new Array(b.length + 1).fill(0);
  for (const letter of a) {
    const next = [0];
    for (let j = 1; j <= b.length; j++) {
      next.push(b[j - 1] === letter ? (row[j - 1] as number) + 1 : Math.max(row[j] as number, next[j - 1] as number));
    }
    row = next;
  }
  return row[b.length] as number;
}

function rowOf(t: Tally): Record<string, number | string> {
  const share = (n: number, of: number): number => Math.round((1000 * n) / Math.max(1, of)) / 10;
  const delays = [...t.delays].sort((a, b) => a - b);
  const at = (share: number): number => Math.round(1000 * (delays[Math.floor(share * (delays.length - 1))] ?? -0.001));
  return {
    right: share(t.right, t.handFrames),
    wrong: share(t.wrong, t.handFrames),
    onHand: share(t.onHand, t.handFrames),
    onEmpty: share(t.falseFrames, t.emptyFrames),
    delay50: at(0.5),
    delay90: at(0.9),
    meant: t.meant,
    missed: share(t.missed, t.meant),
    strayPerMin: Math.round((600 * t.stray) / t.seconds) / 10,
    doubledPerMin: Math.round((600 * t.doubled) / t.seconds) / 10,
    switchesPerMin: Math.round((600 * t.switches) / t.seconds) / 10,
    ms: Math.round((10 * t.ms) / t.frames) / 10,
    frames: t.frames,
  };
}
