/**
 * The React hook ({@link useFingerspell}), and every name of `asl-fingerspell/dom`.
 *
 * @packageDocumentation
 */

'use client';

export type { ReaderSnapshot, ReaderStoreOptions } from '../../src/camera/reader-store';
// Whoever has the hook needs no second import for its options, results and errors.
export * from '../dom/index';
export { type UseFingerspellOptions, type UseFingerspellResult, useFingerspell } from './use-fingerspell';
