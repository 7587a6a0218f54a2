/** The activation functions that a kernel applies for free. */
export type FusedActivation = 'linear' | 'relu' | 'relu6';

/** `[height, width, channels]` of a map, or `[features]` of a vector; the batch of one is left out. */
export type Shape = readonly number[];

/** `'same'` and `'valid'` as in Keras, or zeros `[top, bottom, left, right]` in pixels. */
export type Padding = 'same' | 'valid' | readonly [top: number, bottom: number, left: number, right: number];

export interface Constant {
  readonly shape: readonly number[];
  readonly values: Float32Array;
}

interface Convolution {
  readonly filter: Constant;
  readonly bias: Constant;
  readonly strides: readonly [number, number];
  readonly dilations: readonly [number, number];
  readonly padding: Padding;
  readonly activation: FusedActivation;
}

/** What one step computes, with everything it needs except its inputs. */
export type Operation =
  | ({ readonly kind: 'conv' } & Convolution)
  | ({ readonly kind: 'depthwise' } & Convolution)
  | {
      readonly kind: 'dense';
      readonly weights: Constant;
      readonly bias: Constant;
      readonly activation: FusedActivation;
    }
  | {
      readonly kind: 'max-pool' | 'avg-pool';
      readonly size: readonly [number, number];
      readonly strides: readonly [number, number];
      readonly padding: 'same' | 'valid';
    }
  | { readonly kind: 'pad'; readonly padding: readonly [number, number, number, number] }
  /** A factor and a shift per channel, as a depthwise convolution of one pixel; on maps and vectors. */
  | {
      readonly kind: 'scale';
      readonly filter: Constant;
      readonly bias: Constant;
      readonly activation: FusedActivation;
    }
  | { readonly kind: 'global-max-pool' | 'global-avg-pool'; readonly keepsDimensions: boolean }
  /** To `shape`, in which one side may be −1: whatever is left. */
  | { readonly kind: 'reshape'; readonly shape: Shape }
  | { readonly kind: 'add' }
  | { readonly kind: 'activation'; readonly activation: 'relu' | 'relu6' };

/** One kernel call. Values live in numbered slots; slot 0 is the input. */
export interface Step {
  readonly layer: string;
  readonly operation: Operation;
  readonly inputs: readonly number[];
  readonly output: number;
  readonly shape: Shape;
  /** Slots that nobody reads after this step. */
  readonly frees: readonly number[];
}

/** An output of a network. */
export interface Output {
  readonly size: number;
  /**
   * What is left to the caller: softmax and sigmoid of a handful of numbers. `'none'`: the values are probabilities;
   * `'linear'`: nothing is said about them.
   */
  readonly activation: 'linear' | 'softmax' | 'sigmoid' | 'none';
}

/** An output of a plan, and where it is found. */
export interface PlanOutput extends Output {
  readonly slot: number;
}

/** The compiled network: a list of kernel calls in order. */
export interface Plan {
  readonly inputShape: readonly [number, number, 3];
  readonly steps: readonly Step[];
  readonly outputs: readonly PlanOutput[];
}
