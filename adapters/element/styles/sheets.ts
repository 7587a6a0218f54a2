import base from './base.css';
import panels from './panels.css';
import picture from './picture.css';

const CSS = [base, picture, panels];
const SHEETS = new WeakMap<Document, CSSStyleSheet[]>();

/**
 * Gives a shadow root the style of the element, made once a document: as constructed sheets, which a Content-Security-Policy
 * without `unsafe-inline` lets through. Where there are none (jsdom) as `<style>` elements.
 */
export function addStyle(root: ShadowRoot): void {
  const { ownerDocument: document } = root;
  // A document that nobody sees needs no style.
  if (document.defaultView === null) return;
  const { CSSStyleSheet: Sheet } = document.defaultView;
  if (!Sheet.prototype.replaceSync) {
    for (const css of CSS) root.appendChild(document.createElement('style')).textContent = css;
    return;
  }
  const sheets =
    SHEETS.get(document) ??
    CSS.map((css) => {
      const sheet = new Sheet();
      sheet.replaceSync(css);
      return sheet;
    });
  SHEETS.set(document, sheets);
  root.adoptedStyleSheets = sheets;
}
