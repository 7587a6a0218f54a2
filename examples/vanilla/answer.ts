import type { Classification } from 'asl-fingerspell';
import { byId, percent, setText } from './dom';

const ROWS = 5;

interface Row {
  readonly item: HTMLElement;
  readonly name: HTMLElement;
  readonly share: HTMLElement;
}

/** The winning letter, how long it has been held, and the five most likely letters as bars. */
export class Answer {
  readonly #medal = byId('medal');
  readonly #letter = byId('letter');
  readonly #ring = byId<SVGCircleElement>('ring');
  readonly #verdict = byId('verdict');
  readonly #bars = byId('bars');
  readonly #rows: readonly Row[];

  constructor() {
    this.#rows = Array.from({ length: ROWS }, () => makeRow());
    this.#bars.append(...this.#rows.map(({ item }) => item));
    this.clear('Nothing read yet');
  }

  /** Shows what was read; `progress` is the share of the hold time, 0 to 1. */
  show(result: Classification, progress: number): void {
    const { letter } = result;
    // Where no hand is, what it resembles most is no information.
    const predictions = isNothing(result) ? [] : result.predictions;
    this.#medal.dataset['state'] = letter === null ? 'none' : progress >= 1 ? 'done' : 'held';
    setText(this.#letter, letter?.toUpperCase() ?? '');
    this.#ring.style.strokeDashoffset = ringOffset(progress);
    setText(this.#verdict, verdict(result));
    this.#rows.forEach((row, i) => {
      const prediction = predictions[i];
      showRow(row, prediction?.letter ?? '', prediction?.probability ?? 0, i === 0 && letter !== null);
    });
  }

  /** A letter was committed: the medal says so. */
  celebrate(): void {
    this.#medal.classList.remove('pop');
    // Asking for the size makes the browser notice that the class was gone, so that the animation runs again.
    void this.#medal.offsetWidth;
    this.#medal.classList.add('pop');
  }

  clear(text: string): void {
    this.#medal.dataset['state'] = 'none';
    setText(this.#letter, '');
    setText(this.#verdict, text);
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

function verdict({ letter, noHand, confidence, hand }: Classification): string {
  if (letter !== null) return `${letter.toUpperCase()}, ${percent(confidence)} sure`;
  if (noHand <= confidence) return 'Not sure yet';
  return hand === null ? 'No hand in view' : 'Not a letter that I know';
}

function makeRow(): Row {
  const item = document.createElement('li');
  const [name, bar, share] = ['name', 'bar', 'share'].map((kind) => {
    const part = document.createElement('span');
    part.className = kind;
    return part;
  }) as [HTMLElement, HTMLElement, HTMLElement];
  item.append(name, bar, share);
  return { item, name, share };
}

function showRow({ item, name, share }: Row, letter: string, probability: number, isWinner: boolean): void {
  item.classList.toggle('winner', isWinner);
  item.style.setProperty('--share', probability.toFixed(3));
  setText(name, letter === '' ? '–' : letter.toUpperCase());
  setText(share, letter === '' ? '' : percent(probability));
}
