/**
 * The custom element ({@link defineFingerspellElement}), and every name of `asl-fingerspell/dom`.
 *
 * @packageDocumentation
 */

// Whoever has the element needs no second import for its options, results and errors.
export * from '../dom/index';
export { defineFingerspellElement } from './define';
export type { FingerspellElementTexts } from './texts';
export type {
  FingerspellElement,
  FingerspellElementEventMap,
  FingerspellElementListener,
  FingerspellElementOptions,
} from './types';
