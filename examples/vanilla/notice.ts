import { type FingerspellErrorCode, isFingerspellError } from 'asl-fingerspell';
import { byId } from './dom';

const TITLES: Partial<Readonly<Record<FingerspellErrorCode, string>>> = {
  'camera-denied': 'Camera access was denied',
  'camera-missing': 'No camera was found',
  'camera-busy': 'The camera is busy',
  'camera-unsupported': 'No camera can be used here',
  'camera-lost': 'The camera was disconnected',
  timeout: 'That took too long',
  'asset-missing': 'A file of this page is missing',
  'asset-invalid': 'A file of this page is damaged',
  'backend-unavailable': 'This browser cannot run the reader',
};

let timer: ReturnType<typeof setTimeout> | undefined;

/** A failure explained in words, on the picture; for so many ms, else until it is hidden. */
export function showNotice(error: unknown, title?: string, forMs?: number): void {
  clearTimeout(timer);
  if (forMs !== undefined) timer = setTimeout(hideNotice, forMs);
  const code = isFingerspellError(error) ? error.code : null;
  byId('notice-title').textContent = title ?? (code && TITLES[code]) ?? 'Something went wrong';
  byId('notice-text').textContent = error instanceof Error ? error.message : String(error);
  byId('notice').hidden = false;
}

export function hideNotice(): void {
  clearTimeout(timer);
  byId('notice').hidden = true;
}
