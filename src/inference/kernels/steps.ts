import { Activation, DEPTHWISE_TILE, Feed, Field, Kind, PRODUCT_TILE } from '../../kernels/fields';
import type { FusedActivation, Operation } from '../plan';
import { type Convolution, isPointwise, type Work } from './fuse';
import { BLOCK, type Layout, PIXEL_BYTES } from './layout';
import { packFilter, packPanels } from './pack';
import type { Place } from './program';
import { reachOf, windowFields, windowOf } from './window';

/** The words of one step. */
export type Fields = Readonly<Partial<Record<Field, number>>>;

/** What a description needs to know, and what it asks for. */
export interface Context {
  readonly placeOf: (slot: number) => Place;
  /** Where the network's input begins, and how far apart its rows are. */
  readonly input: { readonly at: number; readonly rowBytes: number };
  readonly threads: number;
  /** Puts weights into memory and says where. */
  readonly store: (values: Float32Array) => number;
  /** Every thread shall have so many bytes for itself. */
  readonly needScratch: (bytes: number) => void;
}

const ACTIVATIONS: Readonly<Record<FusedActivation, Activation>> = {
  linear: Activation.Linear,
  relu: Activation.Relu,
  relu6: Activation.Relu6,
};

// A product goes over so many bytes of pixels with every panel of weights before it takes the next: they stay in the
// memory nearest to the processor. Pixels that are all together in the next nearest are not divided.
const NEAR_BYTES = 24 * 1024;
const NEXT_BYTES = 160 * 1024;
// What the windows of so many pixels see is copied at a time.
const COPIED_BYTES = 128 * 1024;

/** The network's input in blocks, for readers of every kind. */
export function describeImport({ placeOf, input }: Context): Fields {
  return { ...targetFields(placeOf(0)), [Field.Kind]: Kind.Import, [Field.Items]: 1, [Field.Source]: input.at };
}

/** A convolution of the network's input, row by row. */
export function describeStem({ operation, output }: Work, { placeOf, input, store }: Context): Fields {
  const target = placeOf(output);
  const { layout } = placeOf(0);
  const window = windowOf(operation);
  const { top, left } = reachOf(window, layout, target.layout);
  return {
    ...targetFields(target),
    ...windowFields(window, layout, target.layout),
    ...panelFields(operation as Convolution, false, store),
    [Field.Kind]: Kind.Stem,
    [Field.Items]: target.layout.height,
    [Field.Source]: input.at - top * input.rowBytes - left * 12,
    [Field.InputRow]: input.rowBytes,
  };
}

export function describeWork(work: Work, context: Context): Fields {
  const { placeOf } = context;
  const source = placeOf(work.inputs[0] as number);
  const target = placeOf(work.output);
  return {
    ...sourceFields(source),
    ...targetFields(target),
    ...windowFields(windowOf(work.operation), source.layout, target.layout),
    ...addendFields(work.addend === null ? null : placeOf(work.addend)),
    [Field.Items]: target.layout.blocks,
    ...describeOperation(work, source.layout, target.layout, context),
  };
}

function describeOperation(work: Work, source: Layout, target: Layout, context: Context): Fields {
  const { operation } = work;
  switch (operation.kind) {
    case 'conv':
    case 'dense':
      return isPointwise(operation)
        ? describeProduct(operation, source, target, context)
        : describeConvolution(operation, source, target, context);
    case 'depthwise':
    case 'scale':
      return describeDepthwise(operation, work.feed, source, target, context);
    case 'max-pool':
      return { [Field.Kind]: Kind.MaxPool };
    case 'avg-pool':
      return { [Field.Kind]: Kind.AveragePool };
    case 'global-max-pool':
      return { [Field.Kind]: Kind.GlobalMaxPool };
    case 'global-avg-pool':
      return { [Field.Kind]: Kind.GlobalAveragePool };
    case 'add':
      return { [Field.Kind]: Kind.Combine, ...addendFields(context.placeOf(work.inputs[1] as number)) };
    case 'activation':
      return { [Field.Kind]: Kind.Combine, [Field.Activation]: ACTIVATIONS[operation.activation] };
    case 'pad':
      return { [Field.Kind]: Kind.Pad, [Field.Top]: operation.padding[0], [Field.Left]: operation.padding[2] };
    case 'reshape':
      return { [Field.Kind]: Kind.Reshape, [Field.Items]: 1 };
  }
}

