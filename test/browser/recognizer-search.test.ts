import { FingerspellRecognizer } from 'asl-fingerspell';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { toCanvas, toVideo } from '../support/browser-pictures';

const HAND = new URL('../fixtures/hand-l.png', import.meta.url).href;

/** The scene, and how many times smaller than itself the picture of the hand is in it. */
const [WIDTH, HEIGHT, SHRINK] = [640, 480, 5];

/** Draws a plain room, and in it somebody's hand far away: with its corner at these shares of the free room. */
function drawScene(canvas: HTMLCanvasElement, hand: HTMLImageElement, place: readonly [number, number] | null): void {
  const context = canvas.getContext('2d');
  if (!context) throw new Error('This browser has no 2D canvas.');
  context.fillStyle = '#b4b4b4';
  context.fillRect(0, 0, WIDTH, HEIGHT);
  if (place === null) return;
  const [width, height] = [hand.naturalWidth / SHRINK, hand.naturalHeight / SHRINK];
  context.drawImage(hand, place[0] * (WIDTH - width), place[1] * (HEIGHT - height), width, height);
}

describe.each([{ worker: false }, { worker: true }])("region 'hand' with $worker as worker", ({ worker }) => {
  let recognizer: FingerspellRecognizer;
  const hand = new Image();
  const canvas = toCanvas(new ImageData(WIDTH, HEIGHT));
  beforeAll(async () => {
    hand.src = HAND;
    await hand.decode();
    recognizer = await FingerspellRecognizer.load({ backend: 'wasm', worker, region: 'hand' });
  });
  afterAll(() => recognizer.dispose());

  const PLACES = [
    [0, 0],
    [1, 0],
    [0.5, 0.5],
    [0.9, 0.9],
    [0, 1],
  ] as const;

  it.each(PLACES)('finds a small hand in a picture, at %f, %f', async (...place) => {
    drawScene(canvas, hand, place);
    const bitmap = await createImageBitmap(canvas);
    const { letter, region } = await recognizer.classify(bitmap);
    expect(letter).toBe('l');
    expect(region.height).toBeLessThan(0.4);
  });

  it('finds it on a canvas that is drawn anew each time, and nothing where nothing is', async () => {
    for (const place of [...PLACES, null, PLACES[1], null]) {
      drawScene(canvas, hand, place);
      const { letter } = await recognizer.classify(canvas);
      expect(letter, String(place)).toBe(place && 'l');
    }
  });

  it('looks on in the picture as it was, whatever becomes of its source', async () => {
    drawScene(canvas, hand, [0, 1]);
    const image = canvas.getContext('2d')?.getImageData(0, 0, WIDTH, HEIGHT) as ImageData;
    const frame = new VideoFrame(canvas, { timestamp: 0 });
    const readings = [toCanvas(image), image, frame].map((source) => {
      const reading = recognizer.classify(source);
      if (source instanceof HTMLCanvasElement) drawScene(source, hand, null);
      return reading;
    });
    image.data.fill(180);
    frame.close();
    for (const reading of readings) expect((await reading).letter).toBe('l');
  });

  it('finds it in a video, follows it while it moves, and finds it again elsewhere', async () => {
    const { video, stop } = await toVideo(canvas);
    const read = async (place: readonly [number, number] | null) => {
      drawScene(canvas, hand, place);
      await new Promise((resolve) => video.requestVideoFrameCallback(resolve));
      return recognizer.classify(video);
    };
    const framesUntilFound = async (place: readonly [number, number]): Promise<number> => {
      for (let i = 1; i < 30; i++) if ((await read(place)).letter === 'l') return i;
      return Number.POSITIVE_INFINITY;
    };
    expect(await framesUntilFound([0.9, 0.9])).toBeLessThan(12);
    let right = 0;
    for (let i = 0; i < 10; i++) {
      if ((await read([0.9 - 0.01 * i, 0.9])).letter === 'l') right++;
    }
    expect(right).toBeGreaterThanOrEqual(9);
    expect(await framesUntilFound([0, 0])).toBeLessThan(12);
    stop();
  });

  it('follows it in a video, however many other pictures are read meanwhile', async () => {
    const { video, stop } = await toVideo(canvas);
    const read = async () => {
      drawScene(canvas, hand, PLACES[4]);
      await new Promise((resolve) => video.requestVideoFrameCallback(resolve));
      return (await recognizer.classify(video)).letter;
    };
    await vi.waitFor(async () => expect(await read()).toBe('l'), { timeout: 20_000 });
    for (let i = 0; i < 20; i++) {
      await recognizer.classify(toCanvas(new ImageData(32, 32)));
      expect(await read(), `after ${i + 1}`).toBe('l');
    }
    stop();
  });
});
