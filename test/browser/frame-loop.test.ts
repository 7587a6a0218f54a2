import { afterEach, describe, expect, it, vi } from 'vitest';
import { openCamera } from '../../src/camera/camera';
import { type FrameLoop, startFrameLoop } from '../../src/camera/frame-loop';
import { Pauses, watchPage } from '../../src/camera/pauses';
import { watchCamera } from './support/camera-watch';
import { until } from './support/until';
import { setHidden } from './support/visibility';

watchCamera();

let loop: FrameLoop | null = null;
let ending = new AbortController();

afterEach(() => {
  loop?.stop();
  ending.abort();
  ending = new AbortController();
  setHidden(false);
});

const sleep = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

function start(
  source: HTMLVideoElement | HTMLCanvasElement,
  onFrame: (timeMs: number) => Promise<void>,
  maxFps = 1000,
) {
  const pauses = new Pauses();
  watchPage(document, pauses, ending.signal);
  loop = startFrameLoop(source, { onFrame, pauses, maxFps: () => maxFps });
  return { loop, pauses };
}

describe('startFrameLoop', () => {
  it('has at most one frame in flight, and drops those that come meanwhile', async () => {
    let inFlight = 0;
    let most = 0;
    let count = 0;
    start(document.createElement('canvas'), async () => {
      most = Math.max(most, ++inFlight);
      count++;
      await sleep(100);
      inFlight--;
    });
    await sleep(1000);
    expect(most).toBe(1);
    expect(count).toBeGreaterThan(3);
    expect(count).toBeLessThanOrEqual(10);
  });

  it('reads the pictures of a camera as they come, and each of them once', async () => {
    const video = document.createElement('video');
    const camera = await openCamera(video);
    const times: number[] = [];
    start(video, async () => {
      times.push(video.currentTime);
    });
    await until(() => expect(times.length).toBeGreaterThan(8));
    // The first look takes the picture that is there already, and may be followed by the same one.
    expect(new Set(times.slice(1)).size).toBe(times.length - 1);
    camera.stop();
  });

  it('reads a video at the pace of repaints where the browser does not tell of new pictures', async () => {
    const { prototype } = HTMLVideoElement;
    const original = Object.getOwnPropertyDescriptor(prototype, 'requestVideoFrameCallback') as PropertyDescriptor;
    Reflect.deleteProperty(prototype, 'requestVideoFrameCallback');
    try {
      const video = document.createElement('video');
      const camera = await openCamera(video);
      const onFrame = vi.fn(async () => {});
      const { loop } = start(video, onFrame);
      await until(() => expect(onFrame.mock.calls.length).toBeGreaterThan(8));
      loop.stop();
      camera.stop();
    } finally {
      Object.defineProperty(prototype, 'requestVideoFrameCallback', original);
    }
  });

  it('goes by time in a document that is visible but never painted', async () => {
    const repaints = vi.spyOn(window, 'requestAnimationFrame').mockReturnValue(0);
    const onFrame = vi.fn(async () => {});
    const { loop } = start(document.createElement('canvas'), onFrame, 20);
    await until(() => expect(onFrame.mock.calls.length).toBeGreaterThan(8));
    loop.stop();
    onFrame.mockClear();
    await sleep(200);
    expect(onFrame).not.toHaveBeenCalled();
    repaints.mockRestore();
  });

  it('reads the one picture of a video that stands still', async () => {
    const video = document.createElement('video');
    const camera = await openCamera(video);
    video.pause();
    await sleep(100);
    const onFrame = vi.fn(async () => {});
    start(video, onFrame);
    await until(() => expect(onFrame).toHaveBeenCalledOnce());
    // Once more when it was hidden, and when it can be played no longer: no new picture will say so.
    setHidden(true);
    setHidden(false);
    await until(() => expect(onFrame).toHaveBeenCalledTimes(2));
    video.dispatchEvent(new Event('error'));
    await until(() => expect(onFrame).toHaveBeenCalledTimes(3));
    camera.stop();
  });

  it('keeps to maxFps', async () => {
    const onFrame = vi.fn(async () => {});
    start(document.createElement('canvas'), onFrame, 10);
    await sleep(1000);
    expect(onFrame.mock.calls.length).toBeGreaterThanOrEqual(5);
    expect(onFrame.mock.calls.length).toBeLessThanOrEqual(12);
  });

  it('sleeps while the page is hidden and goes on after', async () => {
    const onFrame = vi.fn(async () => {});
    const { pauses } = start(document.createElement('canvas'), onFrame);
    await until(() => expect(onFrame).toHaveBeenCalled());
    setHidden(true);
    expect(pauses.reason).toBe('hidden');
    onFrame.mockClear();
    await sleep(200);
    expect(onFrame).not.toHaveBeenCalled();
    setHidden(false);
    await until(() => expect(onFrame).toHaveBeenCalled());
    expect(pauses.reason).toBeNull();
  });

  it('reads nothing after it was stopped, also when it was waiting for a frame or hidden', async () => {
    const onFrame = vi.fn(() => sleep(50));
    const { loop } = start(document.createElement('canvas'), onFrame);
    await until(() => expect(onFrame).toHaveBeenCalled());
    loop.stop();
    loop.stop();
    onFrame.mockClear();
    setHidden(true);
    setHidden(false);
    await sleep(200);
    expect(onFrame).not.toHaveBeenCalled();
  });
});
