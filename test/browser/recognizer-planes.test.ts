import { FingerspellRecognizer, type PixelData } from 'asl-fingerspell';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { commands } from 'vitest/browser';
import { Preprocessor } from '../../src/frame/preprocess';
import { FULL, type View, viewOfRect, viewOfSquare } from '../../src/frame/region';
import { resample } from '../../src/frame/resample';
import { openKernelSummer } from '../support/kernel-summer';
import { drawPicture } from '../support/pictures';
import { toVideoFrame, type YuvKind } from '../support/video-frames';
import { until } from './support/until';

const IDENTITY = { factor: 1, shift: [0, 0, 0] } as const;
const SIZE = 96;
// Frames that are read both ways by turns before one is chosen.
const TURNS = 16;
// As between a canvas and no canvas, of 255.
const MAX_MEAN_DIFFERENCE = 2;
const KINDS: YuvKind[] = (['I420', 'NV12', 'I422', 'I444'] as const).flatMap((format) =>
  (['bt709', 'bt470bg', 'smpte170m'] as const).flatMap((matrix) =>
    [false, true].map((fullRange) => ({ format, matrix, fullRange })),
  ),
);
const I420: YuvKind = { format: 'I420', matrix: 'bt709', fullRange: false };

afterEach(() => vi.restoreAllMocks());

type Bytes = Uint8ClampedArray;

const summer = openKernelSummer();

/** A fresh preprocessor reads the first frame from its planes, with kernels to the same bytes, and draws the second. */
async function bothWays(image: VideoFrame, view: View, mirror = false): Promise<{ planes: Bytes; drawn: Bytes }> {
  const preprocessor = new Preprocessor(SIZE, IDENTITY);
  const frame = { kind: 'image', image, width: image.displayWidth, height: image.displayHeight } as const;
  const [first, second] = [preprocessor.take(frame, view, mirror), preprocessor.take(frame, view, mirror)];
  expect(first).toBeInstanceOf(Promise);
  expect(second).toBeInstanceOf(Uint8ClampedArray);
  const byKernels = new Preprocessor(SIZE, IDENTITY, await summer);
  expect(await byKernels.take(frame, view, mirror)).toEqual(await first);
  return { planes: await first, drawn: await second };
}

function compare(a: Bytes, b: Bytes): { mean: number; worst: number } {
  let [sum, worst] = [0, 0];
  for (const [i, byte] of a.entries()) {
    const difference = Math.abs(byte - (b[i] as number));
    sum += difference;
    worst = Math.max(worst, difference);
  }
  // A fourth of the bytes is alpha, which never differs.
  return { mean: (sum / a.length) * (4 / 3), worst };
}

/** Without edges, so that colour at half the resolution loses nothing. */
function drawSoft(width: number, height: number): PixelData {
  const data = new Uint8ClampedArray(width * height * 4);
  for (let y = 0, at = 0; y < height; y++) {
    for (let x = 0; x < width; x++, at += 4) {
      const [u, v] = [x / width, y / height];
      const [r, g, b] = [40 + 180 * u, 210 - 160 * v, 120 + 80 * Math.sin(5 * (u - v))];
      data.set([r, g, b, 255], at);
    }
  }
  return { data, width, height };
}

const VIEWS: Readonly<Record<string, (width: number, height: number) => View>> = {
  'the whole frame': (width, height) => viewOfRect(FULL, width, height),
  'an odd crop': (width, height) =>
    viewOfRect({ x: 13 / width, y: 7 / height, width: 101 / width, height: 57 / height }, width, height),
  'a crop at fractions of a pixel, enlarged': (width, height) =>
    viewOfRect({ x: 31.3 / width, y: 20.7 / height, width: 40.2 / width, height: 33.9 / height }, width, height),
  'a square half outside': () => viewOfSquare({ x: -40.5, y: -21, side: 120 }),
  'a square over the far corner': (width, height) => viewOfSquare({ x: width - 61, y: height - 55.5, side: 111 }),
};

describe('the planes of a video frame', () => {
  for (const kind of KINDS) {
    const name = `${kind.format}, ${kind.matrix}, ${kind.fullRange ? 'full' : 'limited'} range`;
    it(`become the picture that they were made of, and the one that is drawn: ${name}`, async () => {
      for (const [width, height] of [
        [192, 144],
        [181, 133],
      ] as const) {
        const picture = drawSoft(width, height);
        const frame = toVideoFrame(picture, kind);
        for (const [what, toView] of Object.entries(VIEWS)) {
          for (const mirror of [false, true]) {
            const view = toView(width, height);
            const { planes, drawn } = await bothWays(frame, view, mirror);
            const label = `${width} × ${height}, ${what}, ${mirror ? 'mirrored' : 'as it is'}`;
            const made = compare(planes, resample(picture, view, SIZE, mirror));
            expect(made.worst, label).toBeLessThanOrEqual(3);
            expect(made.mean, label).toBeLessThan(0.5);
            // Browsers soften the edges of what they draw, and take the colours of NV12 from the nearest sample.
            expect(compare(planes, drawn).mean, label).toBeLessThan(MAX_MEAN_DIFFERENCE);
          }
        }
        frame.close();
      }
    });
  }
});

