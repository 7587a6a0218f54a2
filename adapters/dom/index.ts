/**
 * A camera read as events ({@link FingerspellReader}), cameras ({@link openCamera}, {@link listCameras}), and every name
 * of `asl-fingerspell`.
 *
 * @packageDocumentation
 */

export { type Camera, type OpenCameraOptions, openCamera } from '../../src/camera/camera';
export type { CameraOptions } from '../../src/camera/camera-options';
export { type CameraInfo, listCameras, watchCameras } from '../../src/camera/devices';
export type { PauseReason } from '../../src/camera/pauses';
export { FingerspellReader } from '../../src/camera/reader';
export {
  type ReaderEventMap,
  ReaderEventTarget,
  type ReaderListener,
  type ReaderStatus,
} from '../../src/camera/reader-events';
export type { LiveReaderOptions, ReaderOptions } from '../../src/camera/reader-options';
// Whoever has a reader needs no second import for its options, results and errors.
export * from '../../src/index';
