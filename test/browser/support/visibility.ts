/** Makes the page say that it is hidden, as it would behind another tab, where a test cannot run. */
export function setHidden(isHidden: boolean): void {
  if (document.hidden === isHidden) return;
  if (isHidden) Object.defineProperty(document, 'hidden', { value: true, configurable: true });
  else Reflect.deleteProperty(document, 'hidden');
  document.dispatchEvent(new Event('visibilitychange'));
}
