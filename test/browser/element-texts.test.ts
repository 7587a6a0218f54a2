import type { ModelFiles } from 'asl-fingerspell';
import { defineFingerspellElement, type FingerspellElement } from 'asl-fingerspell/element';
import { afterEach, beforeAll, expect, it } from 'vitest';
import { watchCamera } from './support/camera-watch';
import { colourOptions } from './support/colour-model';
import { part, textOf } from './support/element-part';
import { until } from './support/until';

watchCamera();
beforeAll(() =>
  defineFingerspellElement('lector-de-letras', {
    lang: 'es',
    start: 'Encender',
    waiting: undefined,
    stop: 'Apagar',
    sure: '{share}: {letter}',
    accept: 'Escribir «{word}» {toString}',
    insert: '{letter} se mueve',
    failures: { other: 'Algo falló', 'invalid-option': 'Mal configurado' },
    advice: { 'invalid-option': 'Elija un umbral de 0 a 1.' },
  }),
);
afterEach(() => document.body.replaceChildren());

function makeElement(...colours: Parameters<typeof colourOptions>): FingerspellElement {
  const element = document.createElement('lector-de-letras') as FingerspellElement;
  element.options = { ...colourOptions(...colours), speller: { words: ['cab'] } };
  return document.body.appendChild(element);
}

it('says what the page gave it, and the rest in English', async () => {
  const element = makeElement();
  expect(part(element, '.root').lang).toBe('es');
  expect(textOf(element, '.primary')).toBe('Encender');
  expect(textOf(element, '.words')).toBe('Hold up a hand. See it as letters.');
  await element.start();
  expect(textOf(element, '.primary')).toBe('Apagar');
  await until(() => expect(textOf(element, '.verdict')).toMatch(/^\d+ %: [ABC]$/));
  element.clear();
  element.insert('c');
  expect(part(element, '.suggestions button').title).toBe('Escribir «cab» {toString}');
  expect(part(element, '.keys button').title).toBe('J se mueve');
});

it('explains a failure in these words, and in the words of the error where it has none', async () => {
  const element = makeElement();
  element.threshold = 7;
  await element.start().catch(() => undefined);
  expect(textOf(element, '.notice')).toBe('Mal configuradoElija un umbral de 0 a 1.');
  const other = makeElement();
  const model = colourOptions().model as ModelFiles;
  const modelJson = JSON.parse(JSON.stringify(model.modelJson).replace('GlobalAveragePooling2D', 'NoSuchLayer'));
  other.options = { model: { ...model, modelJson } };
  const error = await other.start().catch((error) => error);
  expect(error.code).toBe('model-unsupported');
  expect(textOf(other, '.notice')).toBe(`Algo falló${error.message}`);
});

it('has no key for a letter that its model reads', async () => {
  const element = makeElement(['a', 'J', 'c']);
  await element.start();
  const [j, z] = [...(element.shadowRoot?.querySelectorAll<HTMLElement>('.keys button') ?? [])];
  expect([j?.textContent, j?.checkVisibility()]).toEqual(['J', false]);
  expect([z?.textContent, z?.checkVisibility()]).toEqual(['Z', true]);
});

it('refuses a text that there is not, and one that is none', () => {
  const refused = (texts: unknown) =>
    expect(() => defineFingerspellElement('not-to-be', texts as object)).toThrow(
      expect.objectContaining({ code: 'invalid-option' }),
    );
  refused({ begin: 'Start' });
  refused({ start: 7 });
  refused({ failures: { other: null } });
  refused({ failures: { timeout: 5 }, advice: { timeout: 'x' } });
  refused({ advice: null });
  refused({ dir: 'RTL' });
  refused({ toString: 'x' });
  refused(null);
  expect(customElements.get('not-to-be')).toBeUndefined();
});

it('writes Latin letters from left to right in a language that runs the other way', async () => {
  defineFingerspellElement('qari-al-huruf', { lang: 'ar', dir: 'rtl', emptyText: 'ارفع يدك' });
  const element = document.createElement('qari-al-huruf') as FingerspellElement;
  element.options = colourOptions();
  document.body.append(element);
  expect(getComputedStyle(part(element, '.text')).direction).toBe('rtl');
  await element.start();
  element.clear();
  for (const letter of 'hi') element.insert(letter);
  element.reader?.space();
  const letters = part(element, '.text').firstChild as Text;
  const [h, i, space] = [0, 1, 2].map((at) => {
    const range = document.createRange();
    range.setStart(letters, at);
    range.setEnd(letters, at + 1);
    return range.getBoundingClientRect().x;
  });
  expect(i).toBeGreaterThan(h as number);
  expect(space).toBeGreaterThan(i as number);
});
