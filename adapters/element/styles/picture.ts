/** The picture with what lies over it, and the buttons below. */
export const PICTURE = /* css */ `
.stage {
  --aspect: 1.3333;
  position: relative;
  justify-self: center;
  width: min(100%, calc(min(75svh, 40rem) * var(--aspect)));
  aspect-ratio: var(--aspect);
  overflow: hidden;
  border-radius: calc(1.25 * var(--_radius));
  background: #101a1b;
  box-shadow: inset 0 0 0 1px rgb(255 255 255 / 12%);
  color: #f4f4ef;
  user-select: none;
  -webkit-user-select: none;
}
video, .joints { position: absolute; inset: 0; width: 100%; height: 100%; }
.joints { pointer-events: none; }
.mirrored > video { transform: scaleX(-1); }
.stage[data-mode="empty"] > :is(video, .joints, .square, .followed) { visibility: hidden; }
.words {
  position: absolute;
  inset: 0;
  display: grid;
  place-items: center;
  padding: 1.5rem;
  background: radial-gradient(120% 90% at 50% 0%, #1d5a50 0%, #123033 45%, #101a1b 100%);
  font: 700 clamp(1.25rem, 6cqi, 2rem) / 1.2 var(--_letter-font);
  letter-spacing: -0.015em;
  text-align: center;
  text-wrap: balance;
}
.stage[data-mode="paused"] > .words { background: rgb(8 16 18 / 72%); font-size: 1.125rem; }
.notice {
  position: absolute;
  inset: auto 0.75rem 0.75rem;
  padding: 0.75rem 1rem;
  border-inline-start: 5px solid #ff9b73;
  border-radius: calc(0.75 * var(--_radius));
  background: #2b1a14;
  color: #fff3ec;
  font-size: 0.9375rem;
  overflow-wrap: anywhere;
  user-select: text;
  -webkit-user-select: text;
}
.notice .title { font: 700 1.0625rem / 1.3 var(--_letter-font); }
.square, .followed { position: absolute; border-radius: 0.9rem; }
.square {
  box-shadow:
    inset 0 0 0 2px rgb(255 255 255 / 92%),
    0 0 0 1px rgb(0 0 0 / 45%),
    0 0 0 100rem rgb(8 16 18 / 38%);
  cursor: grab;
  touch-action: none;
}
.square:active { cursor: grabbing; }
.square:focus-visible { outline: 3px solid #ffffff; outline-offset: -3px; box-shadow:
    inset 0 0 0 6px #1a4fd6, 0 0 0 1px rgb(0 0 0 / 45%), 0 0 0 100rem rgb(8 16 18 / 38%); }
.followed {
  border: 2px dashed rgb(255 255 255 / 85%);
  box-shadow: 0 0 0 1px rgb(0 0 0 / 35%);
  pointer-events: none;
}
.corner { position: absolute; width: 2.75rem; height: 2.75rem; touch-action: none; }
.corner::after {
  content: "";
  position: absolute;
  inset: 0.35rem;
  border: 0 solid #ffffff;
  filter: drop-shadow(0 0 1px rgb(0 0 0 / 70%));
}
.nw { top: -0.5rem; left: -0.5rem; cursor: nwse-resize; }
.ne { top: -0.5rem; right: -0.5rem; cursor: nesw-resize; }
.sw { bottom: -0.5rem; left: -0.5rem; cursor: nesw-resize; }
.se { right: -0.5rem; bottom: -0.5rem; cursor: nwse-resize; }
.nw::after { border-width: 5px 0 0 5px; border-top-left-radius: 0.9rem; }
.ne::after { border-width: 5px 5px 0 0; border-top-right-radius: 0.9rem; }
.sw::after { border-width: 0 0 5px 5px; border-bottom-left-radius: 0.9rem; }
.se::after { border-width: 0 5px 5px 0; border-bottom-right-radius: 0.9rem; }
.controls { display: flex; flex-wrap: wrap; align-items: center; gap: 0.6rem; }
.choice {
  display: flex;
  flex: 1 1 11rem;
  align-items: center;
  gap: 0.5rem;
  min-width: 0;
  color: var(--_soft);
  font-size: 0.875rem;
}
.choice select { flex: 1; min-width: 0; }
@container (max-width: 45.99rem) {
  .controls > button { flex: 1 1 auto; }
}
@media (forced-colors: active) {
  .stage { border: 1px solid CanvasText; forced-color-adjust: none; }
  .square { outline: 2px solid #ffffff; outline-offset: -2px; }
  .words, .notice { background: Canvas; color: CanvasText; }
  .notice { border: 2px solid CanvasText; }
}
`;
