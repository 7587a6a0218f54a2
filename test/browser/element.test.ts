import {
  defineFingerspellElement,
  type FingerspellElement,
  type FingerspellElementEventMap,
} from 'asl-fingerspell/element';
import { afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { watchCamera } from './support/camera-watch';
import { colourOptions } from './support/colour-model';
import { part } from './support/element-part';
import { until } from './support/until';
import { setHidden } from './support/visibility';

const cameras = watchCamera();
beforeAll(() => defineFingerspellElement());
afterEach(() => {
  document.body.replaceChildren();
  setHidden(false);
});

const sleep = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

function makeElement(attributes: Readonly<Record<string, string>> = {}): FingerspellElement {
  const element = document.createElement('asl-fingerspell');
  element.options = colourOptions();
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  return document.body.appendChild(element);
}

function record<Type extends keyof FingerspellElementEventMap>(element: FingerspellElement, type: Type) {
  const events: FingerspellElementEventMap[Type][] = [];
  element.addEventListener(type, (event) => events.push(event));
  return events;
}

describe('defineFingerspellElement', () => {
  it('may be called again, and names what it cannot define', () => {
    defineFingerspellElement();
    customElements.define('taken-by-another', class extends HTMLElement {});
    expect(() => defineFingerspellElement('taken-by-another')).toThrow(/taken by another/);
    expect(() => defineFingerspellElement('nohyphen')).toThrow(
      expect.objectContaining({ code: 'invalid-option', cause: expect.anything() }),
    );
  });

  it('takes over an element that was there before, with the properties it was given', () => {
    const early = document.createElement('late-reader') as FingerspellElement;
    Object.assign(early, { threshold: 0.4, region: 'hand', letters: ['a', 'b'] });
    document.body.append(early);
    defineFingerspellElement('late-reader');
    expect(early.getAttribute('threshold')).toBe('0.4');
    expect(early.region).toBe('hand');
    expect(early.letters).toEqual(['a', 'b']);
    expect(Object.keys(early)).toEqual([]);
  });
});

describe('<asl-fingerspell>', () => {
  it('reads with the button, tells of everything, and leaves no camera on when it is removed', async () => {
    const element = makeElement({ 'max-fps': '30' });
    const statuses = record(element, 'statuschange');
    const predictions = record(element, 'prediction');
    expect(element.status).toBe('idle');
    part<HTMLButtonElement>(element, '.primary').click();
    await until(() => expect(element.status).toBe('running'));
    await until(() => expect(predictions.length).toBeGreaterThan(2));
    expect(element.recognizer).toBe(element.reader?.recognizer);
    expect(part(element, '.primary').textContent).toBe('Stop camera');
    expect(cameras.liveTracks()).toHaveLength(1);
    element.remove();
    await sleep(0);
    expect(cameras.liveTracks()).toHaveLength(0);
    expect(element.reader).toBeNull();
    expect(statuses.map(({ detail }) => detail.status)).toEqual(['loading', 'running', 'stopped']);
  });

  it('ranks no letters where there is no hand', async () => {
    const element = makeElement({ controls: 'candidates' });
    element.options = { backend: 'wasm' };
    await element.start();
    await until(() => expect(part(element, '.verdict').textContent).toBe('No hand in view'));
    expect(part(element, '.bars').textContent).toBe('–'.repeat(5));
  });

  it('goes on reading when it is moved in the page, and starts by itself with autostart', async () => {
    const element = makeElement({ autostart: '' });
    await until(() => expect(element.status).toBe('running'));
    const { reader } = element;
    document.body.appendChild(document.createElement('div')).append(element);
    await sleep(100);
    expect(element.reader).toBe(reader);
    expect(cameras.requests()).toBe(1);
    const predictions = record(element, 'prediction');
    await until(() => expect(predictions.length).toBeGreaterThan(0));
  });

  it('starts with what was set on it before it was defined', async () => {
    const tag = 'late-fingerspell';
    const element = Object.assign(document.createElement(tag), {
      options: { worker: true },
      letters: ['a', 'l'],
    }) as unknown as FingerspellElement;
    element.setAttribute('autostart', '');
    document.body.append(element);
    defineFingerspellElement(tag);
    await until(() => expect(element.status).toBe('running'));
    expect(element.recognizer?.runtime.worker).toBe(true);
    expect([element.letters, element.getAttribute('letters')]).toEqual([['a', 'l'], 'a l']);
    expect(cameras.requests()).toBe(1);
  });

  it('starts by itself with the options that are set just after it was inserted, as Angular does', async () => {
    const element = makeElement({ autostart: '' });
    element.options = { worker: true };
    await until(() => expect(element.status).toBe('running'));
    expect(element.recognizer?.runtime.worker).toBe(true);
    element.stop();
    element.autostart = false;
    element.autostart = true;
    element.options = { backend: 'wasm' };
    await until(() => expect(element.status).toBe('running'));
    expect([element.recognizer?.runtime.worker, cameras.requests()]).toEqual([false, 2]);
  });

  it('does not start by itself once it was told to stop, or taken away, at once', async () => {
    const element = makeElement({ autostart: '' });
    element.stop();
    makeElement({ autostart: '' }).remove();
    await sleep(50);
    expect([element.status, cameras.requests()]).toEqual(['idle', 0]);
  });

  it('is not moved by a second finger', () => {
    const element = makeElement();
    const square = part(element, '.square');
    square.setPointerCapture = () => {};
    const touch = (type: string, pointerId: number, clientX: number) =>
      square.dispatchEvent(
        new PointerEvent(type, { pointerId, isPrimary: pointerId === 2, clientX, clientY: 50, button: 0 }),
      );
    const left = () => square.getBoundingClientRect().left;
    touch('pointerdown', 2, 50);
    touch('pointermove', 2, 54);
    const moved = left();
    touch('pointerdown', 3, 110);
    touch('pointermove', 3, 104);
    expect(left()).toBe(moved);
    touch('pointerup', 3, 104);
    touch('pointermove', 2, 58);
    expect(left()).not.toBe(moved);
    touch('pointerup', 2, 58);
  });

  it.each([
    ['its own', []],
    ["the user's", ['-', '-', 'ArrowLeft']],
  ])('reads the square that it shows, whatever the shape of the picture: %s', async (_, keys) => {
    const element = makeElement();
    for (const key of keys) part(element, '.square').dispatchEvent(new KeyboardEvent('keydown', { key }));
    element.options = { ...colourOptions(), camera: { width: 480, height: 640 } };
    const predictions = record(element, 'prediction');
    await element.start();
    const { video, square } = { video: part<HTMLVideoElement>(element, 'video'), square: part(element, '.square') };
    await until(() => expect(predictions.length).toBeGreaterThan(2));
    expect(video.videoWidth / video.videoHeight).not.toBeCloseTo(4 / 3, 1);
    const [box, shown] = [square.getBoundingClientRect(), part(element, '.stage').getBoundingClientRect()];
    const region = predictions.at(-1)?.detail.region;
    expect(region?.width).toBeCloseTo(box.width / shown.width, 1);
    expect(region?.height).toBeCloseTo(box.height / shown.height, 1);
    const { videoWidth: width, videoHeight: height } = video;
    expect((region?.width ?? 0) * width).toBeCloseTo((region?.height ?? 0) * height, 0);
  });

  it('keeps its style in the document of another window', async () => {
    const element = makeElement();
    const frame = document.body.appendChild(document.createElement('iframe'));
    for (const home of [frame.contentDocument?.body, document.body]) {
      home?.append(element);
      expect(element.shadowRoot?.adoptedStyleSheets.length).toBeGreaterThan(0);
      expect(getComputedStyle(part(element, '.square')).position).toBe('absolute');
    }
  });

  it('goes on in the document of another window, whatever becomes of the one it left', async () => {
    const element = makeElement();
    await element.start();
    const frame = document.body.appendChild(document.createElement('iframe'));
    frame.contentDocument?.body.append(element);
    setHidden(true);
    const predictions = record(element, 'prediction');
    await until(() => expect(predictions.length).toBeGreaterThan(1));
    expect(element.status).toBe('running');
    expect(cameras.liveTracks()).toHaveLength(1);
  });

  it('refuses a list of no letters, instead of reading all', async () => {
    const element = makeElement();
    element.letters = [];
    await expect(element.start()).rejects.toMatchObject({ code: 'invalid-option' });
    expect(element.error?.message).toContain('at least one letter');
    element.letters = ['a'];
    await until(() => expect(element.status).toBe('running'));
  });

  it('makes a reader with options that came while it ran when it is started again', async () => {
    const element = makeElement();
    await element.start();
    const { reader } = element;
    element.options = colourOptions();
    expect(element.reader).toBe(reader);
    element.stop();
    await element.start();
    expect(element.reader).not.toBe(reader);
  });

  it('keeps attributes and properties the same', () => {
    const element = makeElement({ region: '0.1 0.2 0.3 0.4', letters: 'a, b', mirror: '', controls: 'start text' });
    expect(element.region).toEqual({ x: 0.1, y: 0.2, width: 0.3, height: 0.4 });
    expect(element.letters).toEqual(['a', 'b']);
    expect([element.mirror, element.autostart, element.threshold, element.maxFps]).toEqual([true, false, 0.7, 15]);
    expect([element.preview, element.facingMode, element.controls]).toEqual(['auto', 'user', 'start text']);
    Object.assign(element, { region: null, letters: null, mirror: false, threshold: 0.9, facingMode: 'environment' });
    expect(element.getAttributeNames().sort()).toEqual(['controls', 'facing-mode', 'threshold']);
    expect(getComputedStyle(part(element, '.answer')).display).toBe('none');
    expect(getComputedStyle(part(element, '.primary')).display).not.toBe('none');
  });

  it('moves and resizes its square by keyboard and pointer, within the picture', async () => {
    const element = makeElement();
    const changes = record(element, 'regionchange');
    await element.start();
    const square = part(element, '.square');
    const press = (key: string, shiftKey = false) =>
      square.dispatchEvent(new KeyboardEvent('keydown', { key, shiftKey, bubbles: true, cancelable: true }));
    for (let i = 0; i < 40; i++) press('ArrowLeft');
    // The picture is mirrored: the left of what is seen is the right of the frame.
    const region = element.region as { x: number; width: number };
    expect(region.x + region.width).toBeCloseTo(1, 3);
    press('ArrowUp', true);
    expect((element.region as { width: number }).width).toBeGreaterThan(region.width);
    press('Home');
    expect(element.region).toBeNull();
    expect(changes).toHaveLength(42);
    const box = part(element, '.stage').getBoundingClientRect();
    const at = (type: string, x: number, y: number) =>
      square.dispatchEvent(
        new PointerEvent(type, { pointerId: 1, clientX: box.x + x, clientY: box.y + y, bubbles: true }),
      );
    vi.spyOn(square, 'setPointerCapture').mockImplementation(() => undefined);
    at('pointerdown', box.width / 2, box.height / 2);
    at('pointermove', box.width / 2 + 30, box.height / 2);
    expect(element.region).toBeNull();
    at('pointerup', box.width / 2 + 30, box.height / 2);
    expect((element.region as { x: number }).x).toBeLessThan(0.185);
    element.region = 'hand';
    expect(square.hidden).toBe(true);
  });

  it('says letters and words to screen readers, and nothing else', async () => {
    const element = makeElement();
    await element.start();
    const status = part(element, '[role=status]');
    element.reader?.dispatchEvent(new CustomEvent('letter', { detail: { letter: 'a', text: 'a' } }));
    expect(status.textContent).toBe('A');
    element.reader?.dispatchEvent(new CustomEvent('letter', { detail: { letter: 'a', text: 'aa' } }));
    expect(status.textContent).toBe('A\u00a0');
    expect(element.shadowRoot?.querySelectorAll('[aria-live], [role=status]')).toHaveLength(1);
    element.insert('b');
    element.space();
    expect(status.textContent).toBe('b');
    expect(element.text).toBe('b ');
    expect(part(element, '.text').textContent).toBe('B ');
  });

  it('shows a switch for the lamp of a camera that has one', async () => {
    // No test machine has a lamp: the browser's answers about one are given here.
    const capabilities = vi
      .spyOn(MediaStreamTrack.prototype, 'getCapabilities')
      .mockReturnValue({ torch: true } as MediaTrackCapabilities);
    const apply = vi.spyOn(MediaStreamTrack.prototype, 'applyConstraints').mockResolvedValue(undefined);
    const element = makeElement();
    const torch = part<HTMLButtonElement>(element, '.torch');
    expect(torch.hidden).toBe(true);
    await element.start();
    expect([torch.hidden, torch.getAttribute('aria-pressed')]).toEqual([false, 'false']);
    torch.click();
    await until(() => expect(torch.getAttribute('aria-pressed')).toBe('true'));
    expect(apply).toHaveBeenCalledWith({ advanced: [{ torch: true }] });
    capabilities.mockRestore();
    apply.mockRestore();
  });

  it('explains what failed, and can be started again', async () => {
    cameras.refuse('NotAllowedError');
    const element = makeElement();
    const errors = record(element, 'error');
    await expect(element.start()).rejects.toMatchObject({ code: 'camera-denied' });
    expect([element.status, element.error?.code, errors.length]).toEqual(['error', 'camera-denied', 1]);
    expect(part(element, '.notice').textContent).toContain('Camera access was denied');
    cameras.refuse(null);
    await element.start();
    expect(part(element, '.notice').hidden).toBe(true);
    element.threshold = 7;
    expect(errors.at(-1)?.detail.code).toBe('invalid-option');
    expect([element.status, element.error?.code]).toEqual(['running', 'invalid-option']);
    element.threshold = 0.7;
    expect(element.error).toBeNull();
  });

  it('starts by itself when the attribute that kept it from that is put right, and says so until then', async () => {
    const element = makeElement({ autostart: '', threshold: '7' });
    await until(() => expect(element.error?.code).toBe('invalid-option'));
    element.setAttribute('controls', 'start');
    expect([element.status, element.error?.code]).toEqual(['error', 'invalid-option']);
    element.threshold = 0.7;
    await until(() => expect(element.status).toBe('running'));
    expect(element.error).toBeNull();
    element.threshold = 7;
    element.stop();
    expect(part(element, '.notice').hidden).toBe(false);
  });

  it('takes equal options for the same ones, and keeps the text', async () => {
    const element = makeElement();
    const options = () => ({ ...colourOptions(), speller: { holdMs: 400 } });
    element.options = options();
    await element.start();
    element.insert('j');
    element.stop();
    const same = element.options;
    element.options = { ...same, speller: { holdMs: 400 } };
    expect(element.text).toBe('j');
    element.options = { ...same, speller: { holdMs: 300 } };
    expect(element.text).toBe('');
  });

  it('stays stopped when it is moved, and applies what was changed on the way', async () => {
    const element = makeElement({ autostart: '' });
    await until(() => expect(element.status).toBe('running'));
    const setOptions = vi.spyOn(element.reader as NonNullable<typeof element.reader>, 'setOptions');
    element.stop();
    element.remove();
    element.setAttribute('threshold', '0.2');
    document.body.append(element);
    await sleep(100);
    expect([element.status, cameras.liveTracks().length]).toEqual(['stopped', 0]);
    expect(setOptions.mock.lastCall?.[0]).toMatchObject({ threshold: 0.2 });
  });

  it('brings its styles as sheets, not as markup that a strict policy would stop', async () => {
    const element = makeElement();
    expect(element.shadowRoot?.adoptedStyleSheets.length).toBeGreaterThan(0);
    expect(element.shadowRoot?.querySelectorAll('style, link, script')).toHaveLength(0);
  });
});
