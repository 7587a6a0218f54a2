// Reads synthetic videos through the published library, in Node: hands of people that it was not trained on, cut out and
// moved over rooms and photographs.
//
//   node scripts/run-ts.mjs training/videos.ts [DIR] [--signers a,b] [--scenes a,b] [--each N] [--fps 15]
//
// DIR is a folder in the data layout; ../shared/data unless given. Only pictures that are read right in a standard square
// are taken, N (6) of each signer: what is measured is how hands are followed and letters written. Delays are in ms.
import { parseArgs } from 'node:util';
import { type Classification, FingerspellRecognizer, FingerspellSpeller, type FrameSource } from 'asl-fingerspell';
import type { PixelData } from '../src/types';
import { seededRandom } from '../test/support/pictures';
import * as data from './evaluation/data';
import { withoutHand } from './evaluation/scenes';
import { isInside, SCENES, type Scene } from './evaluation/video-scenes';
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

/** Smaller squares around a hand would be enlarged much, px. */
const MIN_SIDE = 105;

/** What was counted in one scene. */
class Tally {
  frames = 0;
  right = 0;
  wrong = 0;
  handFrames = 0;
  onHand = 0;
  switches = 0;
  parts = 0;
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
const idleHands = pictures
  .filter(({ letter, joints }) => letter === 'other' && joints)
  .filter((_, i, all) => i % Math.ceil(all.length / casts.length) === 0)
  .map((picture) => videos.spriteOf(picture, data.decodePicture(picture.path)));
for (const [name, make] of Object.entries(SCENES)) {
  if (!isChosen(name, options.scenes)) continue;
  const tally = new Tally();
  for (const [i, { sprites, rooms }] of casts.entries()) {
    const random = seededRandom(i + 1);
    const [sprite, ...others] = sprites as [videos.Sprite, ...videos.Sprite[]];
    const scene = make({ sprite, others, idle: idleHands[i % idleHands.length] as videos.Sprite, random });
    await film(scene, rooms, Number(options.fps), tally);
  }
  rows[name] = rowOf(tally);
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
    const random = seededRandom(own.length);
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
      if (square.side < MIN_SIDE) continue;
      const { letter } = await recognizer.classify(data.cut(image, square));
      if (letter === p.letter) good.push(videos.spriteOf(p, image));
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

/** Shows a scene's frames to the recogniser as a reader does, and counts what comes of them. */
async function film(scene: Scene, room: Company['rooms'], fps: number, tally: Tally): Promise<void> {
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
    if (part !== now && letter !== null) {
      [part, since, isWaiting] = [now, time, true];
      tally.parts++;
    }
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
    unread: share(t.parts - t.delays.length, t.parts),
    delayMean: Math.round((1000 * delays.reduce((a, b) => a + b, 0)) / Math.max(1, delays.length)),
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
