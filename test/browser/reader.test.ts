import { FingerspellRecognizer } from 'asl-fingerspell';
import {
  type Camera,
  FingerspellReader,
  openCamera,
  type ReaderEventMap,
  type ReaderOptions,
} from 'asl-fingerspell/dom';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { watchCamera } from './support/camera-watch';
import { colourOptions } from './support/colour-model';
import { until } from './support/until';
import { setHidden } from './support/visibility';
import { watchWorkers } from './support/workers';

const cameras = watchCamera();
const readers: FingerspellReader[] = [];
afterEach(() => {
  for (const reader of readers.splice(0)) reader.dispose();
  setHidden(false);
  document.body.replaceChildren();
});

const sleep = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

function makeReader(options: ReaderOptions = {}, source: HTMLVideoElement | HTMLCanvasElement = makeVideo()) {
  const reader = new FingerspellReader(source, { ...colourOptions(), ...options });
  readers.push(reader);
  return reader;
}

function makeVideo(): HTMLVideoElement {
  return document.body.appendChild(document.createElement('video'));
}

/** A canvas of one colour, which the colour model reads as a letter. */
function makeCanvas(colour: string) {
  const canvas = Object.assign(document.createElement('canvas'), { width: 64, height: 48 });
  const context = canvas.getContext('2d');
  const paint = (next: string) => {
    if (!context) return;
    context.fillStyle = next;
    context.fillRect(0, 0, 64, 48);
  };
  paint(colour);
  return { canvas, paint };
}

/** The details of all events of one type, as they come. */
function record<Type extends keyof ReaderEventMap>(reader: FingerspellReader, type: Type) {
  const details: ReaderEventMap[Type]['detail'][] = [];
  reader.addEventListener(type, ({ detail }) => details.push(detail));
  return details;
}

