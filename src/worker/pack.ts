import { copyImage } from '../frame/canvas';
import type { Frame } from '../frame/source';
import { grabFrame } from '../frame/still';
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

function grabBitmap(image: CanvasImageSource, width: number, height: number): ImageBitmap {
  // Where there is a worker, there are such canvases.
  return (copyImage(image, width, height) as OffscreenCanvas).transferToImageBitmap();
}
