import type { FingerspellError, FingerspellErrorCode } from '../../src/errors';
import { make, setText } from './dom';

const TITLES: Partial<Readonly<Record<FingerspellErrorCode, string>>> = {
  'camera-denied': 'The camera may not be used',
  'camera-missing': 'No camera was found',
  'camera-busy': 'The camera is busy',
  'camera-unsupported': 'No camera can be used here',
  'camera-lost': 'The camera went away',
  timeout: 'That took too long',
  'asset-missing': 'A file of the reader is missing',
  'asset-invalid': 'A file of the reader is damaged',
  'backend-unavailable': 'This browser cannot run the reader',
  'invalid-option': 'The reader was set up wrongly',
};

/** A failure explained in words, on the picture. */
export class Notice {
  readonly #title = make('strong', { class: 'title' });
  readonly #message = make('p');
  readonly element = make('div', { class: 'notice', part: 'notice', role: 'alert' }, this.#title, this.#message);

  /** Of the failure that is shown. */
  code: FingerspellErrorCode | null = null;

  constructor() {
    this.show(null);
  }

  show(error: FingerspellError | null): void {
    this.element.hidden = error === null;
    this.code = error?.code ?? null;
    setText(this.#title, error === null ? '' : (TITLES[error.code] ?? 'Something went wrong'));
    setText(this.#message, error?.message ?? '');
  }
}
