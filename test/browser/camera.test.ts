import { listCameras, openCamera, watchCameras } from 'asl-fingerspell/dom';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { hasFrame } from '../../src/frame/source';
import { watchCamera } from './support/camera-watch';
import { until } from './support/until';
import { setHidden } from './support/visibility';

const cameras = watchCamera();

function makeVideo(): HTMLVideoElement {
  return document.body.appendChild(document.createElement('video'));
}

afterEach(() => document.body.replaceChildren());

describe('openCamera', () => {
  it('resolves with a picture in the element, and turns the camera off again', async () => {
    const video = makeVideo();
    const camera = await openCamera(video);
    expect(hasFrame(video)).toBe(true);
    expect([video.videoWidth, video.videoHeight]).toEqual([640, 480]);
    for (const name of ['playsinline', 'muted', 'autoplay']) expect(video.hasAttribute(name), name).toBe(true);
    expect(video.muted).toBe(true);
    expect(camera.label).not.toBe('');
    expect(camera.deviceId).not.toBe('');
    expect(cameras.liveTracks()).toHaveLength(1);
    camera.stop();
    camera.stop();
    expect(cameras.liveTracks()).toHaveLength(0);
    expect(video.srcObject).toBeNull();
  });

  it('takes a timeout that is longer than timers can be', async () => {
    for (const timeoutMs of [1e12, Number.POSITIVE_INFINITY]) (await openCamera(makeVideo(), { timeoutMs })).stop();
  });

  it('asks for nothing with a signal that is none', async () => {
    const signal = new AbortController() as never;
    await expect(openCamera(makeVideo(), { signal })).rejects.toMatchObject({ code: 'invalid-option' });
    expect(cameras.requests()).toBe(0);
  });

  it('opens the camera that is named', async () => {
    const first = await openCamera(makeVideo());
    first.stop();
    const listed = await listCameras();
    expect(listed.map(({ deviceId }) => deviceId)).toContain(first.deviceId);
    const again = await openCamera(makeVideo(), { deviceId: first.deviceId, width: 320, height: 240 });
    expect(again.deviceId).toBe(first.deviceId);
    expect(again.stream.getVideoTracks()[0]?.getSettings().width).toBe(320);
    again.stop();
  });

  it('says camera-missing for a camera that is not there', async () => {
    // The browser's own refusal: no such device.
    await expect(openCamera(makeVideo(), { deviceId: 'no such camera' })).rejects.toMatchObject({
      code: 'camera-missing',
      cause: { name: 'OverconstrainedError' },
    });
  });

  it.each([
    ['NotAllowedError', 'camera-denied'],
    ['SecurityError', 'camera-denied'],
    ['NotFoundError', 'camera-missing'],
    ['NotReadableError', 'camera-busy'],
    ['AbortError', 'camera-busy'],
    ['NotSupportedError', 'camera-unsupported'],
    ['TypeError', 'camera-unsupported'],
    ['ErrorOfTomorrow', 'camera-busy'],
  ])('turns %s into %s, with a sentence and the cause', async (name, code) => {
    cameras.refuse(name);
    const { signal } = new AbortController();
    for (const options of [{}, { signal }]) {
      const error = await openCamera(makeVideo(), options).catch((reason: unknown) => reason);
      expect(error).toMatchObject({ code, cause: { name } });
      // What to do, and none of the browser's own words.
      expect((error as Error).message).toMatch(/\. [A-Z][^()]*\.$/);
      expect((error as Error).message).not.toContain(name);
    }
  });

  it('says what a page in a frame needs, as this one is', async () => {
    cameras.refuse('NotAllowedError');
    await expect(openCamera(makeVideo())).rejects.toMatchObject({
      code: 'camera-denied',
      message: expect.stringContaining('allow="camera"'),
    });
  });

  it('says camera-unsupported on a page without the camera API', async () => {
    const original = Object.getOwnPropertyDescriptor(Navigator.prototype, 'mediaDevices');
    Object.defineProperty(Navigator.prototype, 'mediaDevices', { value: undefined, configurable: true });
    try {
      await expect(openCamera(makeVideo())).rejects.toMatchObject({ code: 'camera-unsupported' });
      await expect(listCameras()).rejects.toMatchObject({ code: 'camera-unsupported' });
    } finally {
      Object.defineProperty(Navigator.prototype, 'mediaDevices', original as PropertyDescriptor);
    }
  });

  it('turns off a camera that is permitted after the signal fired', async () => {
    const allow = cameras.holdPermission();
    const controller = new AbortController();
    const video = makeVideo();
    const opening = openCamera(video, { signal: controller.signal });
    controller.abort('left the page');
    await expect(opening).rejects.toMatchObject({ code: 'aborted', cause: 'left the page' });
    allow();
    await until(() => expect(cameras.requests()).toBe(1));
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(cameras.liveTracks()).toHaveLength(0);
    expect(video.srcObject).toBeNull();
  });

  it('leaves no camera on when the signal fires at whatever moment of getting it', async () => {
    const ask = vi.spyOn(navigator.mediaDevices, 'getUserMedia');
    for (let turns = 0; turns < 12; turns++) {
      const controller = new AbortController();
      const opening = openCamera(makeVideo(), { signal: controller.signal });
      opening.catch(() => undefined);
      await ask.mock.results.at(-1)?.value;
      for (let i = 0; i < turns; i++) await null;
      controller.abort();
      await expect(opening, `after ${turns} turns`).rejects.toMatchObject({ code: 'aborted' });
      expect(cameras.liveTracks(), `after ${turns} turns`).toHaveLength(0);
    }
    ask.mockRestore();
  });

  it('asks for nothing when the signal has fired before', async () => {
    await expect(openCamera(makeVideo(), { signal: AbortSignal.abort() })).rejects.toMatchObject({ code: 'aborted' });
    expect(cameras.requests()).toBe(0);
  });

  it('needs no promise of play(), as the documents and stand-ins of tests give none', async () => {
    const video = makeVideo();
    const play = vi.spyOn(video, 'play').mockReturnValue(undefined as never);
    const camera = await openCamera(video);
    expect(play).toHaveBeenCalled();
    camera.stop();
  });

  it('turns the camera off when no picture comes in time, and when the signal fires while waiting for it', async () => {
    // An element that plays nothing: its stream is taken away as soon as it is given.
    const video = makeVideo();
    Object.defineProperty(video, 'srcObject', { set: () => undefined, get: () => null });
    const cause = new DOMException('not without a click', 'NotAllowedError');
    const play = vi.spyOn(video, 'play').mockRejectedValue(cause);
    await expect(openCamera(video, { timeoutMs: 100 })).rejects.toMatchObject({ code: 'timeout', cause });
    play.mockRestore();
    expect(cameras.liveTracks()).toHaveLength(0);
    const controller = new AbortController();
    const opening = openCamera(video, { signal: controller.signal });
    await until(() => expect(cameras.liveTracks()).toHaveLength(1));
    controller.abort();
    await expect(opening).rejects.toMatchObject({ code: 'aborted' });
    expect(cameras.liveTracks()).toHaveLength(0);
    const ending = openCamera(video);
    ending.catch(() => undefined);
    await until(() => expect(cameras.liveTracks()).toHaveLength(1));
    cameras.liveTracks()[0]?.dispatchEvent(new Event('ended'));
    await expect(ending).rejects.toMatchObject({ code: 'camera-lost' });
    expect(cameras.liveTracks()).toHaveLength(0);
  });

  it('gives the picture its whole time again when the page was hidden', async () => {
    const video = makeVideo();
    Object.defineProperty(video, 'srcObject', { set: () => undefined, get: () => null });
    const start = performance.now();
    const opening = openCamera(video, { timeoutMs: 400 });
    opening.catch(() => undefined);
    setTimeout(() => setHidden(true), 200);
    setTimeout(() => setHidden(false), 700);
    await expect(opening).rejects.toMatchObject({ code: 'timeout' });
    expect(performance.now() - start).toBeGreaterThan(1050);
  });

  it('stays on when the signal fires that it was opened with', async () => {
    const controller = new AbortController();
    const camera = await openCamera(makeVideo(), { signal: controller.signal });
    controller.abort();
    expect(cameras.liveTracks()).toHaveLength(1);
    camera.stop();
    expect(cameras.liveTracks()).toHaveLength(0);
  });

  it('leaves the element to a camera that was opened after it', async () => {
    const video = makeVideo();
    const [first, second] = [await openCamera(video), await openCamera(video)];
    first.stop();
    expect(video.srcObject).toBe(second.stream);
    second.stop();
    expect(video.srcObject).toBeNull();
  });

  it('tells once when the camera stops by itself, and not when it is stopped', async () => {
    const onLost = vi.fn();
    const camera = await openCamera(makeVideo(), { onLost });
    const [track] = camera.stream.getVideoTracks();
    track?.dispatchEvent(new Event('ended'));
    track?.dispatchEvent(new Event('ended'));
    expect(onLost).toHaveBeenCalledOnce();
    expect(onLost.mock.calls[0]?.[0]).toMatchObject({ code: 'camera-lost' });
    camera.stop();
  });

  it.each([
    { width: 0 },
    { height: Number.NaN },
    { timeoutMs: -1 },
    { facingMode: 'left' },
    { deviceId: 7 },
    { onLost: 'x' },
    { onMute: {} },
  ])('refuses %o', async (options) => {
    await expect(openCamera(makeVideo(), options as never)).rejects.toMatchObject({ code: 'invalid-option' });
    expect(cameras.requests()).toBe(0);
  });

  it.each([null, undefined, document.createElement('canvas')])(
    'does not ask for a camera that has nowhere to play: %s',
    async (video) => {
      await expect(openCamera(video as never)).rejects.toMatchObject({ code: 'invalid-option' });
      expect(cameras.requests()).toBe(0);
    },
  );
});

