/**
 * Takes errors that nobody catches from those who listen for them in Node.
 *
 * @returns gives them the errors to come, and says which there were
 */
export function takeUncaught(): () => Promise<unknown[]> {
  const thrown: unknown[] = [];
  const others = process.listeners('uncaughtException');
  process.removeAllListeners('uncaughtException').on('uncaughtException', (error) => thrown.push(error));
  return async () => {
    await new Promise((resolve) => setTimeout(resolve, 0));
    process.removeAllListeners('uncaughtException');
    for (const other of others) process.on('uncaughtException', other);
    return thrown;
  };
}
