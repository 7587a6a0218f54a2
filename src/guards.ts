import { FingerspellError } from './errors';

/** The error for something that a caller gave. @param sentence - what is wrong and what to do, without the full stop */
export function invalidOption(sentence: string): FingerspellError {
  return new FingerspellError('invalid-option', `${sentence}.`);
}

/** Any value, to be put into a sentence. */
export function show(value: unknown): string {
  return write(value, typeof value === 'string' || Array.isArray(value) ? JSON.stringify : String);
}

/** A value of a file, to be put into a sentence. */
export function showJson(value: unknown): string {
  return write(value, JSON.stringify);
}

function write(value: unknown, toText: (value: unknown) => unknown): string {
  try {
    return String(toText(value)).slice(0, 100);
  } catch {
    // Objects without a prototype have no text; hostile ones may be nested too deep for one.
    return `something of type ${typeof value}`;
  }
}

/** Whether it is an address, also an object of another window. */
export function isAddress(value: unknown): value is string | URL {
  return typeof value === 'string' || Object.prototype.toString.call(value) === '[object URL]';
}

/** Throws `invalid-option` for a value that is no AbortSignal. */
export function requireSignal(signal: unknown): void {
  const isSignal = typeof signal === 'object' && signal !== null && 'aborted' in signal && 'addEventListener' in signal;
  if (signal !== undefined && !isSignal) throw invalidOption('signal must be an AbortSignal');
}

/** Throws `invalid-option` for one of these, by name, that is there but no function. */
export function requireFunctions(callbacks: Readonly<Record<string, unknown>>): void {
  for (const [name, value] of Object.entries(callbacks)) {
    if (value !== undefined && typeof value !== 'function')
      throw invalidOption(`${name} must be a function, not ${show(value)}`);
  }
}

/** Throws `invalid-option` unless it is an object. */
export function requireObject(value: unknown, what: string): void {
  if (typeof value !== 'object' || value === null) throw invalidOption(`${what} must be an object, not ${show(value)}`);
}

/** Throws `invalid-option` unless it is an element of one of these names, of whatever window. */
export function requireElement(value: unknown, names: readonly string[], who: string): void {
  if (names.includes((value as Element | null | undefined)?.localName ?? '')) return;
  const wanted = names.map((name) => `a <${name}>`).join(' or ');
  const advice = 'If it was looked up in the page, the script may have run before the element was there';
  throw invalidOption(`${who} needs ${wanted}, but got ${show(value)}. ${advice}`);
}

/** Whether it is a square table of shares, each 0 to 1. */
export function isRateTable(value: unknown, size: number): value is readonly (readonly number[])[] {
  const isRate = (rate: unknown): boolean => typeof rate === 'number' && rate >= 0 && rate <= 1;
  const isRow = (row: unknown): boolean => Array.isArray(row) && row.length === size && row.every(isRate);
  return Array.isArray(value) && value.length === size && value.every(isRow);
}

/** Calls a callback of the caller's: what it throws is reported as theirs and ends nothing of ours. */
export function guarded(callback: () => void): void {
  try {
    callback();
  } catch (error) {
    queueMicrotask(() => {
      throw error;
    });
  }
}
