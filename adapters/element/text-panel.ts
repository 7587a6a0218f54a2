import type { FingerspellReader } from '../../src/camera/reader';
import { make, setText } from './dom';

/** The methods of a reader that edit its text. */
export type TextEditor = Pick<FingerspellReader, 'insert' | 'space' | 'backspace' | 'clear' | 'accept'>;

/** The text spelled so far, the keys that edit it, the words it may become, and what a screen reader says. */
export class TextPanel {
  readonly #text = make('div', {
    class: 'text',
    part: 'text',
    role: 'group',
    'aria-label': 'Text spelled so far',
    tabindex: '0',
    'data-empty': 'Hold a letter to write it',
  });
  /** What screen readers say; it stands apart, since the text itself may not be shown. */
  readonly announcer = make('div', { class: 'unseen', role: 'status', 'aria-live': 'polite' });
  readonly #suggestions = make('div', {
    class: 'suggestions',
    part: 'suggestions',
    role: 'group',
    'aria-label': 'Words it may be',
  });
  readonly #inserts: readonly HTMLButtonElement[];
  readonly #edits: readonly HTMLButtonElement[];
  readonly #editor: TextEditor;
  readonly element: HTMLElement;

  constructor(editor: TextEditor) {
    this.#editor = editor;
    const movement = 'is a movement: add it by hand';
    const edit = (label: string, title: string, said: string, change: () => void) =>
      key(label, title, () => {
        change();
        if (said !== '') this.announce(said);
        this.#keepFocus();
      });
    this.#inserts = ['J', 'Z'].map((letter) =>
      edit(letter, `${letter} ${movement}`, letter, () => editor.insert(letter.toLowerCase())),
    );
    this.#edits = [
      // What ends is said as a word.
      edit('Space', 'End the word', '', () => editor.space()),
      edit('Delete', 'Take back the last letter', 'Deleted', () => editor.backspace()),
      edit('Clear', 'Empty the text', 'Cleared', () => editor.clear()),
    ];
    this.element = make(
      'div',
      { class: 'card writing', part: 'writing', role: 'group', 'aria-label': 'Text' },
      this.#text,
      this.#suggestions,
      make('div', { class: 'keys', part: 'keys' }, ...this.#inserts, ...this.#edits),
    );
    this.show('', [], false);
  }

  /** `isEditable`: there is a reader that has its letters, so that text can be written by hand too. */
  show(text: string, suggestions: readonly string[], isEditable: boolean): void {
    setText(this.#text, text.toUpperCase());
    // Keeps the newest letters in sight.
    this.#text.scrollTop = this.#text.scrollHeight;
    for (const button of this.#inserts) button.disabled = !isEditable;
    for (const button of this.#edits) button.disabled = !isEditable || text === '';
    const shown = Array.from(this.#suggestions.children, ({ textContent }) => textContent);
    if (shown.join('\n') === suggestions.join('\n')) return;
    this.#suggestions.replaceChildren(
      ...suggestions.map((word) =>
        key(word, `Write ${word}`, () => {
          this.#editor.accept(word);
          this.#text.focus();
        }),
      ),
    );
  }

  /** A button that was pressed and is of no use any more would lose the focus to the page. */
  #keepFocus(): void {
    const root = this.element.getRootNode() as ShadowRoot;
    if (root.activeElement?.matches(':disabled')) this.#text.focus();
  }

  /** Screen readers say this when they have a moment: a letter as it is written, a word as it ends. */
  announce(text: string): void {
    // The same letter twice is said twice: a space that nobody hears makes it a change.
    this.announcer.textContent = this.announcer.textContent === text ? `${text}\u00a0` : text;
  }
}

function key(label: string, title: string, onPress: () => void): HTMLButtonElement {
  const button = make('button', { type: 'button', part: 'button', title }, label);
  button.addEventListener('click', onPress);
  return button;
}
