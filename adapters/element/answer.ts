import type { Classification } from '../../src/types';
import { make, makeSvg, percent, setText } from './dom';
import { type ElementTexts, fillIn } from './texts';

const ROWS = 5;

interface Row {
  readonly item: HTMLElement;
  readonly name: HTMLElement;
  readonly share: HTMLElement;
}

/** The letter that is shown now in a ring that fills while it is held, and the most likely letters as bars. */
export class Answer {
  readonly #texts: ElementTexts;
  readonly #ring = makeSvg('circle', { class: 'progress', cx: '60', cy: '60', r: '54', pathLength: '100' });
  readonly #letter = make('span', { class: 'letter', part: 'letter' });
  readonly #verdict = make('p', { class: 'verdict', part: 'verdict' });
  readonly #rows = Array.from({ length: ROWS }, makeRow);
  readonly #bars: HTMLElement;
  readonly #medal = make(
    'div',
    { class: 'medal', 'data-state': 'none' },
    makeSvg(
      'svg',
      { viewBox: '0 0 120 120', 'aria-hidden': 'true' },
      makeSvg('circle', { class: 'track', cx: '60', cy: '60', r: '54' }),
      this.#ring,
    ),
    this.#letter,
  );
  readonly element: HTMLElement;

  constructor(texts: ElementTexts) {
    this.#texts = texts;
    this.#bars = make(
      'ol',
      { class: 'bars', part: 'candidates', role: 'list', 'aria-label': texts.candidates },
      ...this.#rows.map(({ item }) => item),
    );
    this.element = make(
      'div',
      { class: 'card answer', part: 'answer', role: 'group', 'aria-label': texts.answer },
      this.#medal,
      make('div', { class: 'ranking' }, this.#verdict, this.#bars),
    );
    this.clear();
  }

  /** Shows what was read; `progress` is the share of the hold time, 0 to 1. */
  show(result: Classification, progress: number): void {
    const { letter } = result;
    // Where no hand is, what it resembles most is no information.
    const predictions = isNothing(result) ? [] : result.predictions;
    this.#medal.dataset['state'] = letter === null ? 'none' : progress >= 1 ? 'done' : 'held';
    setText(this.#letter, letter?.toUpperCase() ?? '');
    this.#letter.style.setProperty('--count', String(letter?.length ?? 1));
    this.#ring.style.strokeDashoffset = ringOffset(progress);
    setText(this.#verdict, verdict(result, this.#texts));
    this.#rows.forEach((row, i) => {
      const prediction = predictions[i];
      showRow(row, prediction?.letter ?? '', prediction?.probability ?? 0, i === 0 && letter !== null);
    });
  }

  clear(): void {
    this.#medal.dataset['state'] = 'none';
    setText(this.#letter, '');
    setText(this.#verdict, this.#texts.nothing);
    this.#ring.style.strokeDashoffset = ringOffset(0);
    for (const row of this.#rows) showRow(row, '', 0, false);
  }

  /** Marks on the bars from where on a letter counts. */
  setThreshold(threshold: number): void {
    this.#bars.style.setProperty('--threshold', String(threshold));
  }
}

/** The dash is a little longer than the ring, so that no hair of it shows at 0 and no gap at 1. */
function ringOffset(progress: number): string {
  return String(101.5 * (1 - Math.min(progress, 1)));
}

function isNothing({ hand, noHand, confidence }: Classification): boolean {
  return hand === null && noHand > confidence;
}

function verdict({ letter, noHand, confidence, hand }: Classification, texts: ElementTexts): string {
  if (letter !== null) return fillIn(texts.sure, { letter: letter.toUpperCase(), share: percent(confidence) });
  if (noHand <= confidence) return texts.unsure;
  return hand === null ? texts.noHand : texts.noLetter;
}

function makeRow(): Row {
  const name = make('span', { class: 'name' });
  const share = make('span', { class: 'share' });
  return { item: make('li', { part: 'candidate' }, name, make('span', { class: 'bar' }), share), name, share };
}

function showRow({ item, name, share }: Row, letter: string, probability: number, isWinner: boolean): void {
  item.classList.toggle('winner', isWinner);
  item.style.setProperty('--share', probability.toFixed(3));
  setText(name, letter === '' ? '–' : letter.toUpperCase());
  setText(share, letter === '' ? '' : percent(probability));
}
