/** The first element in the shadow of `element` that fits the selector. */
export function part<Type extends Element = HTMLElement>(element: Element, selector: string): Type {
  const found = element.shadowRoot?.querySelector<Type>(selector);
  if (!found) throw new Error(`The element has no ${selector}.`);
  return found;
}

/** The text of that element. */
export function textOf(element: Element, selector: string): string | null {
  return part(element, selector).textContent;
}
