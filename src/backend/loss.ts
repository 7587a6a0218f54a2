/** What became of something that can be lost (a WebGL context), and all who wait for it. */
export interface Loss {
  /** @throws Error with the reason, once it is lost */
  check(): void;
  /** Waits for what `start` begins. Rejects when it is lost meanwhile, or was before. */
  guard<T>(start: () => Promise<T>): Promise<T>;
}

/** One handler for all who wait: a `Promise.race` a frame would pile up handlers on a promise that never settles. */
export function watchLoss(lost: Promise<string> | undefined): Loss {
  const waiting = new Set<(reason: Error) => void>();
  let error: Error | null = null;
  void lost?.then((reason) => {
    error = new Error(reason);
    for (const reject of waiting) reject(error);
  });
  const check = (): void => {
    if (error) throw error;
  };
  return {
    check,
    guard: (start) =>
      new Promise((resolve, reject) => {
        check();
        const work = start();
        waiting.add(reject);
        void work.then(resolve, reject).finally(() => waiting.delete(reject));
      }),
  };
}
