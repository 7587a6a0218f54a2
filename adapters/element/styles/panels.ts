/** The letter with its candidates, and the text with its keys. */
export const PANELS = /* css */ `
.card {
  padding: 0.9rem;
  border: 1px solid var(--_line);
  border-radius: calc(1.25 * var(--_radius));
  background: var(--_paper);
}
.answer { display: grid; grid-template-columns: auto minmax(0, 1fr); align-items: center; gap: 0.9rem; }
.medal { position: relative; width: 6.5rem; aspect-ratio: 1; }
.medal svg { display: block; width: 100%; height: 100%; transform: rotate(-90deg); }
.medal circle { fill: none; stroke-width: 7; }
.track { stroke: var(--_line); }
.progress {
  stroke: var(--_accent);
  stroke-dasharray: 101 200;
  stroke-dashoffset: 101.5;
  transition: stroke-dashoffset 90ms linear;
}
.medal[data-state="none"] .progress { transition: none; }
.letter {
  position: absolute;
  inset: 0;
  display: grid;
  place-items: center;
  font: 700 3.75rem / 1 var(--_letter-font);
}
.medal[data-state="done"] .letter { color: var(--_accent); }
.medal[data-state="none"] .letter::before {
  content: "";
  width: 0.7rem;
  height: 0.7rem;
  border-radius: 50%;
  background: var(--_line);
}
.ranking { display: grid; gap: 0.35rem; min-width: 0; }
.verdict { font-weight: 650; }
.bars { --threshold: 0.7; display: grid; gap: 0.15rem; list-style: none; }
.bars li {
  --share: 0;
  display: grid;
  grid-template-columns: 1.1rem minmax(0, 1fr) 3rem;
  align-items: center;
  gap: 0.45rem;
  font-size: 0.875rem;
  font-variant-numeric: tabular-nums;
}
.name { font-weight: 700; text-align: center; }
.bar {
  position: relative;
  height: 0.7rem;
  overflow: hidden;
  border-radius: 0.35rem;
  background: color-mix(in srgb, var(--_line) 55%, transparent);
}
.bar::before {
  content: "";
  position: absolute;
  inset: 0;
  background: var(--_bar);
  transform: scaleX(var(--share));
  transform-origin: left;
  transition: transform 90ms linear;
}
.winner .bar::before { background: var(--_accent); }
.bar::after {
  content: "";
  position: absolute;
  inset-block: 0;
  left: calc(var(--threshold) * 100%);
  width: 2px;
  background: var(--_mark);
}
.share { color: var(--_soft); text-align: right; white-space: nowrap; }
.winner .share { color: var(--_ink); }
.writing { position: relative; display: grid; gap: 0.6rem; }
.text {
  min-height: 3.4rem;
  max-height: 8rem;
  padding: 0.2rem 0.1rem;
  overflow: auto;
  font: 600 1.625rem / 1.35 var(--_letter-font);
  letter-spacing: 0.05em;
  overflow-wrap: anywhere;
  white-space: pre-wrap;
}
.text:empty::before {
  content: attr(data-empty);
  color: var(--_soft);
  font: 400 1rem / 1.45 var(--_font);
  letter-spacing: normal;
}
.suggestions, .keys { display: flex; flex-wrap: wrap; gap: 0.35rem; }
.suggestions:empty { display: none; }
.suggestions button { min-height: 2.25rem; border-color: var(--_line); font-weight: 500; }
.keys { flex-wrap: nowrap; }
.keys button { flex: 1 1 auto; min-width: 0; padding-inline: 0.4rem; font-size: 0.875rem; }
@media (forced-colors: active) {
  .track { stroke: GrayText; }
  .progress { stroke: Highlight; }
  .bar { border: 1px solid CanvasText; }
  .bar::before, .winner .bar::before { forced-color-adjust: none; background: Highlight; }
  .bar::after { forced-color-adjust: none; background: CanvasText; }
  .medal[data-state="none"] .letter::before { forced-color-adjust: none; background: GrayText; }
}
`;
