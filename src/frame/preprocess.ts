import { type Canvas2D, contextOf, createCanvas, draw } from './canvas';
import { PLAIN } from './plain-summer';
import { grabPlanes, isTurned, isVideo, readPlanes } from './planes';
import type { View } from './region';
import { resample } from './resample';
import { crossOriginError, type Frame } from './source';
import { copyFrame } from './still';
import type { Summer } from './summer';

/** How pixel bytes become the network's numbers: `byte / 255 · factor + shift`, per channel. */
export interface Normalization {
  readonly factor: number;
  readonly shift: readonly [number, number, number];
}

/** Takes squares out of frames, at the network's input size. One small canvas serves all frames. */
export class Preprocessor {
  readonly #size: number;
  readonly #tables: readonly [Float32Array, Float32Array, Float32Array];
  readonly #race = new Race();
  #context: Canvas2D | null = null;
  readonly #summer: Summer;
  #isSummerBusy = false;
  #input: Float32Array | null = null;

  /** @param summer - does the arithmetic of pixels that are not drawn */
  constructor(size: number, normalization: Normalization, summer: Summer = PLAIN) {
    this.#size = size;
    this.#summer = summer;
    this.#tables = normalization.shift.map((shift) =>
      Float32Array.from({ length: 256 }, (_, byte) => (byte / 255) * normalization.factor + shift),
    ) as unknown as [Float32Array, Float32Array, Float32Array];
  }

  /** Crops, mirrors and resizes what the frame shows now. Gives size × size RGBA bytes. */
  take(frame: Frame, view: View, mirror: boolean): Uint8ClampedArray | Promise<Uint8ClampedArray> {
    if (frame.kind === 'pixels')
      return resample(frame.pixels, view, this.#size, mirror, this.#isSummerBusy ? PLAIN : this.#summer);
    if (!isVideo(frame.image)) return this.#draw(frame, view, mirror);
    if (isTurned(frame.image)) return this.take(copyFrame(frame), view, mirror);
    const start = performance.now();
    const planes = this.#race.isPlanesTurn() ? grabPlanes(frame.image, frame.width, frame.height) : null;
    if (planes) return this.#read(planes, view, mirror, start);
    const pixels = this.#draw(frame, view, mirror);
    this.#race.note(false, performance.now() - start);
    return pixels;
  }

  async #read(planes: VideoFrame, view: View, mirror: boolean, start: number): Promise<Uint8ClampedArray> {
    // It has memory for one frame; another one may be on its way to it.
    const isBusy = this.#isSummerBusy;
    this.#isSummerBusy = true;
    try {
      const pixels = await readPlanes(planes, view, this.#size, mirror, isBusy ? PLAIN : this.#summer);
      this.#race.note(true, performance.now() - start);
      return pixels;
    } catch {
      // It can be shown, but not copied: a browser's limit, for all frames of its kind.
      this.#race.giveUp();
      const { displayWidth: width, displayHeight: height } = planes;
      return this.#draw({ kind: 'image', image: planes, width, height }, view, mirror);
    } finally {
      if (!isBusy) this.#isSummerBusy = false;
      planes.close();
    }
  }

  /**
   * In one draw of the whole picture, of which the canvas shows the square. Not of a part of it: Chromium takes that of
   * an `<img srcset>` in pixels of its file.
   */
  #draw(frame: Extract<Frame, { kind: 'image' }>, view: View, mirror: boolean): Uint8ClampedArray {
    const size = this.#size;
    this.#context ??= createContext(size);
    const context = this.#context;
    const { rect, square } = view;
    const scale = size / square.side;
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.fillRect(0, 0, size, size);
    if (mirror) context.setTransform(-1, 0, 0, 1, size, 0);
    const left = Math.max(0, rect.x);
    const top = Math.max(0, rect.y);
    const width = Math.min(frame.width, rect.x + rect.width) - left;
    const height = Math.min(frame.height, rect.y + rect.height) - top;
    if (width > 0 && height > 0) {
      context.save();
      context.beginPath();
      context.rect((left - square.x) * scale, (top - square.y) * scale, width * scale, height * scale);
      context.clip();
      try {
        draw(context, frame.image, -square.x * scale, -square.y * scale, frame.width * scale, frame.height * scale);
      } finally {
        // Also after a picture that cannot be drawn, or the next ones would be clipped too.
        context.restore();
      }
    }
    try {
      return context.getImageData(0, 0, size, size).data;
    } catch (cause) {
      // A canvas that has seen such a picture stays closed to us: the next frame gets a new one.
      this.#context = null;
      throw crossOriginError(cause);
    }
  }

  /** Turns RGBA bytes into the network's input: size × size × RGB, in an array that the next call overwrites. */
  normalize(pixels: Uint8ClampedArray): Float32Array {
    const [red, green, blue] = this.#tables;
    this.#input ??= new Float32Array((pixels.length / 4) * 3);
    const input = this.#input;
    for (let from = 0, to = 0; from < pixels.length; from += 4, to += 3) {
      input[to] = red[pixels[from] as number] as number;
      input[to + 1] = green[pixels[from + 1] as number] as number;
      input[to + 2] = blue[pixels[from + 2] as number] as number;
    }
    return input;
  }
}

// At first both ways take turns, while the browser compiles our code: the last few by each count. Later the slower one
// is tried again now and then, because machines are busy at times.
const TURNS = 16;
const COUNTED = 5;
const AGAIN = 60;

/**
 * Two ways to read a video frame: its planes, copied and resized here, or drawn on a canvas by the browser. Which is
 * faster depends on where frames come from and where they are drawn, so that it is measured.
 */
class Race {
  readonly #planes: number[] = [];
  readonly #drawn: number[] = [];
  #frame = 0;
  #isOver = false;

  isPlanesTurn(): boolean {
    if (this.#isOver) return false;
    const frame = this.#frame++;
    if (frame < TURNS) return frame % 2 === 0;
    const isFaster = median(this.#planes) <= median(this.#drawn);
    return frame % AGAIN === 0 ? !isFaster : isFaster;
  }

  note(isPlanes: boolean, ms: number): void {
    const times = isPlanes ? this.#planes : this.#drawn;
    times.push(ms);
    if (times.length > COUNTED) times.shift();
  }

  /** Planes cannot be had. */
  giveUp(): void {
    this.#isOver = true;
  }
}

/** Infinite where nothing was measured. */
function median(times: readonly number[]): number {
  return [...times].sort((a, b) => a - b)[times.length >> 1] ?? Number.POSITIVE_INFINITY;
}

function createContext(size: number): Canvas2D {
  // Opaque: transparent sources come out over black. Read often: the pixels stay in memory instead of on the GPU.
  const context = contextOf(createCanvas(size, size), { alpha: false, willReadFrequently: true });
  context.fillStyle = '#000';
  return context;
}
