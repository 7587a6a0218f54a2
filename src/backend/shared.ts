/** One of the uses of something shared. */
export interface Use<T> {
  readonly value: T;
  /** Ends this use, once; the end of the last one frees the thing. */
  release(): void;
}

/** Something that works until it is freed, or lost. */
export interface Shareable {
  /** Resolves with the reason if it stops working; nobody gets it from then on. */
  readonly lost: Promise<string> | undefined;
  /** Called once, by the end of the last use. */
  dispose(): void;
}

interface Entry<T> {
  readonly opening: Promise<T>;
  users: number;
}

/** Opens things by name: those who ask for one name at a time share one. */
export class Shared<Name, T extends Shareable> {
  readonly #entries = new Map<Name, Entry<T>>();

  /** @param create - opens one, if there is none; only the caller whose `create` it was gets its error, others try their own */
  async open(name: Name, create: () => Promise<T>): Promise<Use<T>> {
    const known = this.#entries.get(name);
    const entry = known ?? { opening: create(), users: 0 };
    this.#entries.set(name, entry);
    entry.users++;
    const forget = (): void => {
      if (this.#entries.get(name) === entry) this.#entries.delete(name);
    };
    try {
      const value = await entry.opening;
      if (!known) void value.lost?.then(forget);
      let isReleased = false;
      const release = (): void => {
        if (isReleased) return;
        isReleased = true;
        if (--entry.users > 0) return;
        forget();
        value.dispose();
      };
      return { value, release };
    } catch (error) {
      forget();
      // Another caller opened it, with its own signal and addresses: that it gave up must not end this one's wait.
      if (known) return this.open(name, create);
      throw error;
    }
  }
}
