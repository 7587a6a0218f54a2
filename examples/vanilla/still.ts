import type { Classification, ClassifyOptions, FingerspellRecognizer } from 'asl-fingerspell';

/** What the page does with a picture from a file. */
export interface StillHandlers {
  readonly getRecognizer: () => Promise<FingerspellRecognizer>;
  readonly getOptions: () => ClassifyOptions;
  readonly onResult: (result: Classification) => void;
  readonly onError: (error: unknown) => void;
}

/** Reads one picture, and reads it again whenever the options change: the last wish counts, none is queued. */
export class Still {
  readonly #handlers: StillHandlers;
  #picture: ImageBitmap | null = null;
  #isBusy = false;
  #isStale = false;

  constructor(handlers: StillHandlers) {
    this.#handlers = handlers;
  }

  /** Reads this picture from now on; `null`: none. It is closed when the next one comes. */
  set(picture: ImageBitmap | null): void {
    if (picture !== this.#picture) this.#picture?.close();
    this.#picture = picture;
    this.refresh();
  }

  refresh(): void {
    this.#isStale = true;
    if (!this.#isBusy) void this.#readWhileStale();
  }

  async #readWhileStale(): Promise<void> {
    const { getRecognizer, getOptions, onResult, onError } = this.#handlers;
    this.#isBusy = true;
    while (this.#isStale && this.#picture !== null) {
      this.#isStale = false;
      try {
        const recognizer = await getRecognizer();
        const picture: ImageBitmap | null = this.#picture;
        if (picture === null) break;
        const result = await recognizer.classify(picture, getOptions());
        if (picture === this.#picture) onResult(result);
      } catch (error) {
        if (this.#picture !== null) onError(error);
      }
    }
    this.#isBusy = false;
  }
}
