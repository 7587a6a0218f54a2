import { DEPTHWISE_TILE, PRODUCT_TILE } from '../../kernels/fields';
import type { Plan, Shape } from '../plan';
import type { Work } from './fuse';

/** Channels of a block, see `Field` of the kernels. */
export const BLOCK = 8;
/** A pixel of a block. */
export const PIXEL_BYTES = BLOCK * 4;

// What kernels write at least, of a row or of a map.
const TILE = Math.max(PRODUCT_TILE, DEPTHWISE_TILE);

/** How a map, or a vector as a map of one pixel, lies in memory. */
export interface Layout {
  readonly height: number;
  readonly width: number;
  readonly channels: number;
  readonly blocks: number;
  readonly blockBytes: number;
}

export function layOut(shape: Shape): Layout {
  const channels = shape.at(-1) as number;
  const [height = 1, width = 1] = shape.length === 3 ? shape : [];
  const pixels = height * width;
  // Kernels write whole tiles: the last one of a row or map that is smaller reaches beyond it.
  const rows = width < TILE ? pixels - width + TILE : pixels;
  const blocks = Math.ceil(channels / BLOCK);
  return { height, width, channels, blocks, blockBytes: rows * PIXEL_BYTES };
}

/** Memory that is handed out once, each map's from its making to its last reader. */
export interface Arena {
  /** Where each slot begins. */
  readonly offsets: ReadonlyMap<number, number>;
  readonly bytes: number;
}

interface Stay {
  readonly slot: number;
  readonly from: number;
  readonly to: number;
  readonly bytes: number;
}

/** Gives every slot the first gap between those that live at the same time. */
export function arrange(works: readonly Work[], outputs: Plan['outputs']): Arena {
  const placed: (Stay & { readonly offset: number })[] = [];
  let bytes = 0;
  for (const stay of findStays(works, outputs)) {
    const neighbours = placed
      .filter(({ from, to }) => from <= stay.to && to >= stay.from)
      .sort((a, b) => a.offset - b.offset);
    let offset = 0;
    for (const neighbour of neighbours) {
      if (neighbour.offset - offset >= stay.bytes) break;
      offset = Math.max(offset, neighbour.offset + neighbour.bytes);
    }
    placed.push({ ...stay, offset });
    bytes = Math.max(bytes, offset + stay.bytes);
  }
  return { offsets: new Map(placed.map(({ slot, offset }) => [slot, offset])), bytes };
}

/** From when to when each slot is needed, in works; the network's input is not among them. */
function findStays(works: readonly Work[], outputs: Plan['outputs']): Stay[] {
  const last = new Map<number, number>();
  for (const [i, { inputs, addend, output }] of works.entries()) {
    for (const slot of [...inputs, addend ?? output]) last.set(slot, i);
  }
  for (const { slot } of outputs) last.set(slot, works.length);
  return works.map(({ output, shape }, from) => {
    const { blocks, blockBytes } = layOut(shape);
    // Whole cache lines.
    const bytes = Math.ceil((blocks * blockBytes) / 64) * 64;
    return { slot: output, from, to: last.get(output) ?? from, bytes };
  });
}
