import { pathToFileURL } from 'node:url';

/** The address of the CommonJS file that this is built into: also where a test runner plays the browser (jsdom). */
export const fileUrl = pathToFileURL(__filename).href;
