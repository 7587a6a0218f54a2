import { copyImage } from '../frame/canvas';
import { isTurned } from '../frame/planes';
import { crossOriginError, type Frame } from '../frame/source';
import type { WireFrame } from './protocol';

/**
 * The frame as it is now, whole and in its own size, to be posted: its pixels are drawn and resized in the worker, by
 * the code that would do it here.
 */
export function packFrame(frame: Frame, stream: WireFrame['stream']): { frame: WireFrame; transfer: Transferable[] } {
  const { width, height } = frame;
  if (frame.kind === 'pixels') {
    const picture = new Uint8ClampedArray(frame.pixels.data);
    return { frame: { width, height, picture, stream }, transfer: [picture.buffer] };
  }
  const picture = grab(frame.image, width, height);
  return { frame: { width, height, picture, stream }, transfer: [picture] };
}

function grab(image: CanvasImageSource, width: number, height: number): VideoFrame | ImageBitmap {
  return grabFrame(image, width, height) ?? grabBitmap(image, width, height);
}

/** Without a copy where the browser can; `null` where it cannot, or where it would make another picture. */
function grabFrame(image: CanvasImageSource, width: number, height: number): VideoFrame | null {
  // Chromium shrinks a bitmap that became a frame a little differently from the bitmap itself.
  if (typeof VideoFrame === 'undefined' || isBitmap(image)) return null;
  let frame: VideoFrame;
  try {
    // A video's frames have a time of their own; all else must be given one.
    const isTimed = 'videoWidth' in image || 'displayWidth' in image;
    frame = isTimed ? new VideoFrame(image) : new VideoFrame(image, { timestamp: 0 });
  } catch (cause) {
    if (cause instanceof DOMException && cause.name === 'SecurityError') throw crossOriginError(cause);
    return null;
  }
  if (frame.displayWidth === width && frame.displayHeight === height && !isTurned(frame)) return frame;
  frame.close();
  return null;
}

function grabBitmap(image: CanvasImageSource, width: number, height: number): ImageBitmap {
  // Where there is a worker, there are such canvases.
  return (copyImage(image, width, height) as OffscreenCanvas).transferToImageBitmap();
}

/** An ImageBitmap has less than any other source: no context to draw with, no size as displayed. */
function isBitmap(image: CanvasImageSource): boolean {
  return 'close' in image && !('displayWidth' in image);
}
