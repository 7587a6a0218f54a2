import { BASE } from './base';
import { PANELS } from './panels';
import { PICTURE } from './picture';

let sheets: readonly CSSStyleSheet[] | null = null;

/**
 * The style of the element, made once a page. As constructed sheets, which a Content-Security-Policy without
 * `unsafe-inline` lets through.
 */
export function styleSheets(): CSSStyleSheet[] {
  sheets ??= [BASE, PICTURE, PANELS].map((css) => {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(css);
    return sheet;
  });
  return [...sheets];
}
