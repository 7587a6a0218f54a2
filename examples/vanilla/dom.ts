/** The element of the page with this id. */
export function byId<Type extends Element = HTMLElement>(id: string): Type {
  const element = document.getElementById(id);
  if (element === null) throw new Error(`The page has no element #${id}.`);
  return element as Element as Type;
}

/** Sets the text only when it changes, so that nothing is drawn anew for nothing. */
export function setText(element: Element, text: string): void {
  if (element.textContent !== text) element.textContent = text;
}

export function percent(share: number): string {
  return `${Math.round(100 * share)} %`;
}
