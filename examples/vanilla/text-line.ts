import type { FingerspellReader } from 'asl-fingerspell/dom';
import { byId, setText } from './dom';

/** The text spelled so far, and the keys that edit it. */
export class TextLine {
  readonly #text = byId('text');
  readonly #announcer = byId('announcer');
  readonly #suggestions = byId('suggestions');
  readonly #keys = ['insert-j', 'insert-z', 'space', 'backspace', 'clear'].map((id) => byId<HTMLButtonElement>(id));

  constructor() {
    this.#update('');
    for (const key of this.#keys) key.disabled = true;
  }

  /** Shows and edits the text of this reader. */
  connect(reader: FingerspellReader): void {
    const actions: Readonly<Record<string, () => void>> = {
      'insert-j': () => reader.insert('j'),
      'insert-z': () => reader.insert('z'),
      space: () => reader.space(),
      backspace: () => reader.backspace(),
      clear: () => reader.clear(),
    };
    for (const key of this.#keys) key.addEventListener('click', () => actions[key.id]?.());
    reader.addEventListener('letter', ({ detail }) => this.announce(detail.letter.toUpperCase()));
    reader.addEventListener('text', ({ detail }) => {
      this.#update(detail.text);
      this.#suggest(reader);
    });
    // Before the reader ran for the first time there is no text to edit.
    reader.addEventListener('statuschange', () => {
      if (reader.speller !== null) this.#enable(reader.text);
    });
  }

  #update(text: string): void {
    const before = this.#text.textContent;
    setText(this.#text, text.toUpperCase());
    // Keeps the newest letters in sight.
    this.#text.scrollTop = this.#text.scrollHeight;
    if (text.endsWith(' ') && text.length > before.length) this.announce(text.trim().split(' ').at(-1) ?? '');
    this.#enable(text);
  }

  /** A button for each word that may be meant. */
  #suggest(reader: FingerspellReader): void {
    const items = reader.suggestions.map((word) => {
      const button = Object.assign(document.createElement('button'), { type: 'button', textContent: word });
      button.addEventListener('click', () => {
        reader.accept(word);
        // The button is gone.
        this.#text.focus();
      });
      const item = document.createElement('li');
      item.append(button);
      return item;
    });
    this.#suggestions.replaceChildren(...items);
  }

  #enable(text: string): void {
    for (const key of this.#keys) key.disabled = text === '' && !key.id.startsWith('insert');
  }

  /** Screen readers say letters as they are committed, and words as they end. */
  announce(text: string): void {
    // The same letter twice is said twice: a space that nobody hears makes it a change.
    this.#announcer.textContent = this.#announcer.textContent === text ? `${text}\u00a0` : text;
  }
}
