import type { FingerspellError, FingerspellErrorCode } from '../../src/errors';
import { make, setText } from './dom';
import type { ElementTexts } from './texts';

/** A failure explained in words, on the picture. */
export class Notice {
  readonly #texts: ElementTexts;
  readonly #title = make('strong', { class: 'title' });
  readonly #message = make('p');
  readonly element = make('div', { class: 'notice', part: 'notice', role: 'alert' }, this.#title, this.#message);

  /** Of the failure that is shown. */
  code: FingerspellErrorCode | null = null;

  constructor(texts: ElementTexts) {
    this.#texts = texts;
    this.show(null);
  }

  show(error: FingerspellError | null): void {
    this.element.hidden = error === null;
    this.code = error?.code ?? null;
    const { failures, advice } = this.#texts;
    setText(this.#title, error === null ? '' : (failures[error.code] ?? failures.other ?? ''));
    setText(this.#message, error === null ? '' : (advice[error.code] ?? error.message));
  }
}
