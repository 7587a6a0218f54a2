import {
  type FingerspellReader,
  type LiveReaderOptions,
  type UseFingerspellOptions,
  type UseFingerspellResult,
  useFingerspell,
} from 'asl-fingerspell/react';
import { Activity, type ReactNode, StrictMode, Suspense, use, useState } from 'react';
import { createRoot, type Root } from 'react-dom/client';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { watchCamera } from './support/camera-watch';
import { colourOptions } from './support/colour-model';
import { until } from './support/until';

const cameras = watchCamera();
const roots: Root[] = [];

beforeEach(() => {
  vi.spyOn(console, 'error');
});

afterEach(() => {
  // React tells there of whatever a hook must not do.
  expect(vi.mocked(console.error).mock.calls).toEqual([]);
  vi.restoreAllMocks();
  for (const root of roots.splice(0)) root.unmount();
  document.body.replaceChildren();
});

const sleep = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

function makeRoot(): Root {
  const root = createRoot(document.body.appendChild(document.createElement('div')));
  roots.push(root);
  return root;
}

/** What the hook returned last, and how often it was called. */
interface Seen {
  renders: number;
  result: UseFingerspellResult;
}

function watchHook(): Seen {
  return { renders: 0, result: null as unknown as UseFingerspellResult };
}

interface ReaderProps extends UseFingerspellOptions {
  readonly seen: Seen;
  readonly hasVideo?: boolean;
}

function Reader({ seen, hasVideo = true, ...options }: ReaderProps) {
  const result = useFingerspell({ ...colourOptions(), ...options });
  seen.renders++;
  seen.result = result;
  return hasVideo ? <video ref={result.videoRef} muted /> : null;
}

/** Renders its reader with new objects and functions at each click. */
function Restless({ seen, onPrediction }: { readonly seen: Seen; readonly onPrediction: (render: number) => void }) {
  const [count, setCount] = useState(0);
  return (
    <>
      <button type="button" onClick={() => setCount(count + 1)} />
      <Reader seen={seen} camera={{ width: 320 }} letters={['a', 'b', 'c']} onPrediction={() => onPrediction(count)} />
    </>
  );
}

async function untilRunning(seen: { result: UseFingerspellResult }): Promise<void> {
  await until(() => expect(seen.result?.status).toBe('running'));
}

/** A stream of one colour, to be read instead of a camera. */
function makeStream(colour: string) {
  const canvas = Object.assign(document.createElement('canvas'), { width: 64, height: 64 });
  const context = canvas.getContext('2d');
  let current = colour;
  const timer = setInterval(() => {
    if (!context) return;
    context.fillStyle = current;
    context.fillRect(0, 0, 64, 64);
  }, 20);
  return {
    stream: canvas.captureStream(),
    paint: (next: string) => {
      current = next;
    },
    stop: () => clearInterval(timer),
  };
}

/** As short as it can be. */
function Plain({ onResult }: { readonly onResult: (result: UseFingerspellResult) => void }) {
  const result = useFingerspell();
  onResult(result);
  return <video ref={result.videoRef} muted />;
}

