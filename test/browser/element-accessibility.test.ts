import { defineFingerspellElement } from 'asl-fingerspell/element';
import { afterEach, beforeAll, expect, it } from 'vitest';
import { commands } from 'vitest/browser';
import { watchCamera } from './support/camera-watch';
import { colourOptions } from './support/colour-model';

/** What we need of axe-core. It is run as a script of the page, as it is meant to be. */
interface Axe {
  run(element: Element): Promise<{ readonly violations: readonly { readonly id: string; readonly help: string }[] }>;
}

const source = await commands.axeCore();
watchCamera();
beforeAll(() => {
  defineFingerspellElement();
  const script = document.createElement('script');
  script.textContent = source;
  document.head.append(script);
});
afterEach(() => document.body.replaceChildren());

// Without its package this is skipped, as `npm test` then says.
it.skipIf(source === null)('axe-core finds no fault in the element: idle, running, and with an error', async () => {
  const { axe } = window as unknown as { axe: Axe };
  const element = document.createElement('asl-fingerspell');
  element.options = { ...colourOptions(), speller: { words: ['cab', 'bac'] } };
  document.body.append(element);
  const faults = async () => (await axe.run(element)).violations.map(({ id, help }) => `${id}: ${help}`);
  expect(await faults()).toEqual([]);
  await element.start();
  element.insert('c');
  expect(await faults()).toEqual([]);
  element.threshold = 7;
  expect(await faults()).toEqual([]);
});
