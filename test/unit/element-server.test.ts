import { defineFingerspellElement } from 'asl-fingerspell/element';
import { expect, it } from 'vitest';

it('defineFingerspellElement can be called where there are no elements, and does nothing there', () => {
  expect(typeof customElements).toBe('undefined');
  expect(defineFingerspellElement()).toBeUndefined();
});
