import type { CameraOptions } from '../../src/camera/camera-options';
import { DEFAULT_MAX_FPS, type LiveReaderOptions } from '../../src/camera/reader-options';
import type { Region } from '../../src/types';
import { DEFAULT_THRESHOLD } from '../../src/validate';

/** The attributes that the element looks at; all of them are properties too. */
export const ATTRIBUTES = [
  'region',
  'mirror',
  'threshold',
  'letters',
  'max-fps',
  'facing-mode',
  'preview',
  'autostart',
  'controls',
] as const;

/** The properties that may have been set on the element before it was defined. */
export const PROPERTIES = [
  'region',
  'mirror',
  'threshold',
  'letters',
  'maxFps',
  'facingMode',
  'preview',
  'autostart',
  'controls',
  'options',
] as const;

const NAMED_REGIONS: readonly string[] = ['center', 'full', 'hand'];

/**
 * `center`, `full`, `hand`, or four fractions of the unmirrored frame: x, y, width, height. Anything else gives a
 * rectangle of no numbers, which whoever reads frames refuses in words.
 */
export function parseRegion(text: string | null): Region | null {
  const trimmed = text?.trim() ?? '';
  if (trimmed === '') return null;
  if (NAMED_REGIONS.includes(trimmed)) return trimmed as Region;
  const [x = Number.NaN, y = Number.NaN, width = Number.NaN, height = Number.NaN] = trimmed.split(/[\s,]+/).map(Number);
  return { x, y, width, height };
}

export function formatRegion(region: Region | null | undefined): string | null {
  if (typeof region !== 'object' || region === null) return region ?? null;
  const { x, y, width, height } = region;
  // Rounded down, so that the rectangle ends within the frame still.
  return [x, y, width, height].map((fraction) => Math.floor(fraction * 1e4 + 1e-6) / 1e4).join(' ');
}

/** Letters with spaces or commas between them; a comma alone is a list of none, which whoever reads frames refuses. */
export function parseLetters(text: string | null): readonly string[] | null {
  if (text === null || text.trim() === '') return null;
  return text.match(/[^\s,]+/g) ?? [];
}

export function parseNumber(text: string | null, fallback: number): number {
  return text === null || text.trim() === '' ? fallback : Number(text);
}

/** Letters as the attribute has them; frameworks that set properties give that text, too. */
export function formatLetters(letters: readonly string[] | string | null | undefined): string | null {
  if (Array.isArray(letters)) return letters.length === 0 ? ',' : letters.join(' ');
  // Also of what is neither: whoever reads frames refuses it.
  return letters === null || letters === undefined ? null : String(letters);
}

/**
 * Nothing takes the attribute away: frameworks set a property that is no longer given to `undefined`, and one that stands
 * there without a value to `true`.
 */
export function setAttribute(
  element: Element,
  name: string,
  value: string | number | boolean | null | undefined,
): void {
  if (value === null || value === undefined || value === false) element.removeAttribute(name);
  else element.setAttribute(name, value === true ? '' : String(value));
}

/** An attribute that is there or not. */
export function setFlag(element: Element, name: string, isOn: boolean | null | undefined): void {
  // Without a boolean, `toggleAttribute` would turn it over.
  element.toggleAttribute(name, Boolean(isOn));
}

/** What of the attributes a reader takes at any time. */
export function liveOptions(element: Element, region: Region, deviceId: string | null): LiveReaderOptions {
  const text = (name: string) => element.getAttribute(name);
  const facing = (text('facing-mode') ?? 'user') as CameraOptions['facingMode'];
  return {
    region,
    mirror: element.hasAttribute('mirror'),
    threshold: parseNumber(text('threshold'), DEFAULT_THRESHOLD),
    letters: parseLetters(text('letters')) ?? undefined,
    maxFps: parseNumber(text('max-fps'), DEFAULT_MAX_FPS),
    camera: { facingMode: facing, ...(deviceId === null ? {} : { deviceId }) },
  };
}
