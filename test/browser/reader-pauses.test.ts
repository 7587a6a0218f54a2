import { FingerspellReader, type ReaderOptions } from 'asl-fingerspell/dom';
import { afterEach, expect, it, vi } from 'vitest';
import { watchCamera } from './support/camera-watch';
import { colourOptions } from './support/colour-model';
import { until } from './support/until';
import { setHidden } from './support/visibility';

const cameras = watchCamera();
let reader: FingerspellReader | null = null;
afterEach(() => {
  reader?.dispose();
  setHidden(false);
  document.body.replaceChildren();
});

const sleep = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

async function startReader(options: ReaderOptions = {}): Promise<FingerspellReader> {
  const video = document.body.appendChild(document.createElement('video'));
  reader = new FingerspellReader(video, { ...colourOptions(), ...options });
  await reader.start();
  return reader;
}

it('pauses while the camera gives no picture, for the foremost of several reasons, and goes on by itself', async () => {
  const reader = await startReader();
  const changes: string[] = [];
  reader.addEventListener('statuschange', ({ detail }) => changes.push(`${detail.status} ${detail.reason}`));
  const [track] = cameras.liveTracks();
  track?.dispatchEvent(new Event('mute'));
  expect([reader.status, reader.pauseReason, reader.letter]).toEqual(['paused', 'muted', null]);
  const onPrediction = vi.fn();
  // One frame may have been on its way.
  await sleep(200);
  reader.addEventListener('prediction', onPrediction);
  await sleep(200);
  expect(onPrediction).not.toHaveBeenCalled();
  setHidden(true);
  setHidden(false);
  track?.dispatchEvent(new Event('unmute'));
  expect([reader.status, reader.pauseReason]).toEqual(['running', null]);
  expect(changes).toEqual(['paused muted', 'paused hidden', 'paused muted', 'running null']);
  await until(() => expect(onPrediction).toHaveBeenCalled());
  expect(cameras.liveTracks()).toHaveLength(1);
});

it('is paused from its start on by a camera that is muted already', async () => {
  const muted = vi.spyOn(MediaStreamTrack.prototype, 'muted', 'get').mockReturnValue(true);
  const reader = await startReader();
  expect([reader.status, reader.pauseReason]).toEqual(['paused', 'muted']);
  muted.mockRestore();
  cameras.liveTracks()[0]?.dispatchEvent(new Event('unmute'));
  expect([reader.status, reader.pauseReason]).toEqual(['running', null]);
});

it('pauses out of sight only if asked to', async () => {
  const disconnect = vi.spyOn(IntersectionObserver.prototype, 'disconnect');
  const reader = await startReader({ pauseOffscreen: true });
  const spacer = document.createElement('div');
  spacer.style.height = '10000px';
  document.body.prepend(spacer);
  await until(() => expect(reader.pauseReason).toBe('offscreen'));
  reader.source.scrollIntoView();
  await until(() => expect(reader.status).toBe('running'));
  reader.dispose();
  expect(disconnect).toHaveBeenCalledOnce();
  disconnect.mockRestore();
  const other = await startReader();
  window.scrollTo(0, 0);
  await sleep(200);
  expect(other.status).toBe('running');
});

it('starts again with a new camera after the old one was lost', async () => {
  const reader = await startReader();
  const [track] = cameras.liveTracks();
  track?.stop();
  track?.dispatchEvent(new Event('ended'));
  expect([reader.status, reader.error?.code]).toEqual(['error', 'camera-lost']);
  await reader.start();
  expect([reader.status, reader.error]).toEqual(['running', null]);
  expect(cameras.liveTracks()).toHaveLength(1);
});

it('tells of another camera that is not there, and starts with the one before', async () => {
  const reader = await startReader();
  reader.setOptions({ camera: { deviceId: 'no such camera' } });
  await until(() => expect([reader.status, reader.error?.code]).toEqual(['error', 'camera-missing']));
  expect(cameras.liveTracks()).toHaveLength(0);
  // There is nothing to stop.
  reader.stop();
  expect(reader.status).toBe('error');
  reader.setOptions({ camera: undefined });
  await reader.start();
  expect([reader.status, reader.error]).toEqual(['running', null]);
});

it('opens the other side of a phone when facingMode changes', async () => {
  const reader = await startReader();
  const open = vi.spyOn(navigator.mediaDevices, 'getUserMedia');
  reader.setOptions({ camera: { facingMode: 'environment', width: 320, height: 240 } });
  await until(() => expect(reader.status).toBe('running'));
  expect(open.mock.calls[0]?.[0]).toMatchObject({ video: { facingMode: 'environment', width: { ideal: 320 } } });
  expect(cameras.liveTracks()).toHaveLength(1);
  expect(cameras.liveTracks()[0]?.getSettings().width).toBe(320);
});

it('refuses a pauseOffscreen that is no yes or no', () => {
  const make = () => new FingerspellReader(document.createElement('video'), { pauseOffscreen: 1 as never });
  expect(make).toThrow(/pauseOffscreen/);
});