describe('an open camera', () => {
  it('tells when it gives no picture for a while, and not after it was stopped', async () => {
    const onMute = vi.fn();
    const camera = await openCamera(makeVideo(), { onMute });
    const [track] = camera.stream.getVideoTracks();
    expect(camera.isMuted).toBe(false);
    for (const type of ['mute', 'unmute']) track?.dispatchEvent(new Event(type));
    expect(onMute.mock.calls).toEqual([[true], [false]]);
    camera.stop();
    track?.dispatchEvent(new Event('mute'));
    expect(onMute).toHaveBeenCalledTimes(2);
  });

  it('switches a lamp where there is one, and says where there is none', async () => {
    const camera = await openCamera(makeVideo());
    // The fake camera has none.
    expect(camera.hasTorch).toBe(false);
    await expect(camera.setTorch(true)).rejects.toMatchObject({ code: 'camera-unsupported' });
    const [track] = camera.stream.getVideoTracks();
    if (!track) throw new Error('no track');
    track.getCapabilities = () => ({ torch: true }) as MediaTrackCapabilities;
    const apply = vi.spyOn(track, 'applyConstraints').mockResolvedValueOnce(undefined);
    await camera.setTorch(true);
    expect(apply).toHaveBeenCalledWith({ advanced: [{ torch: true }] });
    apply.mockRejectedValueOnce(new DOMException('no', 'OverconstrainedError'));
    await expect(camera.setTorch(false)).rejects.toMatchObject({ code: 'camera-busy' });
    camera.stop();
  });
});

