/**
 * Letters from single pictures ({@link FingerspellRecognizer}), and text from letters ({@link FingerspellSpeller}).
 *
 * @packageDocumentation
 */

export { FingerspellError, type FingerspellErrorCode, isFingerspellError } from './errors';
export { HAND_CONNECTIONS } from './hand-connections';
export type { AssetOverrides, ClassifyOptions, LoadProgress, RecognizerOptions } from './options';
export { FingerspellRecognizer } from './recognizer';
export type { SpellerOptions } from './spell/options';
export { FingerspellSpeller, type SpellerEvent } from './spell/speller';
export type {
  BackendName,
  Classification,
  ConfusionMatrix,
  FrameSource,
  Hand,
  InstanceOf,
  ModelFiles,
  PixelData,
  Region,
  RegionRect,
} from './types';
