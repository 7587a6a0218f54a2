import type { PixelData } from 'asl-fingerspell';

/** How the brightness and colour of a picture are stored. */
export interface YuvKind {
  readonly format: 'I420' | 'NV12' | 'I422' | 'I444';
  readonly matrix: 'bt709' | 'bt470bg' | 'smpte170m';
  readonly fullRange: boolean;
}

const SUBSAMPLING = { I420: [2, 2], NV12: [2, 2], I422: [2, 1], I444: [1, 1] } as const;
const SHARES = { bt709: [0.2126, 0.0722], bt470bg: [0.299, 0.114], smpte170m: [0.299, 0.114] } as const;

/** The planes of an opaque picture, each colour sample the mean of its pixels, rows padded with bytes nobody may read. */
export function toPlanes(pixels: PixelData, kind: YuvKind): { data: Uint8Array<ArrayBuffer>; layout: PlaneLayout[] } {
  const { width, height } = pixels;
  const { format } = kind;
  const [across, down] = SUBSAMPLING[format];
  const [columns, rows] = [Math.ceil(width / across), Math.ceil(height / down)];
  const isPaired = format === 'NV12';
  const layout: PlaneLayout[] = [{ offset: 16, stride: width + 13 }];
  let end = 16 + height * (width + 13);
  for (let i = 0; i < (isPaired ? 1 : 2); i++) {
    const stride = columns * (isPaired ? 2 : 1) + 6;
    layout.push({ offset: end, stride });
    end += rows * stride;
  }
  const data = new Uint8Array(end).fill(77);
  const [luma, first, second] = layout as [PlaneLayout, PlaneLayout, PlaneLayout | undefined];
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) data[luma.offset + y * luma.stride + x] = sample(pixels, kind, x, y, 1, 1)[0];
  }
  for (let y = 0; y < rows; y++) {
    for (let x = 0; x < columns; x++) {
      const [, blue, red] = sample(pixels, kind, x * across, y * down, across, down);
      data[first.offset + y * first.stride + x * (isPaired ? 2 : 1)] = blue;
      if (second) data[second.offset + y * second.stride + x] = red;
      else data[first.offset + y * first.stride + x * 2 + 1] = red;
    }
  }
  return { data, layout };
}

/** A frame of such planes, as a decoder would give it. */
export function toVideoFrame(pixels: PixelData, kind: YuvKind, init: Partial<VideoFrameBufferInit> = {}): VideoFrame {
  const { data, layout } = toPlanes(pixels, kind);
  return new VideoFrame(data, {
    format: kind.format,
    codedWidth: pixels.width,
    codedHeight: pixels.height,
    timestamp: 0,
    layout,
    // The colours of the screen, so that drawing converts nothing else.
    colorSpace: { matrix: kind.matrix, fullRange: kind.fullRange, primaries: 'bt709', transfer: 'iec61966-2-1' },
    ...init,
  });
}

/** Mean brightness and colour of some pixels, by ITU-T H.273. */
function sample(
  { data, width, height }: PixelData,
  { matrix, fullRange }: YuvKind,
  left: number,
  top: number,
  across: number,
  down: number,
): [number, number, number] {
  const sums: [number, number, number] = [0, 0, 0];
  let count = 0;
  for (let y = top; y < Math.min(height, top + down); y++) {
    for (let x = left; x < Math.min(width, left + across); x++, count++) {
      for (const c of [0, 1, 2] as const) sums[c] += (data[(y * width + x) * 4 + c] as number) / 255;
    }
  }
  const [r, g, b] = sums.map((sum) => sum / count) as [number, number, number];
  const [kr, kb] = SHARES[matrix];
  const y = kr * r + (1 - kr - kb) * g + kb * b;
  const [u, v] = [(b - y) / 2 / (1 - kb), (r - y) / 2 / (1 - kr)];
  return fullRange
    ? [Math.round(255 * y), Math.round(128 + 255 * u), Math.round(128 + 255 * v)]
    : [Math.round(16 + 219 * y), Math.round(128 + 224 * u), Math.round(128 + 224 * v)];
}
