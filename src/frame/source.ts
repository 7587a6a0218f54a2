import { describeError, FingerspellError, isFingerspellError } from '../errors';
import type { FrameSource, PixelData } from '../types';
import type { Stream } from './tracker';

/** A frame with its size known and its pixels ready. */
export type Frame =
  | { readonly kind: 'pixels'; readonly pixels: PixelData; readonly width: number; readonly height: number }
  | { readonly kind: 'image'; readonly image: CanvasImageSource; readonly width: number; readonly height: number };

/**
 * Measures a source and makes sure that it has pixels.
 *
 * Kinds are told apart by their properties, not by `instanceof`: an element of another frame or window is no instance
 * of this window's classes, and in Node and workers most of these classes do not exist.
 *
 * @throws FingerspellError `source-not-ready` or `invalid-source`
 */
export function readFrame(source: FrameSource): Frame {
  try {
    return measure(source);
  } catch (cause) {
    if (isFingerspellError(cause)) throw cause;
    // A browser's own objects answer no proxy of them.
    throw invalid(`It does not say what it is (${describeError(cause)}).`, cause);
  }
}

function measure(source: FrameSource): Frame {
  if (typeof source !== 'object' || source === null)
    throw invalid(`It is ${source === null ? 'null' : typeof source}.`);
  if ('data' in source) return readPixels(source);
  if ('videoWidth' in source) return readVideo(source);
  if ('naturalWidth' in source) return readImage(source);
  if ('displayWidth' in source) {
    if (source.format === null && source.codedWidth === 0) throw invalid('The VideoFrame is closed.');
    return asImage(source, source.displayWidth, source.displayHeight);
  }
  // What is left has a plain width and height: a canvas, an OffscreenCanvas or an ImageBitmap (0 × 0 once closed).
  if ('getContext' in source || 'close' in source) return asImage(source, source.width, source.height);
  const isFile = 'arrayBuffer' in source || ArrayBuffer.isView(source);
  throw invalid(
    isFile
      ? 'It is an encoded file: decode it first, with createImageBitmap() say.'
      : 'It is an object of another kind.',
  );
}

/** The stream that the source's frames belong to; `null` for a picture that stays as it is. */
export function streamOf(source: FrameSource): Stream | null {
  const isVideo = 'videoWidth' in source;
  return isVideo || 'getContext' in source ? { key: source, isVideo } : null;
}

/** The error for a picture that may be shown but not read. */
export function crossOriginError(cause: unknown): FingerspellError {
  return new FingerspellError(
    'invalid-source',
    'The pixels may not be read, because the picture comes from another origin. Load it with ' +
      'crossorigin="anonymous" from a server that sends CORS headers, or from your own origin.',
    { cause },
  );
}

function readPixels(source: PixelData): Frame {
  const { data, width, height } = source;
  if (!isSide(width) || !isSide(height)) throw invalid(`Its size is ${String(width)} × ${String(height)} px.`);
  if (!(data instanceof Uint8Array || data instanceof Uint8ClampedArray) && !isForeignBytes(data)) {
    throw invalid('Its data is not a Uint8Array or Uint8ClampedArray.');
  }
  if (data.length !== width * height * 4) {
    throw invalid(
      `Its data has ${data.length} bytes, but ${width} × ${height} RGBA pixels need ${width * height * 4}.`,
    );
  }
  // Read once: what has been checked is what is used.
  return { kind: 'pixels', pixels: { data, width, height }, width, height };
}

/** Whether there are pixels to read: not only a size, which comes earlier. */
export function hasFrame({ readyState, videoWidth, videoHeight }: HTMLVideoElement): boolean {
  // HAVE_CURRENT_DATA: below it there is metadata at most, and drawing gives an empty picture.
  return readyState >= 2 && videoWidth > 0 && videoHeight > 0;
}

function readVideo(video: HTMLVideoElement): Frame {
  if (video.error) throw invalid(`The video cannot be played (${video.error.message || `code ${video.error.code}`}).`);
  if (!hasFrame(video)) {
    throw new FingerspellError(
      'source-not-ready',
      'The video has no frame yet. Wait for its "loadeddata" event, or for requestVideoFrameCallback.',
    );
  }
  return asImage(video, video.videoWidth, video.videoHeight);
}

function readImage(image: HTMLImageElement): Frame {
  if (!image.complete) {
    throw new FingerspellError('source-not-ready', 'The image is still loading. Wait for `await image.decode()`.');
  }
  if (image.naturalWidth === 0) throw invalid('The image has no pixels: it has no src, or it failed to load.');
  return asImage(image, image.naturalWidth, image.naturalHeight);
}

function asImage(image: CanvasImageSource, width: number, height: number): Frame {
  if (!(width > 0) || !(height > 0)) throw invalid(`Its size is ${width} × ${height} px (a closed or empty picture).`);
  return { kind: 'image', image, width, height };
}

function isSide(side: unknown): boolean {
  return typeof side === 'number' && Number.isInteger(side) && side > 0 && side <= 32_768;
}

// Bytes of another realm: no instance of this realm's classes, but of the same kind.
function isForeignBytes(data: unknown): boolean {
  return ArrayBuffer.isView(data) && /^\[object Uint8(Clamped)?Array\]$/.test(Object.prototype.toString.call(data));
}

function invalid(what: string, cause?: unknown): FingerspellError {
  return new FingerspellError(
    'invalid-source',
    `The source cannot be read. ${what} Pass a video, image, canvas, ImageBitmap, ImageData, VideoFrame or ` +
      '{ data, width, height } with RGBA bytes.',
    { cause },
  );
}
