import { seededRandom } from '../../test/support/pictures';
import { HEIGHT, type Place, type Sprite, WIDTH } from './videos';

interface Hand extends Place {
  readonly sprite: Sprite;
}

/** What is in a video at some time: hands, the one that is meant first. */
export interface Shot {
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

export interface Scene {
  readonly seconds: number;
  /** All that is to be written. */
  readonly text: string;
  readonly at: (time: number) => Shot;
}

export interface Cast {
  readonly sprite: Sprite;
  /** Others of the same person, of other letters. */
  readonly others: readonly Sprite[];
  /** A hand of somebody that shows no letter. */
  readonly idle: Sprite;
  readonly random: () => number;
}

/** There and back between 0 and 1, from 0. */
const swing = (x: number): number => 1 - Math.abs((((x % 2) + 2) % 2) - 1);
/** Whether all of a hand is in the frame. */
export const isInside = ({ x, y, size }: Place): boolean =>
  x >= size / 2 && x <= WIDTH - size / 2 && y >= size / 2 && y <= HEIGHT - size / 2;

/** A hand that trembles at one place, of .2 to .45 of the shorter side. */
function somewhere(random: () => number, from = 0.2, to = 0.45): Place {
  const size = HEIGHT * (from + (to - from) * random());
  return { x: size / 2 + random() * (WIDTH - size), y: size / 2 + random() * (HEIGHT - size), size };
}

function tremble(place: Place, time: number): Place {
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

/** A hand at another place every second and a half. */
function jumping(from: number, to: number) {
  return ({ sprite, random }: Cast): Scene => {
    const share = from + (to - from) * random();
    const places = Array.from({ length: 4 }, () => somewhere(random, share, share));
    const at = (time: number): Shot => {
      const part = Math.min(3, Math.floor(time / 1.5));
      return { hands: [{ sprite, ...tremble(places[part] as Place, time) }], letter: sprite.letter, part };
    };
    return { seconds: 6, text: sprite.letter, at };
  };
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
      const [now, next] = [sprites[part] as Sprite, sprites[part + 1]];
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

/** A hand that shows no letter is there; after a second and a half another one, of about its size, shows one. */
function idleHandFirst({ sprite, idle, random }: Cast): Scene {
  const size = HEIGHT * (0.25 + 0.15 * random());
  const isLeft = random() < 0.5;
  const first = { size, x: WIDTH * (isLeft ? 0.28 : 0.72), y: HEIGHT * (0.35 + 0.3 * random()) };
  const second = { size: size * (0.7 + 0.5 * random()), x: WIDTH - first.x, y: HEIGHT * (0.35 + 0.3 * random()) };
  const at = (time: number): Shot => {
    const resting = { sprite: idle, ...tremble(second, time + 1) };
    if (time < 1.5) return { hands: [resting], letter: null };
    return { hands: [{ sprite, ...tremble(first, time) }, resting], letter: sprite.letter };
  };
  return { seconds: 4.5, text: sprite.letter, at };
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
      const push = seededRandom(Math.round(time * 1000));
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

/** What happens in the videos; numbers are frame widths a second, seconds for each letter, px. */
export const SCENES: Readonly<Record<string, (cast: Cast) => Scene>> = {
  'at rest': moving(0),
  'moves 0.1': moving(0.1),
  'moves 0.3': moving(0.3),
  'moves 0.6': moving(0.6),
  'moves 1': moving(1),
  'comes and goes': comingAndGoing,
  jumps: jumping(0.2, 0.45),
  'jumps far away': jumping(0.1, 0.18),
  'spells 1 s': spelling(0.8),
  'spells 0.6 s': spelling(0.4),
  'second hand': secondHand(0),
  'second hand first': secondHand(1.5),
  'idle hand first': idleHandFirst,
  'to and fro': toAndFro,
  'shakes 5': shaking(5),
  'shakes 12': shaking(12),
  nobody,
};
