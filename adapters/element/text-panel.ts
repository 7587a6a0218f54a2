import type { FingerspellReader } from '../../src/camera/reader';
import { make, setText } from './dom';
import { type ElementTexts, fillIn } from './texts';

/** The methods of a reader that edit its text. */
export type TextEditor = Pick<FingerspellReader, 'insert' | 'space' | 'backspace' | 'clear' | 'accept'>;

/** The text spelled so far, the keys that edit it, the words it may become, and what a screen reader says. */
export class TextPanel {
  readonly #texts: ElementTexts;
  readonly #text: HTMLElement;
  /** What screen readers say; it stands apart, since the text itself may not be shown. */
  readonly announcer = make('div', { class: 'unseen', role: 'status', 'aria-live': 'polite' });
  readonly #suggestions: HTMLElement;
  readonly #inserts: readonly HTMLButtonElement[];
  readonly #edits: readonly HTMLButtonElement[];
  readonly #editor: TextEditor;
  readonly element: HTMLElement;

  constructor(editor: TextEditor, texts: ElementTexts) {
    this.#editor = editor;
    this.#texts = texts;
    this.#text = make('div', {
      class: 'text',
      part: 'text',
      role: 'group',
      'aria-label': texts.text,
      tabindex: '0',
      'data-empty': texts.emptyText,
    });
    this.#suggestions = make('div', {
      class: 'suggestions',
      part: 'suggestions',
      role: 'group',
      'aria-label': texts.suggestions,
    });
    const edit = (label: string, title: string, said: string, change: () => void) =>
      key(label, title, () => {
        change();
        if (said !== '') this.announce(said);
        this.#keepFocus();
      });
    this.#inserts = ['J', 'Z'].map((letter) =>
      edit(letter, fillIn(texts.insert, { letter }), letter, () => editor.insert(letter.toLowerCase())),
    );
    this.#edits = [
      // What ends is said as a word.
      edit(texts.space, texts.spaceHelp, '', () => editor.space()),
      edit(texts.backspace, texts.backspaceHelp, texts.deleted, () => editor.backspace()),
      edit(texts.clear, texts.clearHelp, texts.cleared, () => editor.clear()),
    ];
    this.element = make(
      'div',
      { class: 'card writing', part: 'writing', role: 'group', 'aria-label': texts.writing },
      this.#text,
      this.#suggestions,
      make('div', { class: 'keys', part: 'keys' }, ...this.#inserts, ...this.#edits),
    );
    this.show('', [], null);
  }

  /** `labels`: of a reader that has its letters, so that text can be written by hand too; `null`: of none. */
  show(text: string, suggestions: readonly string[], labels: readonly string[] | null): void {
    setText(this.#text, text.toUpperCase());
    // Keeps the newest letters in sight.
    this.#text.scrollTop = this.#text.scrollHeight;
    const read = labels?.map((label) => label.toUpperCase());
    for (const button of this.#inserts) {
      button.disabled = labels === null;
      // A model of another alphabet may read it.
      button.hidden = read?.includes(button.textContent) ?? false;
    }
    for (const button of this.#edits) button.disabled = labels === null || text === '';
    const shown = Array.from(this.#suggestions.children, ({ textContent }) => textContent);
    if (shown.join('\n') === suggestions.join('\n')) return;
    this.#suggestions.replaceChildren(
      ...suggestions.map((word) =>
        key(word, fillIn(this.#texts.accept, { word }), () => {
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
