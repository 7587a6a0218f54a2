/** Colours, sizes, and what a page or a user may change of them. */
export const BASE = /* css */ `
:host {
  --_accent: var(--fingerspell-accent, #0b6b5d);
  --_on-accent: var(--fingerspell-on-accent, #ffffff);
  --_paper: var(--fingerspell-paper, #fffdf9);
  --_ink: var(--fingerspell-ink, #1d1f24);
  --_soft: var(--fingerspell-soft, #5b5e66);
  --_line: var(--fingerspell-line, #d9d3c7);
  --_edge: var(--fingerspell-edge, #8b8579);
  --_bar: var(--fingerspell-bar, #b9cfc8);
  --_focus: var(--fingerspell-focus, #1a4fd6);
  --_mark: #b2431c;
  --_radius: var(--fingerspell-radius, 1rem);
  --_font: var(--fingerspell-font, system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", Arial, sans-serif);
  --_letter-font: var(--fingerspell-letter-font, ui-rounded, "SF Pro Rounded", Quicksand, var(--_font));
  display: block;
  box-sizing: border-box;
  width: 100%;
  max-width: 64rem;
  container-type: inline-size;
  color: var(--_ink);
  font: 1rem / 1.45 var(--_font);
  text-align: start;
}
:host([hidden]), [hidden] { display: none !important; }
@supports (color: light-dark(#000, #fff)) {
  :host {
    --_accent: var(--fingerspell-accent, light-dark(#0b6b5d, #5fd6bd));
    --_on-accent: var(--fingerspell-on-accent, light-dark(#ffffff, #06231e));
    --_paper: var(--fingerspell-paper, light-dark(#fffdf9, #1d2226));
    --_ink: var(--fingerspell-ink, light-dark(#1d1f24, #eef0ec));
    --_soft: var(--fingerspell-soft, light-dark(#5b5e66, #a9b0b0));
    --_line: var(--fingerspell-line, light-dark(#d9d3c7, #333a3f));
    --_edge: var(--fingerspell-edge, light-dark(#8b8579, #76807f));
    --_bar: var(--fingerspell-bar, light-dark(#b9cfc8, #365a54));
    --_focus: var(--fingerspell-focus, light-dark(#1a4fd6, #9db9ff));
    --_mark: light-dark(#b2431c, #ff9b73);
  }
}
@media (prefers-contrast: more) {
  :host { --_soft: var(--_ink); --_line: var(--_ink); --_edge: var(--_ink); }
}
* { box-sizing: border-box; }
p, ol { margin: 0; padding: 0; }
.root, .view, .side { display: grid; gap: 0.75rem; align-content: start; min-width: 0; }
@container (min-width: 46rem) {
  .root { grid-template-columns: minmax(0, 1fr) 20rem; gap: 1.25rem; }
}
button, select {
  min-height: 2.75rem;
  padding: 0.4rem 0.9rem;
  border: 1px solid var(--_edge);
  border-radius: calc(0.75 * var(--_radius));
  background: var(--_paper);
  color: var(--_ink);
  font: 600 0.9375rem / 1.2 var(--_font);
  cursor: pointer;
}
button:hover:enabled, select:hover { border-color: var(--_ink); }
button:disabled { border-color: var(--_line); color: var(--_soft); opacity: 0.65; cursor: default; }
button[aria-pressed="true"] { background: var(--_ink); color: var(--_paper); }
.primary { border-color: var(--_accent); background: var(--_accent); color: var(--_on-accent); }
.primary.on { background: transparent; color: var(--_accent); }
:focus-visible { outline: 3px solid var(--_focus); outline-offset: 2px; }
.unseen {
  position: absolute;
  width: 1px;
  height: 1px;
  overflow: hidden;
  clip-path: inset(50%);
  white-space: nowrap;
}
:host([controls]:not([controls~="start"])) .primary,
:host([controls]:not([controls~="camera"])) :is(.choice, .torch),
:host([controls]:not([controls~="square"])) :is(.square, .followed),
:host([controls]:not([controls~="joints"])) .joints,
:host([controls]:not([controls~="candidates"])) .answer,
:host([controls]:not([controls~="text"])) :is(.text, .suggestions),
:host([controls]:not([controls~="keys"])) .keys,
:host([controls]:not([controls~="text"], [controls~="keys"])) .card.writing { display: none; }
:host([controls]:not([controls~="candidates"], [controls~="text"], [controls~="keys"])) .root {
  grid-template-columns: minmax(0, 1fr);
}
@media (prefers-reduced-motion: reduce) {
  *, *::before, *::after { animation: none !important; transition: none !important; }
}
@media (forced-colors: active) {
  .primary { border-width: 2px; }
  button[aria-pressed="true"] { forced-color-adjust: none; background: Highlight; color: HighlightText; }
}
`;
