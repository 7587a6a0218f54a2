import type { FrameSource, PixelData } from 'asl-fingerspell';

/** A picture drawn once and given as every kind of source that a page can have. */
export async function asEverySource(pixels: PixelData): Promise<{
  readonly sources: Readonly<Record<string, FrameSource>>;
  dispose(): void;
}> {
  const { width, height } = pixels;
  const imageData = new ImageData(new Uint8ClampedArray(pixels.data), width, height);
  const canvas = toCanvas(imageData);
  const offscreen = new OffscreenCanvas(width, height);
  offscreen.getContext('2d')?.putImageData(imageData, 0, 0);
  const bitmap = await createImageBitmap(imageData);
  const frame = new VideoFrame(canvas, { timestamp: 0 });
  const image = await toImage(canvas);
  const frameElement = document.body.appendChild(document.createElement('iframe'));
  const foreign = frameElement.contentDocument?.createElement('canvas') as HTMLCanvasElement;
  Object.assign(foreign, { width, height }).getContext('2d')?.drawImage(canvas, 0, 0);
  const webgl = toWebGLCanvas(canvas);
  const { data } = imageData;
  return {
    sources: {
      'raw pixels': { data, width, height },
      'raw pixels as plain bytes': { data: new Uint8Array(data.buffer), width, height },
      ImageData: imageData,
      canvas,
      OffscreenCanvas: offscreen,
      ImageBitmap: bitmap,
      VideoFrame: frame,
      img: image,
      'canvas of another frame': foreign,
      'WebGL canvas': webgl,
    },
    dispose() {
      bitmap.close();
      frame.close();
      frameElement.remove();
    },
  };
}

export function toCanvas(imageData: ImageData): HTMLCanvasElement {
  const canvas = Object.assign(document.createElement('canvas'), { width: imageData.width, height: imageData.height });
  canvas.getContext('2d')?.putImageData(imageData, 0, 0);
  return canvas;
}

export async function toImage(canvas: HTMLCanvasElement): Promise<HTMLImageElement> {
  const image = new Image();
  image.src = canvas.toDataURL('image/png');
  await image.decode();
  return image;
}

/** A canvas that was drawn with WebGL and keeps its picture. */
function toWebGLCanvas(picture: HTMLCanvasElement): HTMLCanvasElement {
  const canvas = Object.assign(document.createElement('canvas'), { width: picture.width, height: picture.height });
  const gl = canvas.getContext('webgl2', { preserveDrawingBuffer: true, antialias: false }) as WebGL2RenderingContext;
  const texture = gl.createTexture();
  gl.bindTexture(gl.TEXTURE_2D, texture);
  gl.pixelStorei(gl.UNPACK_FLIP_Y_WEBGL, true);
  gl.texImage2D(gl.TEXTURE_2D, 0, gl.RGBA, gl.RGBA, gl.UNSIGNED_BYTE, picture);
  const framebuffer = gl.createFramebuffer();
  gl.bindFramebuffer(gl.READ_FRAMEBUFFER, framebuffer);
  gl.framebufferTexture2D(gl.READ_FRAMEBUFFER, gl.COLOR_ATTACHMENT0, gl.TEXTURE_2D, texture, 0);
  gl.bindFramebuffer(gl.DRAW_FRAMEBUFFER, null);
  const { width, height } = canvas;
  gl.blitFramebuffer(0, 0, width, height, 0, 0, width, height, gl.COLOR_BUFFER_BIT, gl.NEAREST);
  return canvas;
}

/** A video that shows `canvas`, playing, with a frame. */
export async function toVideo(canvas: HTMLCanvasElement): Promise<{ video: HTMLVideoElement; stop(): void }> {
  const stream = canvas.captureStream();
  const video = Object.assign(document.createElement('video'), { muted: true, playsInline: true, srcObject: stream });
  document.body.append(video);
  const draw = setInterval(() => canvas.getContext('2d')?.drawImage(canvas, 0, 0), 50);
  await video.play();
  await new Promise((resolve) => video.requestVideoFrameCallback(resolve));
  return {
    video,
    stop() {
      clearInterval(draw);
      for (const track of stream.getTracks()) track.stop();
      video.remove();
    },
  };
}
