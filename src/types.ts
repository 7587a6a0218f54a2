/**
 * Where the arithmetic runs: `webgl` on the graphics processor, `wasm` on the CPU with SIMD, `cpu` in plain JavaScript.
 *
 * @public
 */
export type BackendName = 'webgl' | 'wasm' | 'cpu';

/**
 * Raw pixels: `data` holds `width` × `height` RGBA bytes, row by row from the top, four bytes a pixel.
 *
 * @public
 */
export interface PixelData {
  /** 4 · `width` · `height` bytes, 0 to 255: red, green, blue, alpha of each pixel. What is transparent counts as black. */
  readonly data: Uint8ClampedArray | Uint8Array;
  /** px, a whole number from 1 */
  readonly width: number;
  /** px, a whole number from 1 */
  readonly height: number;
}

/**
 * Everything that {@link FingerspellRecognizer.classify} can read. In Node: only {@link PixelData}.
 *
 * @public
 */
export type FrameSource =
  | InstanceOf<'HTMLVideoElement'>
  | InstanceOf<'HTMLImageElement'>
  | InstanceOf<'HTMLCanvasElement'>
  | InstanceOf<'OffscreenCanvas'>
  | InstanceOf<'ImageBitmap'>
  | InstanceOf<'ImageData'>
  | InstanceOf<'VideoFrame'>
  | PixelData;

/**
 * An instance of the class of this name, where TypeScript knows browsers (`"lib": ["DOM"]`); else nothing, as in a program
 * for Node.
 *
 * @public
 */
export type InstanceOf<Name extends string> = typeof globalThis extends {
  readonly [Key in Name]: {
    /** Has the type of an instance. */
    readonly prototype: infer Instance;
  };
}
  ? Instance
  : never;

/**
 * A rectangle in fractions of the unmirrored frame: `x`, `y` is its upper left corner; 0 is the left or upper edge of
 * the frame, 1 the right or lower one. One that you ask for must lie within the frame.
 *
 * @public
 */
export interface RegionRect {
  /** Its left edge, as a fraction of the frame's width. */
  readonly x: number;
  /** Its upper edge, as a fraction of the frame's height. */
  readonly y: number;
  /** As a fraction of the frame's width. */
  readonly width: number;
  /** As a fraction of the frame's height. */
  readonly height: number;
}

/**
 * The part of the frame that is read.
 *
 * - `'center'`: the largest centred square
 * - `'full'`: the whole frame
 * - `'hand'`: the square around the hand (models with a joints output). It is looked for in the centre square, then in
 *   the whole frame, then in smaller squares that cover it, until a letter is read with certainty, so
 *   that a frame without a hand costs five passes of the network (a square one) or more. In a video the hand is followed from
 *   frame to frame, and while it is lost one of these places is searched per frame; on a canvas the place of the last hand
 *   comes first
 * - a rectangle: fractions of the unmirrored frame
 *
 * A region that is not square in pixels is padded with black to a square, as `resize_with_pad` does in the tutorial.
 *
 * @public
 */
export type Region = 'center' | 'full' | 'hand' | RegionRect;

/**
 * The 21 joints of a hand.
 *
 * @public
 */
export interface Hand {
  /**
   * 21 joints in the usual order: wrist 0, thumb 1–4, index finger 5–8, middle finger 9–12, ring finger 13–16, little
   * finger 17–20, each from the palm to the tip ({@link HAND_CONNECTIONS} joins them). `x`, `y` are fractions of the
   * unmirrored frame (they may lie a little outside 0 to 1); `z` is the distance from the wrist in the unit of `x`, negative towards the camera.
   */
  readonly joints: readonly {
    /** As a fraction of the unmirrored frame's width. */
    readonly x: number;
    /** As a fraction of the unmirrored frame's height. */
    readonly y: number;
    /** Distance from the wrist in the unit of `x`; negative towards the camera. */
    readonly z: number;
  }[];
  /** Probability that a hand is there, whether it shows a letter or not, 0 to 1. */
  readonly presence: number;
}

/**
 * What {@link FingerspellRecognizer.classify} resolves to.
 *
 * @public
 */
export interface Classification {
  /** The top letter if its probability is at least the threshold and above `noHand`, else `null`. */
  readonly letter: string | null;
  /** Probability of the top letter, 0 to 1. */
  readonly confidence: number;
  /** The top k letters, most probable first. */
  readonly predictions: readonly {
    /** One of {@link FingerspellRecognizer.labels}. */
    readonly letter: string;
    /** 0 to 1. */
    readonly probability: number;
  }[];
  /** Probability of every letter, in the order of {@link FingerspellRecognizer.labels}; with `noHand` they sum to 1. */
  readonly probabilities: readonly number[];
  /** Probability that no letter is shown, 0 to 1; 0 for models without that class. */
  readonly noHand: number;
  /** What was read, in fractions of the unmirrored frame; the square around a hand at its edge reaches outside. */
  readonly region: RegionRect;
  /** The hand's joints; `null` if there is no hand or the model has no such output. */
  readonly hand: Hand | null;
  /** Where the time went. */
  readonly timing: {
    /** Crop and resize of the first look, ms. */
    readonly preprocessMs: number;
    /** The network, reading back its numbers, and every look after the first, ms. */
    readonly inferenceMs: number;
    /** From the call to its result, ms, including the wait for earlier calls. */
    readonly totalMs: number;
  };
}

/**
 * How often the model of a recogniser takes each letter for each other one, from its evaluation; for the shipped model
 * from its cross-validation, on the hands of 84 people who were left out of training.
 *
 * @public
 */
export interface ConfusionMatrix {
  /** Row and column names, in the order of {@link FingerspellRecognizer.labels}. */
  readonly labels: readonly string[];
  /** `rates[i][j]`: share of the pictures of letter `i` that were read as letter `j`; apart from rounding, a row sums to at most 1. */
  readonly rates: readonly (readonly number[])[];
}

/**
 * A model as bytes already in memory: what {@link RecognizerOptions.model} takes instead of a URL.
 *
 * @public
 */
export interface ModelFiles {
  /** The parsed `model.json` (TensorFlow.js Layers format). */
  readonly modelJson: object;
  /** The parsed `metadata.json`. */
  readonly metadata: object;
  /** The weight shards, in the order of the manifest. */
  readonly weights: readonly ArrayBuffer[];
}