describe('FingerspellReader with a camera', () => {
  it('reads, stops with no track left, and starts again with the same model', async () => {
    const reader = makeReader();
    const statuses = record(reader, 'statuschange');
    const predictions = record(reader, 'prediction');
    expect(reader.status).toBe('idle');
    await reader.start();
    expect(reader.status).toBe('running');
    expect(cameras.liveTracks()).toHaveLength(1);
    expect(reader.camera?.label).not.toBe('');
    await until(() => expect(predictions.length).toBeGreaterThan(2));
    expect(predictions[0]?.probabilities).toHaveLength(3);
    const { recognizer } = reader;
    reader.stop();
    expect(cameras.liveTracks()).toHaveLength(0);
    expect(reader.camera).toBeNull();
    const count = predictions.length;
    await sleep(200);
    expect(predictions).toHaveLength(count);
    await reader.start();
    expect(reader.recognizer).toBe(recognizer);
    expect(cameras.liveTracks()).toHaveLength(1);
    reader.dispose();
    expect(cameras.liveTracks()).toHaveLength(0);
    expect(statuses.map(({ status }) => status)).toEqual([
      'loading',
      'running',
      'stopped',
      'loading',
      'running',
      'stopped',
    ]);
    await expect(recognizer?.classify(makeCanvas('red').canvas)).rejects.toMatchObject({ code: 'disposed' });
    await expect(reader.start()).rejects.toMatchObject({ code: 'disposed' });
  });

  it('goes on when its video was taken out of the page and is put back later', async () => {
    const video = makeVideo();
    const reader = makeReader({}, video);
    const predictions = record(reader, 'prediction');
    await reader.start();
    video.remove();
    await sleep(300);
    document.body.append(video);
    const count = predictions.length;
    await until(() => expect(predictions.length).toBeGreaterThan(count + 2));
    expect(video.paused).toBe(false);
    // The page's own pause is left alone.
    video.pause();
    await sleep(100);
    expect(video.paused).toBe(true);
  });

  it('joins a start that is under way', async () => {
    const reader = makeReader();
    const first = reader.start();
    expect(reader.start()).toBe(first);
    await first;
    await reader.start();
    expect(cameras.requests()).toBe(1);
  });

  it('leaves no camera on when it is stopped while the user has not answered yet', async () => {
    const allow = cameras.holdPermission();
    const reader = makeReader();
    const starting = reader.start();
    await until(() => expect(cameras.requests()).toBe(1));
    reader.stop();
    expect(reader.status).toBe('stopped');
    await starting;
    allow();
    await sleep(300);
    expect(cameras.liveTracks()).toHaveLength(0);
    expect(reader.status).toBe('stopped');
  });

  it('has one camera on after any number of starts and stops, at any moment', async () => {
    const reader = makeReader();
    for (let round = 0; round < 8; round++) {
      void reader.start();
      await sleep(round * 25);
      reader.stop();
    }
    await reader.start();
    await sleep(300);
    expect(reader.status).toBe('running');
    expect(cameras.liveTracks()).toHaveLength(1);
    reader.dispose();
    await sleep(300);
    expect(cameras.liveTracks()).toHaveLength(0);
  });

  it('has no camera on after a stop at whatever moment of getting its first picture', async () => {
    for (let turns = 0; turns < 12; turns++) {
      const video = makeVideo();
      const reader = makeReader({}, video);
      const stopLater = async () => {
        for (let i = 0; i < turns; i++) await null;
        reader.stop();
      };
      // As it is looked at: whatever hears of an event comes after all that follows from it.
      Object.defineProperty(video, 'readyState', {
        get() {
          const state = Reflect.get(HTMLMediaElement.prototype, 'readyState', video) as number;
          if (state >= video.HAVE_CURRENT_DATA) void stopLater();
          return state;
        },
      });
      await reader.start();
      await until(() => expect(reader.status).toBe('stopped'));
      expect(cameras.liveTracks(), `after ${turns} turns`).toHaveLength(0);
    }
  });

  it('has no camera on after a dispose at any moment', async () => {
    for (const delayMs of [0, 2, 5, 10, 15, 20, 30, 100]) {
      const reader = makeReader();
      void reader.start();
      await sleep(delayMs);
      reader.dispose();
    }
    await sleep(500);
    expect(cameras.liveTracks()).toHaveLength(0);
  });

  it('loads although another reader gave up loading meanwhile', async () => {
    for (const delayMs of [0, 2, 5, 10, 15, 20]) {
      const [leaving, staying] = [makeReader(), makeReader()];
      const starts = [leaving.start(), staying.start()];
      await sleep(delayMs);
      leaving.dispose();
      await Promise.all(starts);
      expect(staying.status).toBe('running');
      staying.dispose();
    }
  });

  it('leaves no recogniser behind by a dispose at whatever moment of becoming ready', async () => {
    const load = vi.spyOn(FingerspellRecognizer, 'load');
    const { canvas } = makeCanvas('red');
    for (let turns = 0; turns < 25; turns++) {
      const onProgress = async ({ phase }: { phase: string }) => {
        if (phase !== 'ready') return;
        for (let i = 0; i < turns; i++) await null;
        reader.dispose();
      };
      const reader = makeReader({ onProgress: (progress) => void onProgress(progress) }, canvas);
      await reader.start().catch(() => undefined);
    }
    const loaded = load.mock.settledResults.filter(({ type }) => type === 'fulfilled');
    expect(loaded.length).toBeGreaterThan(0);
    for (const { value } of loaded) await expect(value.classify(canvas)).rejects.toMatchObject({ code: 'disposed' });
    load.mockRestore();
  });

  it('is stopped by a stop at whatever moment of becoming ready', async () => {
    for (let turns = 0; turns < 25; turns++) {
      const onProgress = async ({ phase }: { phase: string }) => {
        if (phase !== 'ready') return;
        for (let i = 0; i < turns; i++) await null;
        reader.stop();
      };
      const reader = makeReader(
        { camera: false, onProgress: (progress) => void onProgress(progress) },
        makeCanvas('red').canvas,
      );
      await reader.start().catch(() => undefined);
      await sleep(0);
      expect(reader.status, `after ${turns} turns`).toBe('stopped');
      const classify = reader.recognizer && vi.spyOn(reader.recognizer, 'classify');
      await sleep(40);
      expect(classify?.mock.calls ?? [], `after ${turns} turns`).toEqual([]);
    }
  });

  it('stops when a listener asks for it while it is starting', async () => {
    const reader = makeReader();
    reader.addEventListener('statuschange', () => reader.stop(), { once: true });
    const stopped = reader.start();
    expect(reader.status).toBe('stopped');
    // At once: nothing of the start that ended is joined.
    const again = reader.start();
    await stopped;
    await again;
    expect(reader.status).toBe('running');
    expect(cameras.liveTracks()).toHaveLength(1);
  });

  it('leaves no rejection to the page when a model fails that nobody waits for any more', async () => {
    const onRejection = vi.fn((event: PromiseRejectionEvent) => event.preventDefault());
    window.addEventListener('unhandledrejection', onRejection);
    const reader = makeReader({ model: '/no-such-model/model.json', camera: false });
    reader.addEventListener('statuschange', () => reader.stop(), { once: true });
    await reader.start();
    // Joins the load that is under way.
    await expect(reader.start()).rejects.toMatchObject({ code: expect.stringMatching(/^asset-/) });
    await sleep(50);
    expect(onRejection).not.toHaveBeenCalled();
    window.removeEventListener('unhandledrejection', onRejection);
  });

  it('cannot be started again by a listener of its end', async () => {
    const reader = makeReader();
    await reader.start();
    const codes: string[] = [];
    reader.addEventListener('statuschange', () => reader.start().catch(({ code }) => codes.push(code)));
    reader.dispose();
    await sleep(300);
    expect(codes).toEqual(['disposed']);
    expect(reader.status).toBe('stopped');
    expect(cameras.liveTracks()).toHaveLength(0);
  });

  it('tells of a refused camera, and starts when it is allowed later', async () => {
    cameras.refuse('NotAllowedError');
    const reader = makeReader();
    const errors = record(reader, 'error');
    await expect(reader.start()).rejects.toMatchObject({ code: 'camera-denied' });
    expect(reader.status).toBe('error');
    expect(reader.error?.code).toBe('camera-denied');
    expect(errors).toHaveLength(1);
    cameras.refuse(null);
    await reader.start();
    expect(reader.error).toBeNull();
    expect(cameras.liveTracks()).toHaveLength(1);
  });

  it('tells of a lost camera, turns off what is left of it, and can be started again', async () => {
    const reader = makeReader();
    await reader.start();
    const lost = new Promise<string>((resolve) => {
      reader.addEventListener('error', ({ detail }) => resolve(detail.code), { once: true });
    });
    cameras.liveTracks()[0]?.dispatchEvent(new Event('ended'));
    expect(await lost).toBe('camera-lost');
    expect(reader.status).toBe('error');
    expect(cameras.liveTracks()).toHaveLength(0);
    await reader.start();
    expect(reader.status).toBe('running');
    expect(reader.error).toBeNull();
  });

  it.each<[string, (camera: Camera, video: HTMLVideoElement) => void]>([
    ['stops its track', ({ stream }) => stream.getVideoTracks()[0]?.stop()],
    ['stops the camera', (camera) => camera.stop()],
    ['takes it off the element', (_, video) => Object.assign(video, { srcObject: null })],
  ])('ends as for a lost camera when the page %s', async (_, change) => {
    const video = makeVideo();
    const reader = makeReader({}, video);
    const errors = record(reader, 'error');
    await reader.start();
    change(reader.camera as Camera, video);
    await until(() => expect([reader.status, reader.error?.code]).toEqual(['error', 'camera-lost']));
    expect(errors).toHaveLength(1);
    expect(cameras.liveTracks()).toHaveLength(0);
    await reader.start();
    expect(reader.status).toBe('running');
    expect(cameras.liveTracks()).toHaveLength(1);
  });

  it('turns its camera off when the page gives the element something else to play, and reads that', async () => {
    const video = makeVideo();
    const reader = makeReader({ threshold: 0.3 }, video);
    const errors = record(reader, 'error');
    await reader.start();
    const { canvas, paint } = makeCanvas('red');
    const stream = canvas.captureStream();
    video.srcObject = stream;
    await until(() => {
      paint('red');
      expect(reader.letter).toBe('a');
    });
    expect(reader.camera).toBeNull();
    expect(cameras.liveTracks()).toHaveLength(0);
    stream.getVideoTracks()[0]?.stop();
    await sleep(100);
    expect([reader.status, errors]).toEqual(['running', []]);
  });

  it('goes on when the page loads its element again', async () => {
    const video = makeVideo();
    const reader = makeReader({}, video);
    const predictions = record(reader, 'prediction');
    await reader.start();
    const emptied = new Promise((resolve) => video.addEventListener('emptied', resolve, { once: true }));
    video.load();
    await emptied;
    const count = predictions.length;
    await until(() => expect(predictions.length).toBeGreaterThan(count + 1));
    expect(cameras.liveTracks()).toHaveLength(1);
  });

  it('leaves one camera on when two readers of one element start at once, and both read', async () => {
    const video = makeVideo();
    const both = [makeReader({}, video), makeReader({}, video)];
    const predictions = both.map((reader) => record(reader, 'prediction'));
    await Promise.all(both.map((reader) => reader.start()));
    await until(() => expect(cameras.liveTracks()).toHaveLength(1));
    const counts = predictions.map(({ length }) => length);
    await until(() => expect(predictions.every(({ length }, i) => length > (counts[i] ?? 0))).toBe(true));
    expect(both.map(({ status }) => status)).toEqual(['running', 'running']);
  });

  it('rejects a start whose camera is lost while the model still loads', async () => {
    // A server that does not answer.
    const fetching = vi.spyOn(globalThis, 'fetch').mockImplementation(() => new Promise(() => {}));
    const reader = makeReader({ model: '/slow/model.json' });
    const starting = reader.start();
    await until(() => expect(reader.camera).not.toBeNull());
    cameras.liveTracks()[0]?.dispatchEvent(new Event('ended'));
    await expect(starting).rejects.toMatchObject({ code: 'camera-lost' });
    expect(reader.status).toBe('error');
    fetching.mockRestore();
  });

  it('opens another camera at once when the options change, and only then', async () => {
    const reader = makeReader();
    await reader.start();
    reader.setOptions({ camera: { width: 320, height: 240 } });
    expect(reader.status).toBe('loading');
    await reader.start();
    expect(cameras.liveTracks()).toHaveLength(1);
    expect(cameras.requests()).toBe(2);
    reader.setOptions({ camera: { height: 240, width: 320 }, mirror: true });
    expect(reader.status).toBe('running');
    expect(cameras.requests()).toBe(2);
  });

  it('shows no letter of before when it starts again, until a frame is read', async () => {
    const { canvas } = makeCanvas('red');
    const reader = makeReader({ threshold: 0.3 }, canvas);
    await reader.start();
    await until(() => expect(reader.letter).not.toBeNull());
    reader.stop();
    const letters: unknown[] = [];
    reader.addEventListener('statuschange', () => letters.push(reader.letter));
    await reader.start();
    expect(letters).toEqual([null, null]);
    await until(() => expect(reader.letter).not.toBeNull());
  });

  it('opens the camera anew when it is stopped and started in one go before the first picture', async () => {
    const video = makeVideo();
    const [one, two] = [makeReader({}, video), makeReader({}, video)];
    const given = async (reader: FingerspellReader) => {
      reader.start().catch(() => undefined);
      while (video.srcObject === null) await sleep(1);
    };
    await given(one);
    one.stop();
    await one.start();
    expect([one.status, cameras.liveTracks().length]).toEqual(['running', 1]);
    one.stop();
    await given(one);
    one.dispose();
    await two.start();
    expect([two.status, cameras.liveTracks().length]).toEqual(['running', 1]);
    expect(two.camera).not.toBeNull();
  });

  it('turns the camera off when the model cannot be loaded, tells why, and loads it with the next start', async () => {
    const fetching = vi.spyOn(globalThis, 'fetch').mockImplementation(async () => new Response('', { status: 503 }));
    const reader = makeReader({ model: undefined });
    await expect(reader.start()).rejects.toMatchObject({ code: 'asset-missing' });
    await sleep(300);
    expect(reader.status).toBe('error');
    expect(cameras.liveTracks()).toHaveLength(0);
    fetching.mockRestore();
    await reader.start();
    expect(reader.status).toBe('running');
  });

  it('gives up loading when it is disposed of', async () => {
    const signals: (AbortSignal | null | undefined)[] = [];
    const fetching = vi.spyOn(globalThis, 'fetch').mockImplementation((_url, options) => {
      signals.push(options?.signal);
      return new Promise(() => {});
    });
    const reader = makeReader({ model: '/slow/model.json', camera: false });
    void reader.start();
    await until(() => expect(signals).not.toHaveLength(0));
    reader.dispose();
    expect(signals.every((signal) => signal?.aborted)).toBe(true);
    fetching.mockRestore();
  });

  it('ends for good when its signal fires', async () => {
    const controller = new AbortController();
    const reader = makeReader({ signal: controller.signal });
    const starting = reader.start();
    controller.abort('enough');
    await expect(starting).rejects.toMatchObject({ code: 'aborted', cause: 'enough' });
    await expect(reader.start()).rejects.toMatchObject({ code: 'aborted' });
    await expect(makeReader({ signal: controller.signal }).start()).rejects.toMatchObject({ code: 'aborted' });
    await sleep(300);
    expect(cameras.liveTracks()).toHaveLength(0);
  });
});