function describeProduct(operation: Convolution, source: Layout, target: Layout, context: Context): Fields {
  const pixels = target.height * target.width;
  const pixelBytes = source.blocks * PIXEL_BYTES;
  const isTogether = pixels * pixelBytes <= NEXT_BYTES && target.blocks >= 4 * context.threads;
  const itemPixels = isTogether ? pixels : wholeTiles(NEAR_BYTES / pixelBytes);
  const itemPanels = isTogether && context.threads > 1 ? 1 : target.blocks;
  const across = Math.ceil(target.blocks / itemPanels);
  return {
    ...panelFields(operation, true, context.store),
    [Field.Kind]: Kind.Product,
    [Field.Items]: Math.ceil(pixels / itemPixels) * across,
    [Field.ItemPixels]: itemPixels,
    [Field.ItemPanels]: itemPanels,
    [Field.ItemsAcross]: across,
  };
}

function describeConvolution(operation: Convolution, source: Layout, target: Layout, context: Context): Fields {
  const [rows, columns] = windowOf(operation).size;
  const copiedBytes = rows * columns * source.blocks * PIXEL_BYTES;
  const itemPixels = wholeTiles(COPIED_BYTES / copiedBytes);
  context.needScratch(itemPixels * copiedBytes);
  return {
    ...panelFields(operation, true, context.store),
    [Field.Kind]: Kind.Convolution,
    [Field.ItemPixels]: itemPixels,
    [Field.Items]: Math.ceil((target.height * target.width) / itemPixels),
  };
}

function describeDepthwise(
  operation: Extract<Operation, { kind: 'depthwise' | 'scale' }>,
  feed: Convolution | null,
  source: Layout,
  target: Layout,
  { store, needScratch }: Context,
): Fields {
  const window = windowOf(operation);
  const { height, width } = reachOf(window, source, target);
  const paddedRow = width * PIXEL_BYTES;
  // A tile of a narrow map reads beyond the last row.
  needScratch(height * paddedRow + DEPTHWISE_TILE * window.strides[1] * PIXEL_BYTES);
  return {
    ...(feed ? panelFields(feed, true, store) : {}),
    [Field.Kind]: Kind.Depthwise,
    [Field.Feed]: feed ? Feed.Product : Feed.Copy,
    [Field.Filter]: store(packFilter(operation.filter, operation.bias)),
    [Field.FilterBytes]: (1 + window.size[0] * window.size[1]) * PIXEL_BYTES,
    [Field.FilterActivation]: ACTIVATIONS[operation.activation],
    [Field.PaddedRow]: paddedRow,
    [Field.PaddedBytes]: height * paddedRow,
  };
}

function panelFields(operation: Convolution, isPadded: boolean, store: Context['store']): Fields {
  const weights = operation.kind === 'dense' ? operation.weights : operation.filter;
  const packed = packPanels(weights, operation.bias, isPadded);
  const count = Math.ceil(operation.bias.values.length / BLOCK);
  return {
    [Field.Panels]: store(packed),
    [Field.PanelCount]: count,
    [Field.PanelBytes]: packed.byteLength / count,
    [Field.Activation]: ACTIVATIONS[operation.activation],
  };
}

function sourceFields({ at, layout }: Place): Fields {
  return {
    [Field.Source]: at,
    [Field.SourceBlock]: layout.blockBytes,
    [Field.SourceBlocks]: layout.blocks,
    [Field.SourceHeight]: layout.height,
    [Field.SourceWidth]: layout.width,
    [Field.SourceChannels]: layout.channels,
  };
}

function targetFields({ at, layout }: Place): Fields {
  return {
    [Field.Target]: at,
    [Field.TargetBlock]: layout.blockBytes,
    [Field.TargetHeight]: layout.height,
    [Field.TargetWidth]: layout.width,
    [Field.TargetChannels]: layout.channels,
  };
}

function addendFields(place: Place | null): Fields {
  return place ? { [Field.Addend]: place.at, [Field.AddendBlock]: place.layout.blockBytes } : {};
}

function wholeTiles(pixels: number): number {
  return Math.max(1, Math.floor(pixels / PRODUCT_TILE)) * PRODUCT_TILE;
}
