import { describeError, FingerspellError } from '../errors';

export type Canvas = HTMLCanvasElement | OffscreenCanvas;
export type Canvas2D = CanvasRenderingContext2D | OffscreenCanvasRenderingContext2D;

// What a canvas may have in every browser: Safari on phones draws nothing on a larger one (photographs have more).
const MAX_SIDE = 8192;
const MAX_AREA = 2 ** 24;

/** A canvas to draw pictures on; this thread may have no elements, this browser no other canvases. */
export function createCanvas(width: number, height: number): Canvas {
  if (typeof OffscreenCanvas !== 'undefined') return new OffscreenCanvas(width, height);
  if (typeof document !== 'undefined') return Object.assign(document.createElement('canvas'), { width, height });
  throw new FingerspellError(
    'invalid-source',
    'Pictures cannot be drawn here (no canvas, as in Node). Decode the picture and pass { data, width, height }.',
  );
}

/** @throws FingerspellError `invalid-source` where there is none to be had */
export function contextOf(canvas: Canvas, settings?: CanvasRenderingContext2DSettings): Canvas2D {
  const context = canvas.getContext('2d', settings) as Canvas2D | null;
  if (!context)
    throw new FingerspellError(
      'invalid-source',
      'This browser provides no 2D canvas, without which pictures cannot be read. Pass { data, width, height }.',
    );
  context.imageSmoothingEnabled = true;
  context.imageSmoothingQuality = 'high';
  return context;
}

/** Draws a whole picture. */
export function draw(
  context: Canvas2D,
  image: CanvasImageSource,
  ...box: [x: number, y: number, width: number, height: number]
): void {
  try {
    context.drawImage(image, ...box);
  } catch (cause) {
    throw new FingerspellError(
      'invalid-source',
      `The source cannot be drawn (${describeError(cause)}). Pass a picture that is loaded and not closed.`,
      { cause },
    );
  }
}

/** What a picture of this size shows now: a canvas of the same size, or of the same shape where that is too large. */
export function copyImage(image: CanvasImageSource, width: number, height: number): Canvas {
  const shrink = Math.min(1, MAX_SIDE / Math.max(width, height), Math.sqrt(MAX_AREA / (width * height)));
  const canvas = createCanvas(Math.max(1, Math.floor(width * shrink)), Math.max(1, Math.floor(height * shrink)));
  draw(contextOf(canvas), image, 0, 0, canvas.width, canvas.height);
  return canvas;
}
