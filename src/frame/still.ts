import type { PixelData } from '../types';
import { copyImage } from './canvas';
import { isTurned, isVideo } from './planes';
import { crossOriginError, type Frame } from './source';

/** The frame as it is now, for looks that come after the source may have changed. Whoever asked for it closes it. */
export function copyFrame(frame: Frame): Frame {
  const { width, height } = frame;
  if (frame.kind === 'pixels') {
    const pixels: PixelData = { data: new Uint8ClampedArray(frame.pixels.data), width, height };
    return { kind: 'pixels', pixels, width, height };
  }
  // A frame of a video is held, where the browser can; all else is copied.
  const held = isVideo(frame.image) ? grabFrame(frame.image, width, height) : null;
  return { kind: 'image', image: held ?? copyImage(frame.image, width, height), width, height };
}

/** Gives back what {@link copyFrame} holds of `frame`, if it was asked for one: a camera has few frames to lend. */
export function closeCopy(still: Frame, frame: Frame): void {
  if (still !== frame && still.kind === 'image' && 'close' in still.image) still.image.close();
}

/** Without a copy where the browser can; `null` where it cannot, or where it would make another picture. */
export function grabFrame(image: CanvasImageSource, width: number, height: number): VideoFrame | null {
  // Chromium shrinks a bitmap that became a frame a little differently from the bitmap itself, and WebKitGTK 2.50 does not
  // survive a frame made of an image.
  if (typeof VideoFrame === 'undefined' || isBitmap(image) || isImage(image)) return null;
  let frame: VideoFrame;
  try {
    // A video's frames have a time of their own; all else must be given one.
    frame = isVideo(image) ? new VideoFrame(image) : new VideoFrame(image, { timestamp: 0 });
  } catch (cause) {
    if (cause instanceof DOMException && cause.name === 'SecurityError') throw crossOriginError(cause);
    return null;
  }
  if (frame.displayWidth === width && frame.displayHeight === height && !isTurned(frame)) return frame;
  frame.close();
  return null;
}

function isImage(image: CanvasImageSource): boolean {
  return 'nodeType' in image && /^(img|image)$/.test(image.localName);
}

/** An ImageBitmap has less than any other source: no context to draw with, no size as displayed. */
function isBitmap(image: CanvasImageSource): boolean {
  return 'close' in image && !('displayWidth' in image);
}