/** What `take` does with a frame. */
async function choiceOf(preprocessor: Preprocessor, image: VideoFrame): Promise<'planes' | 'drawn'> {
  const { displayWidth: width, displayHeight: height } = image;
  const taken = preprocessor.take({ kind: 'image', image, width, height }, viewOfRect(FULL, width, height), false);
  await taken;
  return taken instanceof Promise ? 'planes' : 'drawn';
}

describe('which way a frame is read', () => {
  const soft = drawSoft(192, 144);

  it('is tried for the first frames by turns, then kept and looked at again; other pictures do not count', async () => {
    const preprocessor = new Preprocessor(SIZE, IDENTITY);
    const canvas = new OffscreenCanvas(192, 144);
    canvas.getContext('2d');
    const view = viewOfRect(FULL, 192, 144);
    for (let i = 0; i < 6; i++)
      preprocessor.take({ kind: 'image', image: canvas, width: 192, height: 144 }, view, false);
    const [frame, larger] = [toVideoFrame(soft, I420), toVideoFrame(drawSoft(320, 240), I420)];
    const tried: string[] = [];
    for (let i = 0; i < TURNS; i++) tried.push(await choiceOf(preprocessor, i % 2 ? larger : frame));
    expect(tried).toEqual(tried.map((_, i) => (i % 2 ? 'drawn' : 'planes')));
    const later: string[] = [];
    for (let i = TURNS; i < 140; i++) later.push(await choiceOf(preprocessor, frame));
    // How often it changes its mind depends on the machine; that each way is tried again does not.
    expect(new Set(later)).toEqual(new Set(['planes', 'drawn']));
    for (const open of [frame, larger]) open.close();
  });

  it('is the faster one', async () => {
    for (const slow of ['planes', 'drawn'] as const) {
      const preprocessor = new Preprocessor(SIZE, IDENTITY);
      const frame = toVideoFrame(soft, I420);
      if (slow === 'planes') {
        const copyTo = VideoFrame.prototype.copyTo;
        vi.spyOn(VideoFrame.prototype, 'copyTo').mockImplementation(async function (this: VideoFrame, ...to) {
          await new Promise((resolve) => setTimeout(resolve, 60));
          return copyTo.apply(this, to);
        });
      } else {
        const { prototype } = OffscreenCanvasRenderingContext2D;
        const getImageData = prototype.getImageData;
        vi.spyOn(prototype, 'getImageData').mockImplementation(function (
          this: OffscreenCanvasRenderingContext2D,
          ...of: Parameters<typeof getImageData>
        ) {
          for (const end = performance.now() + 60; performance.now() < end; );
          return getImageData.apply(this, of);
        } as typeof getImageData);
      }
      for (let i = 0; i < TURNS; i++) await choiceOf(preprocessor, frame);
      expect(await choiceOf(preprocessor, frame)).toBe(slow === 'planes' ? 'drawn' : 'planes');
      vi.restoreAllMocks();
      frame.close();
    }
  });

  it('is drawing from the first planes on that cannot be copied, at no loss', async () => {
    vi.spyOn(VideoFrame.prototype, 'copyTo').mockRejectedValue(new DOMException('not here', 'NotSupportedError'));
    const preprocessor = new Preprocessor(SIZE, IDENTITY);
    const frame = toVideoFrame(soft, I420);
    const view = viewOfRect(FULL, 192, 144);
    const source = { kind: 'image', image: frame, width: 192, height: 144 } as const;
    const [first, second] = [await preprocessor.take(source, view, false), preprocessor.take(source, view, false)];
    expect(second).toBeInstanceOf(Uint8ClampedArray);
    expect(compare(first, await second).worst).toBe(0);
    for (let i = 0; i < 6; i++) expect(await choiceOf(preprocessor, frame)).toBe('drawn');
    frame.close();
  });

  const drawnOnly: Readonly<Record<string, Partial<VideoFrameBufferInit> & { rotation?: number; flip?: boolean }>> = {
    'no matrix is named': { colorSpace: { fullRange: false } },
    'the matrix is another': { colorSpace: { matrix: 'rgb', fullRange: true } },
    'the primaries are wider': { colorSpace: { matrix: 'bt709', primaries: 'smpte432' as VideoColorPrimaries } },
    'the transfer is for high dynamic range': {
      colorSpace: { matrix: 'bt709', transfer: 'pq' as VideoTransferCharacteristics },
    },
    'pixels are not square': { displayWidth: 300, displayHeight: 144 },
    'it is rotated': { rotation: 90 },
    'it is mirrored': { flip: true },
  };
  for (const [why, init] of Object.entries(drawnOnly)) {
    it(`is drawing where ${why}`, async () => {
      const frame = toVideoFrame(soft, I420, init);
      expect(await choiceOf(new Preprocessor(SIZE, IDENTITY), frame)).toBe('drawn');
      frame.close();
    });
  }

  it('takes a range that is not named for the limited one, as drawing does', async () => {
    const frame = toVideoFrame(soft, I420, { colorSpace: { matrix: 'bt709' } });
    const { planes, drawn } = await bothWays(frame, viewOfRect(FULL, 192, 144));
    expect(compare(planes, drawn).mean).toBeLessThan(1);
    frame.close();
  });

  it('takes colours that are not named for those by which they are drawn', async () => {
    const frame = toVideoFrame(soft, { format: 'I420', matrix: 'smpte170m', fullRange: false }, { colorSpace: {} });
    const { matrix, primaries, transfer, fullRange } = frame.colorSpace;
    expect([matrix, primaries, transfer, fullRange]).toEqual([null, null, null, null]);
    const { planes, drawn } = await bothWays(frame, viewOfRect(FULL, 192, 144));
    expect(compare(planes, drawn).mean).toBeLessThan(1);
    frame.close();
  });

  it('reads other pictures right while a frame is on its way', async () => {
    const preprocessor = new Preprocessor(SIZE, IDENTITY, await openKernelSummer());
    const view = viewOfRect(FULL, 192, 144);
    const [pixels, other] = [drawPicture(192, 144, 1), drawPicture(192, 144, 2)];
    const copyTo = VideoFrame.prototype.copyTo;
    const waits = [60, 0];
    vi.spyOn(VideoFrame.prototype, 'copyTo').mockImplementation(async function (this: VideoFrame, ...to) {
      const layout = await copyTo.apply(this, to);
      // The first one takes longer than the second.
      await new Promise((resolve) => setTimeout(resolve, waits.shift()));
      return layout;
    });
    const frames = [toVideoFrame(soft, I420), toVideoFrame(pixels, I420)].map(
      (image) => ({ kind: 'image', image, width: 192, height: 144 }) as const,
    );
    const [first, second] = frames as [(typeof frames)[0], (typeof frames)[0]];
    const slow = preprocessor.take(first, view, false);
    await preprocessor.take(first, view, false);
    const quick = await preprocessor.take(second, view, false);
    const plain = preprocessor.take({ kind: 'pixels', pixels: other, width: 192, height: 144 }, view, false);
    expect(await plain).toEqual(resample(other, view, SIZE, false));
    for (const [{ image }, taken] of [[first, slow] as const, [second, quick] as const]) {
      expect(await taken).toEqual((await bothWays(image, view)).planes);
      image.close();
    }
  });

  it('reads the visible part of a larger coded frame', async () => {
    const picture = drawSoft(208, 160);
    for (const visibleRect of [
      { x: 16, y: 8, width: 150, height: 121 },
      { x: 2, y: 0, width: 96, height: 96 },
    ]) {
      const { x, y, width, height } = visibleRect;
      const frame = toVideoFrame(picture, I420, { visibleRect });
      for (const what of ['the whole frame', 'a square half outside', 'a square over the far corner']) {
        const view = (VIEWS[what] as (w: number, h: number) => View)(width, height);
        const { planes, drawn } = await bothWays(frame, view);
        const wanted = compare(planes, resample(cut(picture, x, y, width, height), view, SIZE, false));
        expect(wanted.worst, what).toBeLessThanOrEqual(3);
        expect(compare(planes, drawn).mean, what).toBeLessThan(MAX_MEAN_DIFFERENCE);
      }
      frame.close();
    }
  });

  it('is black where nothing of the frame is in view', async () => {
    const frame = toVideoFrame(soft, I420);
    const { planes, drawn } = await bothWays(frame, viewOfSquare({ x: 400, y: 10, side: 50 }));
    expect(compare(planes, drawn).worst).toBe(0);
    expect([...planes.subarray(0, 4)]).toEqual([0, 0, 0, 255]);
    frame.close();
  });
});

