import { describe, expect, it } from 'vitest';
import { SCENES } from '../../training/evaluation/video-scenes';
import { backgroundOf, HEIGHT, type Place, putHand, spriteOf, WIDTH } from '../../training/evaluation/videos';
import { plain, seededRandom } from '../support/pictures';

const RED = [255, 0, 0] as const;
const BLUE = [0, 0, 255] as const;

/** A red hand in the middle half of a picture. */
function redHand(letter: string) {
  const box = { x: 0.25, y: 0.25, width: 0.5, height: 0.5 };
  const picture = { path: '', split: 'dev', letter, signer: 'drawn', joints: null, isBoxed: true, box };
  return spriteOf(picture, plain(400, 400, RED));
}

/** How much of each pixel of a blue frame is the hand, 0 to 255: their sum, their centre, the most. */
function shareOf(place: Place) {
  const frame = backgroundOf(plain(64, 48, BLUE), 1)(0, 0);
  putHand(frame, redHand('a'), place);
  let [sum, x, y, most, least] = [0, 0, 0, 0, 255];
  for (let i = 0; i < WIDTH * HEIGHT; i++) {
    const red = frame[4 * i] as number;
    least = Math.min(least, red + (frame[4 * i + 2] as number));
    [sum, x, y] = [sum + red, x + red * ((i % WIDTH) + 0.5), y + red * (Math.floor(i / WIDTH) + 0.5)];
    most = Math.max(most, red);
  }
  // Red over blue, and nothing else.
  expect(least).toBeGreaterThan(252);
  return { sum, x: x / sum, y: y / sum, most };
}

describe('a hand put into a frame', () => {
  it('is where it should be, as large as it should be, and wider where it moves', () => {
    const still = shareOf({ x: 300, y: 200, size: 80 });
    expect(still.x).toBeCloseTo(300, 0);
    expect(still.y).toBeCloseTo(200, 0);
    expect(still.most).toBeGreaterThan(252);
    const large = shareOf({ x: 300, y: 200, size: 160 });
    expect(large.sum / still.sum).toBeCloseTo(4, 1);
    const moving = shareOf({ x: 300, y: 200, size: 80, vx: 640 });
    expect(moving.sum / still.sum).toBeCloseTo(1, 1);
    expect(moving.x).toBeCloseTo(300, 0);
  });

  it('may be at the edge, outside, or half faded in', () => {
    const still = shareOf({ x: 300, y: 200, size: 80 });
    expect(shareOf({ x: 0, y: 200, size: 80 }).sum / still.sum).toBeCloseTo(0.5, 1);
    expect(shareOf({ x: -200, y: 200, size: 80 }).sum).toBe(0);
    expect(shareOf({ x: 300, y: 200, size: 80, opacity: 0.5 }).most).toBeCloseTo(127, -1);
  });
});

it.each(Object.entries(SCENES))('the scene “%s” shows its letters, and the same in each run', (_, make) => {
  const sprite = redHand('a');
  const others = ['b', 'c', 'd', 'e', 'f'].map((letter) => ({ ...sprite, letter }));
  const cast = () => ({ sprite, others, idle: { ...sprite, letter: 'other' }, random: seededRandom(7) });
  const [scene, again] = [make(cast()), make(cast())];
  const seen: string[] = [];
  for (let time = 0; time < scene.seconds; time += 0.1) {
    const shot = scene.at(time);
    expect(again.at(time)).toEqual(shot);
    if (shot.letter && seen.at(-1) !== shot.letter) seen.push(shot.letter);
    if (shot.letter) expect(shot.hands[0]?.sprite.letter).toBe(shot.letter);
  }
  expect(seen.join('')).toBe(scene.text);
});
