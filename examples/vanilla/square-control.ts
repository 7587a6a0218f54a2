import type { RegionRect } from 'asl-fingerspell';
import { byId } from './dom';
import { defaultSquare, dragged, fitted, moved, regionOf, resized, type Size, type Square } from './square';

const STEP = 0.03;

/** Movements by key, in steps of the shorter side of the picture. */
const MOVES: Readonly<Record<string, readonly [number, number]>> = {
  ArrowLeft: [-STEP, 0],
  ArrowRight: [STEP, 0],
  ArrowUp: [0, -STEP],
  ArrowDown: [0, STEP],
};
const SIZES: Readonly<Record<string, number>> = { '+': STEP, '=': STEP, '-': -STEP, _: -STEP };

/** The square that is read: drawn over the picture, moved and resized by pointer and keyboard. */
export class SquareControl {
  readonly #element = byId('square');
  readonly #stage = byId('stage');
  readonly #onChange: () => void;
  #size: Size = { width: 4, height: 3 };
  #square: Square = defaultSquare(this.#size);
  #isMirrored = false;

  constructor(onChange: () => void) {
    this.#onChange = onChange;
    this.#element.tabIndex = 0;
    this.#element.addEventListener('pointerdown', (event) => this.#grab(event));
    this.#element.addEventListener('keydown', (event) => this.#press(event));
    this.#draw();
  }

  /** What is read, in fractions of the unmirrored frame. */
  get region(): RegionRect {
    return regionOf(this.#square, this.#size, this.#isMirrored);
  }

  /** Another picture: the square starts anew if its shape is another one. */
  setPicture(size: Size, isMirrored: boolean): void {
    const isSameShape = Math.abs(size.width / size.height - this.#size.width / this.#size.height) < 0.01;
    this.#size = size;
    this.#isMirrored = isMirrored;
    this.#set(isSameShape ? this.#square : defaultSquare(size));
  }

  #grab(start: PointerEvent): void {
    // A second finger does not take over.
    if (start.button !== 0 || !start.isPrimary) return;
    const { pointerId, target } = start;
    const corner = target instanceof HTMLElement ? target.dataset['corner'] : undefined;
    const box = this.#stage.getBoundingClientRect();
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
    const options = { signal: end.signal };
    this.#element.setPointerCapture(pointerId);
    this.#element.addEventListener('pointermove', onMove, options);
    const onEnd = (event: PointerEvent): void => {
      if (event.pointerId === pointerId) end.abort();
    };
    for (const type of ['pointerup', 'pointercancel', 'lostpointercapture'] as const) {
      this.#element.addEventListener(type, onEnd, options);
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
  }

  #set(square: Square): void {
    this.#square = fitted(square, this.#size);
    this.#draw();
    this.#onChange();
  }

  #draw(): void {
    const { x, y, width, height } = regionOf(this.#square, this.#size, false);
    placeBox(this.#element, { x, y, width, height });
  }
}

/** Lays an element over a part of the picture, in fractions of it as it is shown. */
export function placeBox(element: HTMLElement, { x, y, width, height }: RegionRect): void {
  element.style.left = `${100 * x}%`;
  element.style.top = `${100 * y}%`;
  element.style.width = `${100 * width}%`;
  element.style.height = `${100 * height}%`;
}
