/** What a frame is made of that shows which matrix it is read with: I420, 16 × 16 px, strong red. */
const SIDE = 16;
const PLANES = [
  [SIDE * SIDE, 120],
  [(SIDE * SIDE) / 4, 90],
  [(SIDE * SIDE) / 4, 190],
] as const;
const CANDIDATES = ['smpte170m', 'bt709'] as const;

let known: string | null | undefined;

/**
 * The matrix by which this browser draws frames that do not name theirs, as some cameras' do not; found out by drawing
 * one. `null` if it is none that we know, or cannot be found out.
 */
export function matrixOfUnnamed(): string | null {
  if (known === undefined) known = find();
  return known;
}

function find(): string | null {
  try {
    const unnamed = drawn({});
    // Where the browser puts a name to it, it does so for cameras.
    if (!unnamed || unnamed.matrix !== null) return null;
    const alike = CANDIDATES.filter((matrix) => {
      const named = drawn({ matrix, primaries: 'bt709', transfer: 'bt709', fullRange: false });
      return named?.pixel.every((value, i) => Math.abs(value - (unnamed.pixel[i] as number)) <= 1);
    });
    return alike.length === 1 ? (alike[0] as string) : null;
  } catch {
    return null;
  }
}

function drawn(colorSpace: VideoColorSpaceInit): { matrix: string | null; pixel: number[] } | null {
  const data = Uint8Array.from(PLANES.flatMap(([length, value]) => Array<number>(length).fill(value)));
  const format = { format: 'I420', codedWidth: SIDE, codedHeight: SIDE } as const;
  const frame = new VideoFrame(data, { ...format, timestamp: 0, colorSpace });
  const context = new OffscreenCanvas(1, 1).getContext('2d', { alpha: false, willReadFrequently: true });
  try {
    context?.drawImage(frame, 0, 0, 1, 1);
    return context && { matrix: frame.colorSpace.matrix, pixel: [...context.getImageData(0, 0, 1, 1).data] };
  } finally {
    frame.close();
  }
}
