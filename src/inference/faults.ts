import { describeError, FingerspellError } from '../errors';

/** The words by which a page knows that its worker cannot run such a model. */
export const NOT_IN_A_WORKER = 'the model needs TensorFlow.js, which is not in the worker';

/** The error for a `model.json` that is broken. */
export function invalidTopology(what: string): FingerspellError {
  return new FingerspellError(
    'asset-invalid',
    `The model.json cannot be used: ${what}. Export it in TensorFlow.js Layers format.`,
  );
}

/** The error for a well-formed model that nothing here can run. */
export function unsupported(what: string, cause?: unknown): FingerspellError {
  return new FingerspellError('model-unsupported', describe(what), { cause });
}

/** What TensorFlow.js says of a model that it does not run, as a sentence. */
export function quoteTfjs(cause: unknown): string {
  const short = describeError(cause).replaceAll(/\s+/g, ' ').slice(0, 300);
  return `TensorFlow.js says: ${short.endsWith('.') ? short : `${short}.`}`;
}

/** The error for a model that the plan has no words for, but `@tensorflow/tfjs-layers` may. */
export class BeyondPlan extends FingerspellError {
  /** A sentence that names the layer. */
  readonly what: string;

  constructor(what: string) {
    super('model-unsupported', describe(what));
    this.what = what;
  }
}

/** The error for weights that do not fit where the topology puts them. */
export function misfit(where: string, got: unknown, wanted: unknown): FingerspellError {
  return new FingerspellError(
    'asset-invalid',
    `The model's weights do not fit its topology (${where}: ${String(got)} instead of ${String(wanted)}). ` +
      'Use files that belong together.',
  );
}

function describe(what: string): string {
  return `The model cannot be run: ${what} Use an image classifier with one RGB input.`;
}
