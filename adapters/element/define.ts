import { FingerspellError } from '../../src/errors';
import { makeElementClass } from './element';
import { type FingerspellElementTexts, resolveTexts } from './texts';
import type { FingerspellElement } from './types';

/** Marks our classes, also those of another copy of the package on the page. */
const BRAND = Symbol.for('asl-fingerspell.element');

/**
 * Registers the custom element, so that `<asl-fingerspell></asl-fingerspell>` is a complete reader. To call it again
 * for the same tag does nothing; on a server, where there are no elements, neither does the first call.
 *
 * @param tag - Its name; it must contain a hyphen.
 * @param texts - What it says, where that is to differ from the English: `{ lang: 'es', start: 'Encender la cámara' }`.
 * @throws {@link FingerspellError} `invalid-option` if the name is not allowed, or taken by an element that is not ours,
 *   or for a text that is none; `backend-unavailable` in a content script of an extension, which has no elements of its own.
 *
 * @example
 * ```ts
 * import { defineFingerspellElement } from 'asl-fingerspell/element';
 *
 * defineFingerspellElement();
 * document.querySelector('asl-fingerspell')!.addEventListener('text', ({ detail }) => console.log(detail.text));
 * ```
 *
 * @public
 */
export function defineFingerspellElement(tag: string = 'asl-fingerspell', texts: FingerspellElementTexts = {}): void {
  if (typeof customElements === 'undefined') return;
  if (customElements === null) {
    const advice = "Run this in the page's own world, or use a FingerspellReader.";
    throw new FingerspellError(
      'backend-unavailable',
      `A content script of an extension cannot define elements. ${advice}`,
    );
  }
  const existing = customElements.get(tag);
  if (existing !== undefined) {
    if (BRAND in existing) return;
    throw new FingerspellError('invalid-option', `The tag <${tag}> is taken by another element. Choose another name.`);
  }
  const elementClass = makeElementClass(resolveTexts(texts));
  Object.defineProperty(elementClass, BRAND, { value: true });
  try {
    customElements.define(tag, elementClass);
  } catch (cause) {
    const advice = 'Choose a lower-case name that contains a hyphen, such as asl-fingerspell.';
    throw new FingerspellError('invalid-option', `<${tag}> cannot be defined. ${advice}`, { cause });
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'asl-fingerspell': FingerspellElement;
  }
}
