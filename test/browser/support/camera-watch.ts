import { afterEach, beforeEach } from 'vitest';

/** Every stream that the page got from a camera while the test ran; the camera itself stays Chromium's own. */
export interface CameraWatch {
  /** Tracks that are on now. */
  liveTracks(): MediaStreamTrack[];
  /** How often a camera was asked for. */
  requests(): number;
  /** Lets the next requests wait, as if the user did not answer the prompt yet; returns what answers "allow". */
  holdPermission(): () => void;
  /**
   * Lets every request fail, as the browser does: no test machine can be told to refuse, lack or block a camera. `null`:
   * no longer.
   */
  refuse(name: string | null): void;
}

/** Watches `getUserMedia` in every test of the file, and turns off whatever a failed test left on. */
export function watchCamera(): CameraWatch {
  let tracks: MediaStreamTrack[] = [];
  let requestCount = 0;
  let gate: Promise<void> = Promise.resolve();
  let refusal: string | null = null;
  let restore: () => void;

  beforeEach(() => {
    tracks = [];
    requestCount = 0;
    gate = Promise.resolve();
    refusal = null;
    const { mediaDevices } = navigator;
    const original = mediaDevices.getUserMedia.bind(mediaDevices);
    mediaDevices.getUserMedia = async (constraints) => {
      requestCount++;
      await gate;
      if (refusal !== null) throw new DOMException('as the browser says it', refusal);
      const stream = await original(constraints);
      tracks.push(...stream.getTracks());
      return stream;
    };
    restore = () => {
      mediaDevices.getUserMedia = original;
    };
  });
  afterEach(() => {
    restore();
    for (const track of tracks) track.stop();
  });

  return {
    liveTracks: () => tracks.filter(({ readyState }) => readyState === 'live'),
    requests: () => requestCount,
    holdPermission() {
      let allow = () => {};
      gate = new Promise((resolve) => {
        allow = resolve;
      });
      return allow;
    },
    refuse(name) {
      refusal = name;
    },
  };
}