function cut({ data, width: stride }: PixelData, left: number, top: number, width: number, height: number): PixelData {
  const part = new Uint8ClampedArray(width * height * 4);
  for (let y = 0; y < height; y++) {
    const from = ((top + y) * stride + left) * 4;
    part.set(data.subarray(from, from + width * 4), y * width * 4);
  }
  return { data: part, width, height };
}

/** Counts the frames that are made and not closed. */
function watchFrames(): { open(): number; made(): number; stop(): void } {
  const Original = VideoFrame;
  const open = new Set<VideoFrame>();
  let made = 0;
  const close = Original.prototype.close;
  Original.prototype.close = function (this: VideoFrame) {
    open.delete(this);
    close.call(this);
  };
  globalThis.VideoFrame = new Proxy(Original, {
    construct(target, of: ConstructorParameters<typeof VideoFrame>) {
      const frame = new target(...of);
      open.add(frame);
      made++;
      return frame;
    },
  });
  return {
    open: () => open.size,
    made: () => made,
    stop() {
      globalThis.VideoFrame = Original;
      Original.prototype.close = close;
    },
  };
}

describe('classify() of video frames', () => {
  it('gives the same letters both ways, for pictures of hands', async ({ skip }) => {
    const images = await commands.devImages(200);
    if (!images) return skip('the dev images are not on this machine');
    const recognizer = await FingerspellRecognizer.load({ backend: 'wasm' });
    const size = recognizer.inputSize;
    const same = { drawn: 0, planes: 0, both: 0 };
    for (const [i, { file }] of images.entries()) {
      const bitmap = await createImageBitmap(await (await fetch(`/@fs${file}`)).blob());
      const { width, height } = bitmap;
      const context = new OffscreenCanvas(width, height).getContext('2d') as OffscreenCanvasRenderingContext2D;
      context.drawImage(bitmap, 0, 0);
      bitmap.close();
      const pixels = context.getImageData(0, 0, width, height);
      const frame = toVideoFrame(pixels, KINDS[i % KINDS.length] as YuvKind);
      const preprocessor = new Preprocessor(size, IDENTITY);
      const source = { kind: 'image', image: frame, width, height } as const;
      const view = viewOfRect(FULL, width, height);
      const letterOf = async (data: Bytes) =>
        (await recognizer.classify({ data, width: size, height: size })).predictions[0]?.letter;
      const planes = await letterOf(await preprocessor.take(source, view, false));
      const drawn = await letterOf(await preprocessor.take(source, view, false));
      const wanted = await letterOf(resample(pixels, view, size, false));
      if (planes === wanted) same.planes++;
      if (drawn === wanted) same.drawn++;
      if (planes === drawn) same.both++;
      frame.close();
    }
    recognizer.dispose();
    expect(same.planes).toBeGreaterThanOrEqual(0.99 * images.length);
    expect(same.planes).toBeGreaterThanOrEqual(same.drawn);
    expect(same.both).toBeGreaterThanOrEqual(0.97 * images.length);
  });

  it("closes its own frames and never the caller's, whatever becomes of the call", async () => {
    const recognizer = await FingerspellRecognizer.load({ backend: 'wasm' });
    const frame = toVideoFrame(drawPicture(320, 240, 3), I420);
    const frames = watchFrames();
    try {
      for (let i = 0; i < 8; i++) {
        await recognizer.classify(frame, { region: i % 2 ? 'hand' : 'full' });
        const controller = new AbortController();
        const call = recognizer.classify(frame, { signal: controller.signal }).catch(() => null);
        controller.abort();
        await call;
      }
      vi.spyOn(VideoFrame.prototype, 'copyTo').mockRejectedValue(new DOMException('not here', 'NotSupportedError'));
      await recognizer.classify(frame);
      const last = recognizer.classify(frame).catch(() => null);
      recognizer.dispose();
      await last;
      expect(frames.made()).toBeGreaterThan(0);
      await until(() => expect(frames.open()).toBe(0));
      expect(frame.format).toBe('I420');
    } finally {
      frames.stop();
      frame.close();
    }
  });

  it('may be closed by the caller as soon as the call is made', async () => {
    const recognizer = await FingerspellRecognizer.load({ backend: 'wasm' });
    for (let i = 0; i < 4; i++) {
      const frame = toVideoFrame(drawPicture(320, 240, 3), I420);
      const call = recognizer.classify(frame);
      frame.close();
      expect((await call).probabilities).toHaveLength(recognizer.labels.length);
    }
    recognizer.dispose();
  });
});
