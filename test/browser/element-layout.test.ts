import { defineFingerspellElement, type FingerspellElement } from 'asl-fingerspell/element';
import { afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { watchCamera } from './support/camera-watch';
import { colourOptions } from './support/colour-model';
import { part } from './support/element-part';
import { until } from './support/until';

watchCamera();
beforeAll(() => defineFingerspellElement());
afterEach(() => {
  vi.restoreAllMocks();
  document.body.replaceChildren();
});

function makeElement(attributes: Readonly<Record<string, string>> = {}, parent: Element = document.body) {
  const element = document.createElement('asl-fingerspell') as FingerspellElement;
  element.options = { ...colourOptions(), speller: { words: ['cab', 'bac', 'donaudampfschifffahrtsgesellschaft'] } };
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  parent.append(element);
  return element;
}

function button(element: Element, label: string): HTMLButtonElement {
  const buttons = [...(element.shadowRoot?.querySelectorAll('button') ?? [])];
  return buttons.find(({ textContent }) => textContent === label) as HTMLButtonElement;
}

/** What sticks out of the element at its right, px. */
const overflow = (element: Element) => part(element, '.root').scrollWidth - element.getBoundingClientRect().width;

describe('the layout of <asl-fingerspell>', () => {
  it.each([
    ['a float', 'float: left'],
    ['an inline block', 'display: inline-block'],
    ['a box out of the flow', 'position: absolute'],
    ['a table cell', 'display: table-cell'],
  ])('has a width of its own in %s', (_, style) => {
    const box = document.body.appendChild(document.createElement('div'));
    box.style.cssText = style;
    const element = makeElement({}, box);
    expect(element.getBoundingClientRect().width).toBeGreaterThan(200);
    expect(overflow(element)).toBeLessThanOrEqual(0);
  });

  it.each([16, 24])(
    'fits a box of 320 px, whatever cameras and words are called, with letters of %i px',
    async (size) => {
      const name = 'Integrated Webcam: Integrated Webcam with a long name (0c45:6a0f)';
      const cameras = ['one', 'two'].map((deviceId) => ({ kind: 'videoinput', deviceId, label: name, groupId: '' }));
      vi.spyOn(navigator.mediaDevices, 'enumerateDevices').mockResolvedValue(cameras as never);
      document.documentElement.style.fontSize = `${size}px`;
      const box = document.body.appendChild(document.createElement('div'));
      box.style.width = '320px';
      try {
        const element = makeElement({}, box);
        await element.start();
        for (const letter of 'donau') element.insert(letter);
        await until(() => expect(part(element, '.choice').hidden).toBe(false));
        expect(button(element, 'donaudampfschifffahrtsgesellschaft')).toBeDefined();
        expect(overflow(element)).toBeLessThanOrEqual(0);
      } finally {
        document.documentElement.style.fontSize = '';
      }
    },
  );

  it('lets a long failure be read to its end', async () => {
    const box = document.body.appendChild(document.createElement('div'));
    box.style.width = '260px';
    const element = makeElement({}, box);
    element.options = { ...colourOptions(), model: `https://example.com/${'folder/'.repeat(60)}model.json` };
    await element.start().catch(() => undefined);
    const [notice, stage] = [part(element, '.notice'), part(element, '.stage')];
    await until(() => expect(notice.hidden).toBe(false));
    expect(notice.getBoundingClientRect().top).toBeGreaterThanOrEqual(stage.getBoundingClientRect().top);
    expect(notice.scrollHeight).toBeGreaterThan(notice.clientHeight);
    expect(getComputedStyle(notice).overflowY).toBe('auto');
  });

  it('shows a region that is no square as it is read', () => {
    const element = makeElement({ region: '0.05 0.1 0.9 0.3' });
    const { left, top, width, height } = part(element, '.square').style;
    expect([left, top, width, height].map(Number.parseFloat)).toEqual([5, 10, 90, 30].map((n) => expect.closeTo(n, 6)));
  });

  it('takes over no text style of the page, and says that it is English', () => {
    document.body.style.cssText = 'white-space: nowrap; text-transform: uppercase; letter-spacing: 1em; direction: rtl';
    try {
      const element = makeElement();
      const { whiteSpace, textTransform, letterSpacing, direction } = getComputedStyle(part(element, '.words'));
      expect([whiteSpace, textTransform, direction]).toEqual(['normal', 'none', 'ltr']);
      expect(letterSpacing).not.toBe('16px');
      expect(part(element, '.root').lang).toBe('en');
    } finally {
      document.body.style.cssText = '';
    }
  });
});

it('shows all controls where the attribute stands there empty, as on a video, and none where it says so', () => {
  const element = makeElement();
  const shown = () => ['.primary', '.answer', '.keys', '.text'].map((name) => part(element, name).checkVisibility());
  element.setAttribute('controls', '');
  expect(shown()).toEqual([true, true, true, true]);
  element.controls = 'none';
  expect(shown()).toEqual([false, false, false, false]);
  // What a framework makes of an attribute without a value.
  Object.assign(element, { controls: true });
  expect(shown()).toEqual([true, true, true, true]);
  element.controls = 'keys';
  expect(shown()).toEqual([false, false, true, false]);
});

describe('<asl-fingerspell> by keyboard and ear', () => {
  it('says letters with whatever it shows, and what its keys do', async () => {
    const element = makeElement({ controls: 'start' });
    expect(part(element, '.unseen').checkVisibility()).toBe(true);
    await element.start();
    const said = () => part(element, '.unseen').textContent?.trim();
    button(element, 'J').click();
    expect(said()).toBe('J');
    button(element, 'Delete').click();
    expect(said()).toBe('Deleted');
  });

  it('keeps the focus when what had it is gone', async () => {
    const element = makeElement();
    await element.start();
    const press = (key: HTMLElement) => {
      key.focus();
      key.click();
    };
    for (const letter of 'ca') element.insert(letter);
    press(button(element, 'cab'));
    expect(element.text).toBe('cab ');
    expect(element.shadowRoot?.activeElement).toBe(part(element, '.text'));
    press(button(element, 'Clear'));
    expect(element.shadowRoot?.activeElement).toBe(part(element, '.text'));
    part(element, '.square').focus();
    element.stop();
    expect(element.shadowRoot?.activeElement).toBe(part(element, '.primary'));
  });

  it('keeps the marks of the threshold that counts when another one is refused', async () => {
    const element = makeElement({ threshold: '0.6' });
    await element.start();
    element.threshold = 7;
    expect(part(element, '.bars').style.getPropertyValue('--threshold')).toBe('0.6');
  });
});
