'use client';

export type { CameraOptions } from '../../src/camera/camera-options';
export type { ReaderStatus } from '../../src/camera/reader-events';
export type { LiveReaderOptions, ReaderOptions } from '../../src/camera/reader-options';
export type { ReaderSnapshot, ReaderStoreOptions } from '../../src/camera/reader-store';
export { type UseFingerspellOptions, type UseFingerspellResult, useFingerspell } from './use-fingerspell';