describe('listCameras', () => {
  it('numbers cameras before the page may know their names, and lists nothing else', async () => {
    // As a browser tells it before permission, which this one was started with.
    const asHidden = (kind: string) => ({ kind, deviceId: '', groupId: '', label: '' }) as MediaDeviceInfo;
    const devices = ['audioinput', 'videoinput', 'audiooutput', 'videoinput'].map(asHidden);
    const enumerating = vi.spyOn(navigator.mediaDevices, 'enumerateDevices').mockResolvedValue(devices);
    const labels = (await listCameras()).map(({ label }) => label);
    enumerating.mockRestore();
    expect(labels).toEqual(['Camera 1', 'Camera 2']);
  });
});

describe('watchCameras', () => {
  it('gives the list when devices change, once for several changes, until it is ended', async () => {
    const listener = vi.fn();
    const end = watchCameras(listener);
    for (let i = 0; i < 3; i++) navigator.mediaDevices.dispatchEvent(new Event('devicechange'));
    await until(() => expect(listener).toHaveBeenCalledOnce());
    expect(listener.mock.calls[0]?.[0]).toEqual(await listCameras());
    const enumerating = vi.spyOn(navigator.mediaDevices, 'enumerateDevices').mockRejectedValue(new Error('not now'));
    // It leaves no rejection to the page.
    navigator.mediaDevices.dispatchEvent(new Event('devicechange'));
    await until(() => expect(enumerating).toHaveBeenCalled());
    enumerating.mockRestore();
    // Ended while it looks.
    navigator.mediaDevices.dispatchEvent(new Event('devicechange'));
    end();
    end();
    navigator.mediaDevices.dispatchEvent(new Event('devicechange'));
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect(listener).toHaveBeenCalledOnce();
  });
});