describe('FingerspellReader over an element that the caller feeds', () => {
  it('reads a canvas without any camera, and commits letters that are held', async () => {
    const { canvas, paint } = makeCanvas('red');
    const words = ['abba', 'cab'];
    const reader = makeReader({ speller: { holdMs: 200, releaseMs: 100, words } }, canvas);
    const letters = record(reader, 'letter');
    const texts = record(reader, 'text');
    await reader.start();
    await until(() => expect(reader.text).toBe('a'));
    expect(reader.letter).toBe('a');
    expect(reader.suggestions).toEqual(['abba']);
    paint('black');
    await until(() => expect(reader.letter).toBeNull());
    paint('rgb(0 255 0)');
    await until(() => expect(reader.text).toBe('ab'));
    expect(letters).toEqual([
      { letter: 'a', text: 'a', timeMs: expect.any(Number) },
      { letter: 'b', text: 'ab', timeMs: expect.any(Number) },
    ]);
    reader.accept('abba');
    reader.clear();
    reader.clear();
    reader.insert('j');
    reader.backspace();
    expect(texts.map(({ text }) => text)).toEqual(['a', 'ab', 'abba ', '', 'j', '']);
    reader.speller?.insert('z');
    await until(() => expect(texts.at(-1)).toEqual({ text: 'z' }));
    expect(cameras.requests()).toBe(0);
    reader.stop();
    expect(reader.letter).toBeNull();
    expect(reader.text).toBe('z');
  });

  it('leaves a video alone that has a source already, and reads it as soon as it has a picture', async () => {
    const { canvas, paint } = makeCanvas('blue');
    const video = makeVideo();
    Object.assign(video, { srcObject: canvas.captureStream(), muted: true });
    const reader = makeReader({}, video);
    const errors = record(reader, 'error');
    const predictions = record(reader, 'prediction');
    await reader.start();
    expect(predictions).toHaveLength(0);
    void video.play();
    await until(() => {
      // A canvas's stream has a new frame only when it is painted, and one painted before anyone looks may be lost.
      paint('blue');
      expect(predictions.at(-1)?.letter).toBe('c');
    });
    reader.stop();
    expect(video.srcObject).not.toBeNull();
    expect(cameras.requests()).toBe(0);
    expect(errors).toEqual([]);
  });

  it('pauses by stop() and start() with the text, and with the camera that the page opened itself', async () => {
    const video = makeVideo();
    const camera = await openCamera(video);
    const reader = makeReader({ camera: false }, video);
    const predictions = record(reader, 'prediction');
    await reader.start();
    reader.insert('a');
    reader.stop();
    expect(video.srcObject).toBe(camera.stream);
    const { length } = predictions;
    await reader.start();
    await until(() => expect(predictions.length).toBeGreaterThan(length));
    expect(reader.text).toMatch(/^a/);
    expect(cameras.requests()).toBe(1);
    camera.stop();
  });

  it('takes changed options from the next frame on', async () => {
    const { canvas } = makeCanvas('red');
    const reader = makeReader({ letters: ['a'], mirror: true }, canvas);
    reader.stop();
    expect(reader.status).toBe('idle');
    await reader.start();
    const next = () =>
      new Promise<ReaderEventMap['prediction']['detail']>((resolve) => {
        reader.addEventListener('prediction', ({ detail }) => resolve(detail), { once: true });
      });
    expect((await next()).letter).toBe('a');
    const classify = vi.spyOn(reader.recognizer as FingerspellRecognizer, 'classify');
    reader.setOptions({ letters: ['b'], topK: 1, region: { x: 0, y: 0, width: 0.5, height: 0.5 } });
    await next();
    const changed = await next();
    expect(changed.letter).toBeNull();
    expect(changed.predictions).toHaveLength(1);
    expect(changed.region).toEqual({ x: 0, y: 0, width: 0.5, height: 0.5 });
    expect(classify.mock.lastCall?.[1]).toMatchObject({ mirror: true });
    reader.setOptions({ letters: undefined, mirror: undefined });
    await next();
    await next();
    expect(classify.mock.lastCall?.[1]?.mirror).toBeUndefined();
    const reset = await next();
    expect(reset.letter).toBe('a');
    expect(reset.region.width).toBe(0.5);
    for (const bad of [{ threshold: 2 }, { topK: 4 }, { letters: ['q'] }, { maxFps: 0 }, { camera: {} }]) {
      expect(() => reader.setOptions(bad)).toThrow(expect.objectContaining({ code: 'invalid-option' }));
    }
    expect((await next()).letter).toBe('a');
  });

  it('opens no camera over files that the page names', async () => {
    const video = makeVideo();
    video.append(Object.assign(document.createElement('source'), { src: URL.createObjectURL(new Blob(['no video'])) }));
    await makeReader({}, video).start();
    expect(cameras.requests()).toBe(0);
  });

  it('suggests from words that were given before it starts, by what the model confuses', async () => {
    const recognizer = await FingerspellRecognizer.load(colourOptions());
    // An a is often read as c.
    const rates = [
      [0.5, 0, 0.5],
      [0, 1, 0],
      [0, 0, 1],
    ];
    vi.spyOn(recognizer, 'confusion', 'get').mockReturnValue({ labels: ['a', 'b', 'c'], rates } as never);
    const reader = makeReader({ recognizer }, makeCanvas('grey').canvas);
    reader.setOptions({ speller: { words: ['ba', 'aa'] } });
    await reader.start();
    for (const letter of 'ca') reader.insert(letter);
    expect(reader.suggestions).toEqual(['aa']);
    reader.dispose();
    recognizer.dispose();
  });

  it('leaves alone what the caller set on the speller itself', async () => {
    const reader = makeReader({}, makeCanvas('grey').canvas);
    await reader.start();
    reader.speller?.setOptions({ words: ['cab'] });
    reader.insert('c');
    reader.setOptions({ mirror: true });
    expect(reader.suggestions).toEqual(['cab']);
  });

  it('reports a frame that cannot be read once, and goes on', async () => {
    const { canvas, paint } = makeCanvas('red');
    const reader = makeReader({}, canvas);
    const errors = record(reader, 'error');
    await reader.start();
    canvas.width = 0;
    await until(() => expect(errors).toHaveLength(1));
    await sleep(300);
    expect(errors).toHaveLength(1);
    expect(reader.status).toBe('running');
    expect(reader.error?.code).toBe('invalid-source');
    canvas.width = 64;
    paint('red');
    await until(() => expect(reader.error).toBeNull());
  });

  it('shares a recogniser that the caller gave, and leaves it to the caller', async () => {
    const recognizer = await FingerspellRecognizer.load({ ...colourOptions(), threshold: 1 });
    const { canvas } = makeCanvas('red');
    const two = [makeReader({ recognizer }, canvas), makeReader({ recognizer, threshold: 0.5 }, canvas)] as const;
    const counts = two.map((reader) => record(reader, 'prediction'));
    await Promise.all(two.map((reader) => reader.start()));
    await until(() => expect(Math.min(...counts.map(({ length }) => length))).toBeGreaterThan(1));
    expect(counts.map((results) => results[0]?.letter)).toEqual([null, 'a']);
    two[0].dispose();
    expect((await recognizer.classify(canvas, { threshold: 0.5 })).letter).toBe('a');
    recognizer.dispose();
    await until(() => expect(two[1].status).toBe('error'));
    expect(two[1].error?.code).toBe('disposed');
  });

  it('ends when its worker stops, and begins anew with the text so far', async () => {
    const workers = watchWorkers();
    const reader = makeReader({ worker: true }, makeCanvas('red').canvas);
    const codes: string[] = [];
    reader.addEventListener('error', ({ detail }) => codes.push(detail.code));
    await reader.start();
    expect(reader.recognizer?.runtime.worker).toBe(true);
    reader.insert('q');
    workers.crash();
    await until(() => expect(reader.status).toBe('error'));
    expect(codes.at(-1)).toBe('disposed');
    await reader.start();
    const predictions = record(reader, 'prediction');
    await until(() => expect(predictions.length).toBeGreaterThan(1));
    expect(reader.status).toBe('running');
    expect(reader.text).toMatch(/^q/);
    vi.unstubAllGlobals();
  });

  it('pauses while the page is hidden', async () => {
    const reader = makeReader({}, makeCanvas('red').canvas);
    setHidden(true);
    await reader.start();
    expect(reader.status).toBe('paused');
    setHidden(false);
    expect(reader.status).toBe('running');
    const predictions = record(reader, 'prediction');
    await until(() => expect(predictions.length).toBeGreaterThan(0));
    setHidden(true);
    expect(reader.status).toBe('paused');
    reader.stop();
    setHidden(false);
    expect(reader.status).toBe('stopped');
  });

  it('shows no letter while it is paused, also of a frame that was on its way', async () => {
    const recognizer = await FingerspellRecognizer.load(colourOptions());
    const { canvas } = makeCanvas('red');
    const reader = makeReader({ recognizer }, canvas);
    await reader.start();
    await until(() => expect(reader.letter).toBe('a'));
    const paused: unknown[] = [];
    reader.addEventListener('prediction', ({ detail }) => {
      if (reader.status === 'paused') paused.push([detail.letter, reader.letter]);
    });
    const { classify } = recognizer;
    vi.spyOn(recognizer, 'classify').mockImplementationOnce((...call) => {
      const result = classify.apply(recognizer, call);
      setHidden(true);
      return result;
    });
    await until(() => expect(paused).toEqual([['a', null]]));
    reader.dispose();
    recognizer.dispose();
  });

  it('tells nothing of a frame that was on its way when it was stopped', async () => {
    const recognizer = await FingerspellRecognizer.load(colourOptions());
    const reader = makeReader({ recognizer }, makeCanvas('red').canvas);
    const [errors, predictions] = [record(reader, 'error'), record(reader, 'prediction')];
    const { classify } = recognizer;
    vi.spyOn(recognizer, 'classify').mockImplementationOnce((...call) => {
      const result = classify.apply(recognizer, call);
      reader.stop();
      return result;
    });
    await reader.start();
    await until(() => expect(reader.status).toBe('stopped'));
    await sleep(100);
    expect([errors, predictions, reader.error]).toEqual([[], [], null]);
    recognizer.dispose();
  });

  it('tells of a video that cannot be played', async () => {
    const video = makeVideo();
    video.src = URL.createObjectURL(new Blob(['no video'], { type: 'video/webm' }));
    const reader = makeReader({}, video);
    const errors = record(reader, 'error');
    await reader.start();
    await until(() => expect(errors.map(({ code }) => code)).toEqual(['invalid-source']));
  });

  it('refuses what is no signal, or a recogniser that is not there yet', () => {
    expect(() => makeReader({ recognizer: null } as never)).not.toThrow();
    const wrong = [{ signal: new AbortController() }, { recognizer: Promise.resolve() }, { maxFps: '15' }];
    for (const options of wrong) {
      expect(() => makeReader(options as never)).toThrow(expect.objectContaining({ code: 'invalid-option' }));
    }
  });

  it('refuses options that are not allowed before anything starts', () => {
    const bad: object[] = [
      { maxFps: Number.NaN },
      { camera: { facingMode: 'up' } },
      { threshold: -1 },
      { region: { x: 0.5, y: 0, width: 1, height: 1 } },
      { speller: { holdMs: -1 } },
    ];
    for (const options of bad) {
      expect(() => makeReader(options)).toThrow(expect.objectContaining({ code: 'invalid-option' }));
    }
    expect(() => makeReader({ camera: {} }, makeCanvas('red').canvas)).toThrow(/canvas/);
  });

  it('says what it needs when it gets no element, or no options', () => {
    for (const source of [null, undefined, 'video', document.createElement('p')]) {
      expect(() => new FingerspellReader(source as never)).toThrow(
        expect.objectContaining({ code: 'invalid-option', message: expect.stringContaining('<video>') }),
      );
    }
    const { canvas } = makeCanvas('red');
    expect(() => new FingerspellReader(canvas, null as never)).toThrow(
      expect.objectContaining({ code: 'invalid-option' }),
    );
  });
});
