/**
 * Why a reader is paused, see {@link FingerspellReader.pauseReason}.
 *
 * - `'hidden'`: the page cannot be seen
 * - `'muted'`: the camera currently gives no picture: a shutter or key on the device, or the system took it for a call
 * - `'offscreen'`: the element is out of sight, and `pauseOffscreen` is set
 *
 * @public
 */
export type PauseReason = 'hidden' | 'muted' | 'offscreen';

/** Of several reasons the one that the user can do least about from within the page comes first. */
const ORDER: readonly PauseReason[] = ['hidden', 'muted', 'offscreen'];

/** Everything that holds frames back for a while, gathered into one answer. */
export class Pauses {
  readonly #reasons = new Set<PauseReason>();
  readonly #listeners: (() => void)[] = [];

  /** The foremost reason; `null`: nothing holds frames back. */
  get reason(): PauseReason | null {
    return ORDER.find((reason) => this.#reasons.has(reason)) ?? null;
  }

  set(reason: PauseReason, isPaused: boolean): void {
    const before = this.reason;
    if (isPaused) this.#reasons.add(reason);
    else this.#reasons.delete(reason);
    if (this.reason !== before) for (const listener of this.#listeners) listener();
  }

  /** Calls `listener` whenever the reason has changed. */
  onChange(listener: () => void): void {
    this.#listeners.push(listener);
  }
}

/** Pauses while the page is hidden. */
export function watchPage(page: Document, pauses: Pauses, signal: AbortSignal): void {
  const look = () => pauses.set('hidden', page.hidden);
  page.addEventListener('visibilitychange', look, { signal });
  look();
}

/** Pauses while no part of the element can be seen in the window. It counts as seen until the browser has looked. */
export function watchSight(element: Element, pauses: Pauses, signal: AbortSignal): void {
  if (typeof IntersectionObserver === 'undefined') return;
  const observer = new IntersectionObserver((entries) => {
    // The last entry is the newest.
    pauses.set('offscreen', entries.at(-1)?.isIntersecting === false);
  });
  observer.observe(element);
  signal.addEventListener('abort', () => observer.disconnect());
}