describe('useFingerspell', () => {
  it('reads with the shipped model and no option at all', async () => {
    const seen = watchHook();
    makeRoot().render(
      <Plain
        onResult={(result) => {
          seen.result = result;
        }}
      />,
    );
    await until(() => expect(seen.result?.status).toBe('running'));
    const reader = seen.result.getReader();
    expect(reader?.recognizer?.labels.length).toBeGreaterThan(20);
    await new Promise((resolve) => reader?.addEventListener('prediction', resolve, { once: true }));
    expect(seen.result.error).toBeNull();
  });

  it('reads as soon as the video is mounted, and turns the camera off with it', async () => {
    const seen = watchHook();
    const root = makeRoot();
    root.render(<Reader seen={seen} />);
    await untilRunning(seen);
    expect(cameras.liveTracks()).toHaveLength(1);
    root.unmount();
    await null;
    expect(cameras.liveTracks()).toHaveLength(0);
  });

  it('has one camera on while mounted and none after, twenty times in StrictMode', async () => {
    const seen = watchHook();
    const root = makeRoot();
    const tree = (
      <StrictMode>
        <Reader seen={seen} />
      </StrictMode>
    );
    for (let round = 0; round < 20; round++) {
      root.render(tree);
      // Now and then it is left alone until it runs; mostly it goes while it is still loading.
      if (round % 5 === 0) await untilRunning(seen);
      else await sleep(round * 7);
      expect(cameras.liveTracks().length).toBeLessThanOrEqual(1);
      root.render(null);
      await until(() => expect(document.querySelector('video')).toBeNull());
      if (round % 5 === 0) expect(cameras.liveTracks()).toHaveLength(0);
    }
    root.render(tree);
    await untilRunning(seen);
    await sleep(500);
    expect(cameras.liveTracks()).toHaveLength(1);
    root.unmount();
    await sleep(500);
    expect(cameras.liveTracks()).toHaveLength(0);
  });

  it.each([true, false])(
    'keeps its reader through a ref of the page that is new at every render (autoStart %s)',
    async (autoStart) => {
      const seen = watchHook();
      const own: { current: HTMLVideoElement | null } = { current: null };
      function Merged() {
        const result = useFingerspell({ ...colourOptions(), autoStart });
        seen.renders++;
        seen.result = result;
        const setBoth = (video: HTMLVideoElement | null) => {
          own.current = video;
          result.videoRef(video);
        };
        return <video ref={setBoth} muted />;
      }
      const root = makeRoot();
      root.render(<Merged />);
      await until(() => expect(seen.result?.getReader()).toBeTruthy());
      const reader = seen.result.getReader();
      if (!autoStart) await seen.result.start();
      await until(() => expect(seen.result.status).toBe('running'));
      root.render(<Merged />);
      await sleep(50);
      expect(seen.result.getReader()).toBe(reader);
      expect(reader?.source).toBe(own.current);
      expect(cameras.requests()).toBe(1);
      root.unmount();
      await until(() => expect(cameras.liveTracks()).toHaveLength(0));
    },
  );

  it('turns a camera off that is permitted after the component went', async () => {
    const allow = cameras.holdPermission();
    const seen = watchHook();
    const root = makeRoot();
    root.render(<Reader seen={seen} />);
    await until(() => expect(cameras.requests()).toBe(1));
    root.unmount();
    allow();
    await sleep(300);
    expect(cameras.liveTracks()).toHaveLength(0);
  });

  it('reads a video that mounts late, and again', async () => {
    const seen = watchHook();
    const root = makeRoot();
    root.render(<Reader seen={seen} hasVideo={false} />);
    await sleep(100);
    expect(seen.result.status).toBe('idle');
    expect(cameras.requests()).toBe(0);
    for (let round = 0; round < 2; round++) {
      root.render(<Reader seen={seen} />);
      await untilRunning(seen);
      expect(cameras.liveTracks()).toHaveLength(1);
      root.render(<Reader seen={seen} hasVideo={false} />);
      await until(() => expect(seen.result.status).toBe('idle'));
      expect(cameras.liveTracks()).toHaveLength(0);
    }
  });

  it('waits for start() with autoStart: false, and stops and starts again by hand', async () => {
    const seen = watchHook();
    makeRoot().render(<Reader seen={seen} autoStart={false} />);
    await sleep(100);
    expect(seen.result.status).toBe('idle');
    expect(cameras.requests()).toBe(0);
    await seen.result.start();
    await untilRunning(seen);
    seen.result.stop();
    await until(() => expect(seen.result.status).toBe('stopped'));
    expect(cameras.liveTracks()).toHaveLength(0);
    await seen.result.start();
    await untilRunning(seen);
  });

  it('turns no camera on after a stop: not for a video that mounts again, nor for an option that is put right', async () => {
    const seen = watchHook();
    const root = makeRoot();
    root.render(<Reader seen={seen} letters={['a', 'j']} />);
    await until(() => expect(seen.result?.error?.code).toBe('invalid-option'));
    const requests = cameras.requests();
    seen.result.stop();
    root.render(<Reader seen={seen} letters={['a', 'b']} />);
    await sleep(100);
    root.render(<Reader seen={seen} threshold={7} />);
    await until(() => expect(seen.result.error?.message).toMatch(/threshold/));
    root.render(<Reader seen={seen} hasVideo={false} threshold={7} />);
    await until(() => expect(seen.result).toMatchObject({ status: 'idle', error: null }));
    root.render(<Reader seen={seen} />);
    await sleep(100);
    expect(seen.result.status).toBe('idle');
    expect(cameras.requests()).toBe(requests);
  });

  it('goes by the options that come with the video', async () => {
    const seen = watchHook();
    const root = makeRoot();
    root.render(<Reader seen={seen} hasVideo={false} />);
    await until(() => expect(seen.result).not.toBeNull());
    root.render(<Reader seen={seen} autoStart={false} />);
    await until(() => expect(seen.result.getReader()).not.toBeNull());
    await sleep(50);
    expect(cameras.requests()).toBe(0);
  });

  it('remembers a start from before the video was there', async () => {
    const seen = watchHook();
    const root = makeRoot();
    root.render(<Reader seen={seen} autoStart={false} hasVideo={false} />);
    await until(() => expect(seen.result).not.toBeNull());
    await seen.result.start();
    root.render(<Reader seen={seen} autoStart={false} />);
    await untilRunning(seen);
  });

  it('shows a refused camera as error, without a rejection, and starts once it is allowed', async () => {
    cameras.refuse('NotAllowedError');
    const onError = vi.fn();
    const seen = watchHook();
    makeRoot().render(<Reader seen={seen} onError={onError} />);
    await until(() => expect(seen.result?.error?.code).toBe('camera-denied'));
    expect(seen.result.status).toBe('error');
    expect(onError).toHaveBeenCalledOnce();
    await seen.result.start();
    expect(onError).toHaveBeenCalledTimes(2);
    cameras.refuse(null);
    await seen.result.start();
    await untilRunning(seen);
    expect(seen.result.error).toBeNull();
  });

  it('takes options that are new objects at every render, and restarts nothing', async () => {
    const seen = watchHook();
    const calls: number[] = [];
    makeRoot().render(<Restless seen={seen} onPrediction={(count) => calls.push(count)} />);
    await untilRunning(seen);
    const reader = seen.result.getReader();
    const { start } = seen.result;
    for (let click = 0; click < 5; click++) {
      document.querySelector('button')?.click();
      await sleep(20);
    }
    await until(() => expect(calls).toContain(5));
    expect(seen.result.getReader()).toBe(reader);
    expect(seen.result.start).toBe(start);
    expect(cameras.requests()).toBe(1);
  });

  it('suggests from words that come later, keeps the text, and renders no more often for words that are equal', async () => {
    const seen = watchHook();
    const root = makeRoot();
    const render = (words: readonly string[]) =>
      // So that the camera writes nothing, however long this takes.
      root.render(<Reader seen={seen} autoStart speller={{ words: [...words], holdMs: 60_000 }} />);
    render([]);
    await untilRunning(seen);
    seen.result.insert('c');
    await until(() => expect(seen.result.text).toBe('c'));
    expect(seen.result.suggestions).toEqual([]);
    render(['cab']);
    await until(() => expect(seen.result.suggestions).toEqual(['cab']));
    expect(seen.result.text).toBe('c');
    const { renders } = seen;
    render(['cab']);
    await sleep(100);
    expect(seen.renders - renders).toBeLessThanOrEqual(2);
    expect(cameras.requests()).toBe(1);
    seen.result.stop();
    render(['cup']);
    await until(() => expect(seen.result.suggestions).toEqual(['cup']));
    expect(seen.result.status).toBe('stopped');
  });

  it('reads with changed options, and opens another camera when that changes', async () => {
    const seen = watchHook();
    const onPrediction = vi.fn();
    const root = makeRoot();
    root.render(<Reader seen={seen} onPrediction={onPrediction} />);
    await untilRunning(seen);
    const changed: LiveReaderOptions = {
      topK: 1,
      threshold: 0.5,
      region: { x: 0, y: 0, width: 0.5, height: 0.5 },
      mirror: true,
      letters: ['a', 'b'],
      maxFps: 9,
      camera: { width: 320, height: 240 },
      speller: { holdMs: 400 },
    };
    const setOptions = vi.spyOn(seen.result.getReader() as FingerspellReader, 'setOptions');
    root.render(<Reader seen={seen} onPrediction={onPrediction} {...changed} />);
    await until(() => expect(setOptions).toHaveBeenLastCalledWith(changed));
    await until(() => expect(cameras.requests()).toBe(2));
    await until(() => expect(onPrediction.mock.lastCall?.[0].predictions).toHaveLength(1));
    await untilRunning(seen);
    expect(cameras.liveTracks()).toHaveLength(1);
    expect(cameras.liveTracks()[0]?.getSettings().width).toBe(320);
  });

  it('renders when letter or text change, not at every frame', async () => {
    const source = makeStream('red');
    const frames = vi.fn();
    const [onLetter, onText] = [vi.fn(), vi.fn()];
    const seen = watchHook();
    makeRoot().render(
      <Reader
        {...{ seen, onLetter, onText }}
        autoStart={false}
        onPrediction={frames}
        speller={{ holdMs: 300, words: ['abc', 'bac'] }}
      />,
    );
    await until(() => expect(document.querySelector('video')).not.toBeNull());
    const video = document.querySelector('video') as HTMLVideoElement;
    Object.assign(video, { muted: true, srcObject: source.stream });
    await video.play();
    await seen.result.start();
    await untilRunning(seen);
    await until(() => expect(seen.result.text).toBe('a'));
    expect(seen.result.letter).toBe('a');
    expect([onLetter.mock.calls, onText.mock.calls]).toEqual([[['a', 'a']], [['a']]]);
    expect(seen.result.suggestions).toEqual(['abc']);
    expect(seen.result.prediction).toBeNull();
    const { renders } = seen;
    frames.mockClear();
    await until(() => expect(frames.mock.calls.length).toBeGreaterThan(8));
    expect(seen.renders).toBe(renders);
    seen.result.clear();
    await until(() => expect(seen.result.text).toBe(''));
    expect(seen.result.suggestions).toEqual([]);
    expect(seen.renders).toBe(renders + 1);
    source.paint('black');
    await until(() => expect(seen.result.letter).toBeNull());
    expect(seen.renders).toBe(renders + 2);
    source.stop();
  });

  it('renders at every frame with frames: true', async () => {
    const seen = watchHook();
    makeRoot().render(<Reader seen={seen} frames={true} />);
    await until(() => expect(seen.result?.prediction?.probabilities).toHaveLength(3));
    const { renders } = seen;
    await until(() => expect(seen.renders).toBeGreaterThan(renders + 4));
  });

  it('keeps several readers on one page apart', async () => {
    const [one, two] = [watchHook(), watchHook()];
    makeRoot().render(
      <>
        <Reader seen={one} />
        <Reader seen={two} />
      </>,
    );
    await Promise.all([untilRunning(one), untilRunning(two)]);
    expect(cameras.liveTracks()).toHaveLength(2);
    one.result.stop();
    expect(cameras.liveTracks()).toHaveLength(1);
    expect(two.result.status).toBe('running');
  });

  it('stays when the onError of the page throws at an option that is not allowed', async () => {
    const seen = watchHook();
    const root = makeRoot();
    const onError = () => {
      throw new Error("the page's own");
    };
    const told: string[] = [];
    const tell = (event: ErrorEvent): void => {
      event.preventDefault();
      told.push(event.message);
    };
    window.addEventListener('error', tell);
    root.render(<Reader seen={seen} onError={onError} />);
    await until(() => expect(seen.result?.status).toBe('running'));
    root.render(<Reader seen={seen} threshold={7} onError={onError} />);
    await until(() => expect(told).toEqual(["Uncaught Error: the page's own"]));
    expect([seen.result.status, seen.result.error?.code]).toEqual(['running', 'invalid-option']);
    window.removeEventListener('error', tell);
    vi.mocked(console.error).mockClear();
  });

  it('tells of an option that is not allowed in `error`, once, and starts when it is put right', async () => {
    const [seen, onError] = [watchHook(), vi.fn()];
    const root = makeRoot();
    const render = (maxFps: number) => root.render(<Reader seen={seen} maxFps={maxFps} onError={onError} />);
    render(-1);
    await until(() => expect(seen.result?.error).toMatchObject({ code: 'invalid-option' }));
    expect(seen.result.status).toBe('error');
    expect(cameras.requests()).toBe(0);
    render(-1);
    await sleep(50);
    expect(onError).toHaveBeenCalledTimes(1);
    render(20);
    await untilRunning(seen);
    expect(seen.result.error).toBeNull();
  });

  it('reads on with the options before while new ones are not allowed', async () => {
    const [seen, onError] = [watchHook(), vi.fn()];
    const root = makeRoot();
    const render = (letters: string[]) => root.render(<Reader seen={seen} letters={letters} onError={onError} />);
    render(['a', 'b']);
    await untilRunning(seen);
    render(['a', 'j']);
    await until(() => expect(seen.result.error).toMatchObject({ code: 'invalid-option' }));
    expect(seen.result.status).toBe('running');
    expect(onError).toHaveBeenCalledTimes(1);
    render(['a', 'b']);
    await until(() => expect(seen.result.error).toBeNull());
    expect(cameras.requests()).toBe(1);
  });

  it('tells once of letters that the model turns out not to have', async () => {
    const [seen, onError] = [watchHook(), vi.fn()];
    const root = makeRoot();
    const render = (letters: string[]) => root.render(<Reader seen={seen} letters={letters} onError={onError} />);
    render(['a', 'j']);
    await until(() => expect(seen.result?.status).toBe('error'));
    await sleep(50);
    expect(seen.result.error).toMatchObject({ code: 'invalid-option', message: expect.stringContaining('"j"') });
    expect(onError).toHaveBeenCalledTimes(1);
    expect(cameras.liveTracks()).toEqual([]);
    render(['a', 'b']);
    await untilRunning(seen);
    expect(seen.result.error).toBeNull();
  });

  const never = new Promise<never>(() => {});
  const Waiting = () => use(never);
  const covers: Readonly<Record<string, (reader: ReactNode, isHidden: boolean) => ReactNode>> = {
    'an Activity': (reader, isHidden) => <Activity mode={isHidden ? 'hidden' : 'visible'}>{reader}</Activity>,
    Suspense: (reader, isHidden) => (
      <Suspense>
        {reader}
        {isHidden && <Waiting />}
      </Suspense>
    ),
  };

  it.each(Object.entries(covers))('turns the camera off while %s hides it, and on again', async (_, cover) => {
    const seen = watchHook();
    const root = makeRoot();
    const reader = <Reader seen={seen} />;
    root.render(cover(reader, false));
    await untilRunning(seen);
    for (let i = 0; i < 2; i++) {
      root.render(cover(reader, true));
      await until(() => expect(cameras.liveTracks()).toHaveLength(0));
      root.render(cover(reader, false));
      await until(() => expect(cameras.liveTracks()).toHaveLength(1));
      await untilRunning(seen);
    }
  });
});
