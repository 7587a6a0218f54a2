/** In Node the package's files are where they were installed. */
export const askVite = async (_url: URL, _signal: AbortSignal): Promise<URL | null> => null;
export const guessVite = (_url: URL): URL | null => null;
