/**
 * What a step is told, as 32-bit words in memory: written by TypeScript (src/inference/kernels), read by the kernels.
 *
 * A map is stored in blocks of 8 channels, each with all its pixels in rows: 8 numbers a pixel, so that whatever walks
 * over pixels reads and writes one run of memory. Pointers and sizes are in bytes.
 */
export const enum Field {
  /** One of {@link Kind}. */
  Kind,
  /** Into how many parts the step falls that any thread may do, in any order. */
  Items,
  /** The map that is read, and from there to its next block. */
  Source,
  SourceBlock,
  SourceWidth,
  SourceHeight,
  SourceBlocks,
  /** Panels of 8 outputs: 8 biases, then 8 weights for each input. */
  Panels,
  PanelCount,
  PanelBytes,
  Activation,
  /** The map that is written. */
  Target,
  TargetBlock,
  TargetWidth,
  TargetHeight,
  /** A map of the target's shape to be added, or 0. */
  Addend,
  AddendBlock,
  /** A product's item is so many pixels and panels; there are so many items beside each other for the same pixels. */
  ItemPixels,
  ItemPanels,
  ItemsAcross,
  /** The window: its size, how far it moves, how far apart what it sees is, and what is before the map's first pixel. */
  WindowHeight,
  WindowWidth,
  StrideY,
  StrideX,
  StepY,
  StepX,
  Top,
  Left,
  /** Of a depthwise step: what fills its padded map, one of {@link Feed}. */
  Feed,
  /** Blocks of 8 channels: 8 biases, then 8 weights for each place in the window. */
  Filter,
  FilterBytes,
  FilterActivation,
  /** One row and the whole of the padded map. */
  PaddedRow,
  PaddedBytes,
  /** Of the network's input, which is stored by rows with a border of zeros: one row. */
  InputRow,
  /** Channels that are in use, on both sides of a reshape. */
  SourceChannels,
  TargetChannels,
  /** Counted by threads: items begun, items done. In a cache line of their own. */
  Begun = 48,
  Done = 49,
}

/** Bytes of one step. */
export const STEP_BYTES = 256;

/** Pixels that a product computes at a time, and a depthwise step: they write so many, on smaller maps too. */
export const PRODUCT_TILE = 4;
export const DEPTHWISE_TILE = 5;

export const enum Kind {
  /** A convolution of one pixel: a matrix product. */
  Product,
  /** A convolution of any window, as a product over copied pixels. */
  Convolution,
  /** A convolution of the network's input. */
  Stem,
  /** A depthwise convolution of a padded map, one block of channels after the other; see {@link Feed}. */
  Depthwise,
  MaxPool,
  AveragePool,
  GlobalMaxPool,
  GlobalAveragePool,
  /** Adds and applies an activation. */
  Combine,
  /** Copies to a larger map, zeros around it. */
  Pad,
  /** The same numbers in another shape. */
  Reshape,
  /** The network's input in blocks. */
  Import,
}

/** What a depthwise step computes by itself of the map it reads. */
export const enum Feed {
  /** It is there. */
  Copy,
  /** It is a product of another map, never kept as a whole. */
  Product,
}

export const enum Activation {
  Linear,
  Relu,
  Relu6,
}

/** At the start of memory: what threads share. */
export const enum Control {
  /** Changes with every frame. */
  Frame = 0,
  /** 1 while a frame may be worked at, −1 when there will be no more. */
  Open = 4,
  /** Helpers that are at it. */
  Active = 8,
  Steps = 12,
  StepCount = 16,
  /** Memory of its own for each thread, and how much. */
  Scratch = 20,
  ScratchBytes = 24,
  /** For each thread, in a cache line of its own: the step whose padded map is in its scratch memory. */
  Threads = 64,
  Bytes = 64 + 64 * 8,
}
