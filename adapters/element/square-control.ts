import type { Region, RegionRect } from '../../src/types';
import { make } from './dom';
import {
  asShown,
  carried,
  defaultSquare,
  dragged,
  fitted,
  moved,
  regionOf,
  resized,
  type Size,
  type Square,
  squareOf,
} from './square';
import type { ElementTexts } from './texts';

const STEP = 0.03;

/** Movements by key, in steps of the shorter side of the picture. */
const MOVES: Readonly<Record<string, readonly [number, number]>> = {
  ArrowLeft: [-STEP, 0],
  ArrowRight: [STEP, 0],
  ArrowUp: [0, -STEP],
  ArrowDown: [0, STEP],
};
const SIZES: Readonly<Record<string, number>> = { '+': STEP, '=': STEP, '-': -STEP, _: -STEP };

/** Whom a {@link SquareControl} tells. */
export interface SquareHooks {
  /** The user is moving or resizing the square. */
  readonly onMove: () => void;
  /** The user let it go, or put it back to where it is by itself (`null`). */
  readonly onDone: (region: RegionRect | null) => void;
}

/** The square that is read: drawn over the picture, moved and resized by pointer and keyboard. */
export class SquareControl {
  readonly element: HTMLElement;
  readonly #hooks: SquareHooks;
  #size: Size = { width: 4, height: 3 };
  #isMirrored = false;
  #drag: AbortController | null = null;
  #wish: Region | null = null;
  #isUsers = false;
  #isTelling = false;
  #square = defaultSquare(this.#size);

  constructor(hooks: SquareHooks, texts: ElementTexts) {
    this.#hooks = hooks;
    this.element = make(
      'div',
      {
        class: 'square',
        part: 'square',
        tabindex: '0',
        role: 'application',
        'aria-label': texts.square,
        'aria-roledescription': texts.squareRole,
        'aria-description': texts.squareHelp,
        title: texts.squareHelp,
      },
      ...['nw', 'ne', 'sw', 'se'].map((corner) => make('span', { class: `corner ${corner}`, 'data-corner': corner })),
    );
    this.element.addEventListener('pointerdown', (event) => this.#grab(event));
    this.element.addEventListener('keydown', (event) => this.#press(event));
    this.#draw();
  }

  /** What is to be read: as the page asked for it, until the user moves the square. */
  get region(): Region {
    return this.#wish ?? this.#rect;
  }

  /** Puts the square where the page wants it; `null`: in the middle, with some room around it. */
  setRegion(region: Region | null): void {
    // What the user did comes back as what the page wants.
    if (!this.#isTelling) this.#isUsers = false;
    this.#wish = region;
    this.#place();
  }

  /** Another picture: the square goes to where the page wants it, or stays the user's, if the shape is another one. */
  setPicture(size: Size, isMirrored: boolean): void {
    const isSame = Math.abs(size.width / size.height - this.#size.width / this.#size.height) < 0.01;
    if (isSame && isMirrored === this.#isMirrored) return;
    const users = this.#isUsers && !isSame ? carried(this.#square, this.#size, size) : null;
    this.#size = size;
    this.#isMirrored = isMirrored;
    this.#place();
    if (users) {
      this.#set(users);
      this.#tell(this.#rect);
    }
    // What the reader was told is the square's rectangle in a picture of another shape.
    if (this.#wish === null) this.#hooks.onMove();
  }

  get hasFocus(): boolean {
    return (this.element.getRootNode() as Document | ShadowRoot).activeElement === this.element;
  }

  get #rect(): RegionRect {
    return regionOf(this.#square, this.#size, this.#isMirrored);
  }

  #place(): void {
    const { width, height } = this.#size;
    const wish = this.#wish;
    if (wish === 'center') this.#square = fitted({ ...middle(width, height), side: 1 }, this.#size);
    else if (typeof wish === 'object' && wish !== null) this.#square = squareOf(wish, this.#size, this.#isMirrored);
    else this.#square = defaultSquare(this.#size);
    this.#draw();
  }

  #grab(start: PointerEvent): void {
    // A second finger does not take over; a first one does, from a drag whose end never came.
    if (start.button !== 0 || (this.#drag !== null && !start.isPrimary)) return;
    this.#drag?.abort();
    const { pointerId, target } = start;
    const corner = target instanceof HTMLElement ? target.dataset['corner'] : undefined;
    const box = this.element.parentElement?.getBoundingClientRect() ?? new DOMRect();
    const unit = Math.min(box.width, box.height);
    const first = this.#square;
    const onMove = (event: PointerEvent) => {
      if (event.pointerId !== pointerId) return;
      const [dx, dy] = [(event.clientX - start.clientX) / unit, (event.clientY - start.clientY) / unit];
      if (corner === undefined) return this.#set(moved(first, dx, dy, this.#size));
      const [right, down] = [corner.includes('e') ? 1 : -1, corner.includes('s') ? 1 : -1];
      const [x, y] = [first.x + (right * first.side) / 2 + dx, first.y + (down * first.side) / 2 + dy];
      this.#set(dragged(first, corner, x, y, this.#size));
    };
    const end = new AbortController();
    this.#drag = end;
    const options = { signal: end.signal };
    this.element.setPointerCapture(pointerId);
    this.element.addEventListener('pointermove', onMove, options);
    const onEnd = (event: PointerEvent): void => {
      if (event.pointerId !== pointerId) return;
      this.#drag = null;
      end.abort();
      if (this.#square !== first) this.#tell(this.#rect);
    };
    for (const type of ['pointerup', 'pointercancel', 'lostpointercapture'] as const) {
      this.element.addEventListener(type, onEnd, options);
    }
  }

  #press(event: KeyboardEvent): void {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const move = MOVES[event.key];
    const change = SIZES[event.key] ?? (event.shiftKey && move ? move[0] - move[1] : undefined);
    if (change !== undefined) this.#set(resized(this.#square, change, this.#size));
    else if (move !== undefined) this.#set(moved(this.#square, ...move, this.#size));
    else if (event.key === 'Home') this.#set(defaultSquare(this.#size));
    else return;
    event.preventDefault();
    this.#tell(event.key === 'Home' ? null : this.#rect);
  }

  #tell(region: RegionRect | null): void {
    this.#isUsers = region !== null;
    this.#isTelling = true;
    this.#hooks.onDone(region);
    this.#isTelling = false;
  }

  #set(square: Square): void {
    this.#wish = null;
    this.#square = fitted(square, this.#size);
    this.#draw();
    this.#hooks.onMove();
  }

  #draw(): void {
    const wish = this.#wish;
    const isRect = typeof wish === 'object' && wish !== null;
    // What the page asked for need not be a square: it is shown as it is read.
    placeBox(this.element, isRect ? asShown(wish, this.#isMirrored) : regionOf(this.#square, this.#size, false));
  }
}

/** Lays an element over a part of the picture, in fractions of it as it is shown. */
export function placeBox(element: HTMLElement, { x, y, width, height }: RegionRect): void {
  element.style.left = `${100 * x}%`;
  element.style.top = `${100 * y}%`;
  element.style.width = `${100 * width}%`;
  element.style.height = `${100 * height}%`;
}

function middle(width: number, height: number): Pick<Square, 'x' | 'y'> {
  const unit = Math.min(width, height);
  return { x: width / unit / 2, y: height / unit / 2 };
}
