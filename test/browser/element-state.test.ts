import type { Classification } from 'asl-fingerspell';
import { defineFingerspellElement, type FingerspellElement } from 'asl-fingerspell/element';
import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { watchCamera } from './support/camera-watch';
import { colourOptions } from './support/colour-model';
import { part, textOf } from './support/element-part';
import { until } from './support/until';
import { setHidden } from './support/visibility';

const cameras = watchCamera();
beforeAll(() => defineFingerspellElement());
// After `watchCamera` has put its own function in place.
beforeEach(() => {
  vi.spyOn(navigator.mediaDevices, 'getUserMedia');
});
afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
  document.body.replaceChildren();
  setHidden(false);
});

const sleep = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

function makeElement(attributes: Readonly<Record<string, string>> = {}): FingerspellElement {
  const element = document.createElement('asl-fingerspell');
  element.options = { ...colourOptions(), speller: { words: ['cab'], holdMs: 50 } };
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  return document.body.appendChild(element);
}

function key(element: Element, label: string): HTMLButtonElement {
  const buttons = [...(element.shadowRoot?.querySelectorAll<HTMLButtonElement>('.keys button') ?? [])];
  return buttons.find(({ textContent }) => textContent === label) as HTMLButtonElement;
}

const JOINTS = Array.from({ length: 21 }, (_, i) => ({ x: 0.1 + 0.01 * i, y: 0.2 + 0.02 * i, z: 0 }));

/** Shows this result, as if the reader had read it just now; it must be stopped, or the next frame shows another. */
function show(element: FingerspellElement, result: Partial<Classification>): void {
  const region = { x: 0.1, y: 0.2, width: 0.3, height: 0.4 };
  const predictions = [
    { letter: 'a', probability: result.confidence ?? 0 },
    { letter: 'ch', probability: 0.05 },
  ];
  const detail = { letter: null, confidence: 0, noHand: 0, hand: null, predictions, region, ...result };
  element.reader?.dispatchEvent(new CustomEvent('prediction', { detail }));
}

/** An element whose reader is there and reads nothing more. */
async function makeStopped(attributes: Readonly<Record<string, string>> = {}): Promise<FingerspellElement> {
  const element = makeElement(attributes);
  await element.start();
  element.stop();
  return element;
}

describe('what <asl-fingerspell> was told', () => {
  it('outside a document it does once it is in one, and not again after it was taken out', async () => {
    const element = document.createElement('asl-fingerspell');
    element.options = colourOptions();
    await element.start();
    expect([element.status, cameras.requests()]).toEqual(['idle', 0]);
    document.body.append(element);
    await until(() => expect(element.status).toBe('running'));
    element.remove();
    await sleep(0);
    document.body.append(element);
    await sleep(50);
    expect([element.status, cameras.requests()]).toEqual(['idle', 1]);
  });

  it('turns no camera on in the document of another window unless it was on', async () => {
    const element = makeElement();
    document.body.appendChild(document.createElement('iframe')).contentDocument?.body.append(element);
    await sleep(50);
    expect([element.status, cameras.requests()]).toEqual(['idle', 0]);
  });

  it('takes attributes of white space for none, and space around a region for nothing', async () => {
    const element = makeElement({ threshold: ' ', letters: ' ', region: ' ', 'max-fps': '' });
    expect([element.threshold, element.letters, element.region, element.maxFps]).toEqual([0.7, null, null, 15]);
    element.setAttribute('region', ' hand\n');
    expect(element.region).toBe('hand');
  });

  it('refuses letters that are no list by an error event, as other attributes', async () => {
    const element = makeElement();
    element.letters = 5 as never;
    expect(element.getAttribute('letters')).toBe('5');
    await expect(element.start()).rejects.toMatchObject({ code: 'invalid-option' });
  });

  it('writes a region that ends at the edge so that it stays within', () => {
    const element = makeElement();
    element.region = { x: 0.55555, y: 0, width: 0.44445, height: 1 };
    expect(element.getAttribute('region')).toBe('0.5555 0 0.4444 1');
  });

  it('has the recogniser that it was given, and tells the page of its progress too', async () => {
    const onProgress = vi.fn();
    const element = makeElement();
    element.options = { ...colourOptions(), onProgress };
    await element.start();
    expect(onProgress).toHaveBeenLastCalledWith(expect.objectContaining({ phase: 'ready' }));
    const { recognizer } = element;
    const other = document.createElement('asl-fingerspell');
    if (recognizer) other.options = { recognizer };
    expect(other.recognizer).toBe(recognizer);
  });

  it('says why it cannot be defined in a content script', () => {
    vi.stubGlobal('customElements', null);
    expect(() => defineFingerspellElement()).toThrow(expect.objectContaining({ code: 'backend-unavailable' }));
  });
});

describe('the camera of <asl-fingerspell>', () => {
  const asked = () => vi.mocked(navigator.mediaDevices.getUserMedia).mock.lastCall?.[0]?.video;
  /** The browser's list, since no test machine has two cameras. */
  const list = (...ids: string[]) =>
    vi
      .spyOn(navigator.mediaDevices, 'enumerateDevices')
      .mockResolvedValue(
        ids.map((deviceId) => ({ kind: 'videoinput', deviceId, label: deviceId, groupId: '' })) as never,
      );

  it('is the one that the user chose, until that is gone or the page wants the other side', async () => {
    list('', '', 'one');
    const element = makeElement();
    await element.start();
    const [choice, select] = [part(element, '.choice'), part<HTMLSelectElement>(element, 'select')];
    const choose = (id: string) => {
      select.value = id;
      select.dispatchEvent(new Event('change'));
    };
    await until(() => expect(select.options).toHaveLength(1));
    expect(choice.hidden).toBe(true);
    list('one', 'two');
    navigator.mediaDevices.dispatchEvent(new Event('devicechange'));
    await until(() => expect(choice.hidden).toBe(false));
    choose('two');
    // There is no such camera, and then none is asked for by name.
    await until(() => expect(element.error?.code).toBe('camera-missing'));
    expect(JSON.stringify(asked())).toContain('two');
    await element.start();
    expect(JSON.stringify(asked())).not.toContain('two');
    cameras.refuse('NotReadableError');
    choose('two');
    await until(() => expect(element.error?.code).toBe('camera-busy'));
    cameras.refuse(null);
    element.facingMode = 'environment';
    await element.start();
    expect(JSON.stringify(asked())).not.toContain('two');
    expect(asked()).toMatchObject({ facingMode: 'environment' });
  });

  it('is shown as a mirror does unless it looks away from the user, or the page wants it otherwise', async () => {
    const element = await makeStopped();
    const isMirrored = () => part(element, '.stage').classList.contains('mirrored');
    expect(isMirrored()).toBe(true);
    const settings = vi.spyOn(MediaStreamTrack.prototype, 'getSettings').mockReturnValue({ facingMode: 'environment' });
    await element.start();
    expect(isMirrored()).toBe(false);
    element.preview = 'mirrored';
    expect(isMirrored()).toBe(true);
    settings.mockRestore();
    element.preview = 'plain';
    expect(isMirrored()).toBe(false);
  });

  it('keeps its lamp through a pause, turns it off again, and shows a lamp that does not obey as it is', async () => {
    vi.spyOn(MediaStreamTrack.prototype, 'getCapabilities').mockReturnValue({ torch: true } as MediaTrackCapabilities);
    const apply = vi.spyOn(MediaStreamTrack.prototype, 'applyConstraints').mockResolvedValue(undefined);
    const element = makeElement();
    await element.start();
    const torch = part<HTMLButtonElement>(element, '.torch');
    const isLit = () => torch.getAttribute('aria-pressed');
    torch.click();
    await until(() => expect(isLit()).toBe('true'));
    setHidden(true);
    setHidden(false);
    expect(isLit()).toBe('true');
    apply.mockRejectedValueOnce(new Error('stuck'));
    torch.click();
    await sleep(20);
    expect(isLit()).toBe('true');
    torch.click();
    await until(() => expect(isLit()).toBe('false'));
    expect(apply).toHaveBeenLastCalledWith({ advanced: [{ torch: false }] });
  });
});

describe('the picture of <asl-fingerspell>', () => {
  it('says what it waits for and why it stands still, without a sound', async () => {
    const allow = cameras.holdPermission();
    const element = makeElement();
    const starting = element.start();
    await until(() => expect(textOf(element, '.words')).toBe('Waiting for the camera …'));
    allow();
    await starting;
    expect(part(element, '.words').hidden).toBe(true);
    expect(part<HTMLVideoElement>(element, 'video').muted).toBe(true);
    setHidden(true);
    expect(textOf(element, '.words')).toBe('Paused while the page is hidden');
    setHidden(false);
    cameras.liveTracks()[0]?.dispatchEvent(new Event('mute'));
    expect(textOf(element, '[role=status]')).toBe('The camera gives no picture right now');
  });

  it('keeps its invitation when it is stopped while it loads', async () => {
    const element = makeElement();
    const onProgress = vi.fn(() => element.stop());
    element.options = { ...element.options, onProgress };
    await element.start().catch(() => undefined);
    await until(() => expect(onProgress).toHaveBeenCalledWith(expect.objectContaining({ phase: 'ready' })));
    expect(textOf(element, '.words')).toBe('Hold up a hand. See it as letters.');
  });

  it('explains what is set up wrongly for as long as it is, whatever is read meanwhile', async () => {
    const element = makeElement();
    await element.start();
    element.threshold = 7;
    const onPrediction = vi.fn();
    element.addEventListener('prediction', onPrediction);
    await until(() => expect(onPrediction).toHaveBeenCalled());
    expect(part(element, '.notice').hidden).toBe(false);
    element.threshold = 0.5;
    expect(part(element, '.notice').hidden).toBe(true);
  });

  it('shows the whole square in the middle for center, and any other where it is seen', async () => {
    const element = makeElement();
    await element.start();
    const box = () => {
      const { left, top, width, height } = part(element, '.square').style;
      return [left, top, width, height].map((text) => Math.round(Number.parseFloat(text) * 10) / 10);
    };
    element.region = 'center';
    expect(box()).toEqual([12.5, 0, 75, 100]);
    element.region = { x: 0, y: 0, width: 0.3, height: 0.4 };
    expect(box()).toEqual([70, 0, 30, 40]);
    element.preview = 'plain';
    expect(box()).toEqual([0, 0, 30, 40]);
  });

  it('draws the joints where they are seen, and the square that follows the hand while there is one', async () => {
    const element = await makeStopped({ region: 'hand' });
    const [canvas, followed] = [part<HTMLCanvasElement>(element, '.joints'), part(element, '.followed')];
    const drawn = () => {
      const { width, height } = canvas;
      const { data } = (canvas.getContext('2d') as CanvasRenderingContext2D).getImageData(0, 0, width, height);
      const isDrawn = (isRight: boolean) =>
        data.some((value, i) => value > 0 && (i / 4) % width > width / 2 === isRight);
      return { left: isDrawn(false), right: isDrawn(true) };
    };
    show(element, { hand: { joints: JOINTS } as never });
    expect(drawn()).toEqual({ left: false, right: true });
    expect([followed.hidden, followed.style.left]).toEqual([false, '60%']);
    show(element, {});
    expect(drawn()).toEqual({ left: false, right: false });
    expect(followed.hidden).toBe(true);
    element.preview = 'plain';
    show(element, { hand: { joints: JOINTS } as never });
    expect(drawn()).toEqual({ left: true, right: false });
    element.region = null;
    expect(followed.hidden).toBe(true);
    await element.start();
    element.region = 'hand';
    show(element, { hand: { joints: JOINTS } as never });
    element.stop();
    expect(drawn()).toEqual({ left: false, right: false });
    expect(followed.hidden).toBe(true);
  });
});

describe('the square of <asl-fingerspell>', () => {
  function grab(element: FingerspellElement) {
    const [square, stage] = [part(element, '.square'), part(element, '.stage').getBoundingClientRect()];
    square.setPointerCapture = () => {};
    const unit = Math.min(stage.width, stage.height);
    return {
      square,
      at(type: string, target: Element, x: number, y: number, options: PointerEventInit = {}) {
        const place = { clientX: x * unit, clientY: y * unit };
        target.dispatchEvent(
          new PointerEvent(type, { pointerId: 1, isPrimary: true, bubbles: true, ...place, ...options }),
        );
      },
      side: () => square.getBoundingClientRect().height / stage.height,
    };
  }

  it('is resized by its corners, within the picture and never too small for a hand', () => {
    const element = makeElement();
    const { square, at, side } = grab(element);
    const drag = (corner: string, dx: number, dy: number) => {
      const target = part(element, `.${corner}`);
      at('pointerdown', target, 0.5, 0.5);
      at('pointermove', target, 0.5 + dx, 0.5 + dy);
      at('pointerup', target, 0.5 + dx, 0.5 + dy);
    };
    const before = square.getBoundingClientRect();
    drag('nw', 0.2, 0.2);
    expect(side()).toBeCloseTo(0.64, 2);
    const after = square.getBoundingClientRect();
    expect([after.right, after.bottom]).toEqual([before.right, before.bottom].map((n) => expect.closeTo(n, 0)));
    drag('nw', -2, -2);
    expect(side()).toBeCloseTo(0.92, 2);
    drag('se', -2, -2);
    expect(side()).toBeCloseTo(0.2, 2);
    square.dispatchEvent(new KeyboardEvent('keydown', { key: '-' }));
    expect(side()).toBeCloseTo(0.2, 2);
  });

  it('stays where it is for other buttons, for a click, and for the keys of the browser', () => {
    const element = makeElement();
    const onChange = vi.fn();
    element.addEventListener('regionchange', onChange);
    const { square, at } = grab(element);
    const before = square.style.cssText;
    at('pointerdown', square, 0.5, 0.5, { button: 2 });
    at('pointermove', square, 0.7, 0.5);
    at('pointerdown', square, 0.5, 0.5);
    at('pointerup', square, 0.5, 0.5);
    for (const modifier of ['ctrlKey', 'metaKey', 'altKey']) {
      const event = new KeyboardEvent('keydown', { key: 'ArrowLeft', [modifier]: true, cancelable: true });
      square.dispatchEvent(event);
      expect(event.defaultPrevented).toBe(false);
    }
    expect([square.style.cssText, onChange.mock.calls.length]).toEqual([before, 0]);
    const event = new KeyboardEvent('keydown', { key: 'ArrowLeft', cancelable: true });
    square.dispatchEvent(event);
    // Or the page would scroll.
    expect([event.defaultPrevented, onChange.mock.calls.length]).toEqual([true, 1]);
  });

  it('follows a first finger after one whose end never came', () => {
    const element = makeElement();
    const { square, at } = grab(element);
    const left = () => square.getBoundingClientRect().left;
    at('pointerdown', square, 0.5, 0.5);
    at('pointerdown', square, 0.5, 0.5, { pointerId: 2 });
    const before = left();
    at('pointermove', square, 0.55, 0.5);
    expect(left()).toBe(before);
    at('pointermove', square, 0.55, 0.5, { pointerId: 2 });
    expect(left()).toBeGreaterThan(before);
  });
});

describe('the answer of <asl-fingerspell>', () => {
  it('says what was seen: a letter, a doubt, a hand or none', async () => {
    const element = await makeStopped();
    const [medal, letter] = [part(element, '.medal'), part(element, '.letter')];
    const isWon = () => part(element, '[part=candidate]').classList.contains('winner');
    expect(textOf(element, '.verdict')).toBe('Nothing read yet');
    show(element, { letter: 'a', confidence: 0.9, noHand: 0.1 });
    expect([textOf(element, '.verdict'), medal.dataset['state'], isWon()]).toEqual(['A, 90 % sure', 'held', true]);
    const shares = [...(element.shadowRoot?.querySelectorAll('.share') ?? [])].map(({ textContent }) => textContent);
    expect(shares).toEqual(['90 %', '5 %', '', '', '']);
    show(element, { letter: 'ch', confidence: 0.9, noHand: 0.1 });
    expect(letter.style.getPropertyValue('--count')).toBe('2');
    show(element, { confidence: 0.4, noHand: 0.3 });
    expect([textOf(element, '.verdict'), medal.dataset['state'], isWon()]).toEqual(['Not sure yet', 'none', false]);
    show(element, { confidence: 0.3, noHand: 0.4 });
    expect(textOf(element, '.verdict')).toBe('No hand in view');
    show(element, { confidence: 0.3, noHand: 0.4, hand: { joints: JOINTS } as never });
    expect(textOf(element, '.verdict')).toBe('Not a letter that I know');
  });

  it('fills its ring until the letter is written, and is empty once it reads no more', async () => {
    const element = makeElement();
    await element.start();
    await until(() => expect(part(element, '.medal').dataset['state']).toBe('done'));
    expect(part(element, '.progress').style.strokeDashoffset).toBe('0');
    setHidden(true);
    expect(textOf(element, '.verdict')).toBe('Nothing read yet');
    expect([textOf(element, '.letter'), textOf(element, '.name')]).toEqual(['', '–']);
  });
});

describe('the text of <asl-fingerspell>', () => {
  const said = (element: Element) => textOf(element, '[role=status]');

  it('has keys of use only, that keep the focus and do not talk over what they make', async () => {
    const element = makeElement();
    const isOff = () => ['J', 'Z', 'Space', 'Delete', 'Clear'].map((label) => key(element, label).disabled);
    expect(isOff()).toEqual([true, true, true, true, true]);
    await element.start();
    element.stop();
    element.clear();
    expect(isOff()).toEqual([false, false, true, true, true]);
    key(element, 'J').focus();
    key(element, 'J').click();
    expect(element.shadowRoot?.activeElement).toBe(key(element, 'J'));
    key(element, 'Space').click();
    expect(said(element)).toBe('j');
    element.insert('z');
    key(element, 'Delete').click();
    expect(said(element)).toBe('Deleted');
    key(element, 'Clear').click();
    expect(said(element)).toBe('Cleared');
  });

  it('says a word when it ends, not when what follows it is taken back', async () => {
    const element = await makeStopped();
    element.clear();
    element.insert('b');
    element.space();
    element.insert('c');
    element.backspace();
    expect(said(element)).toBe('b');
  });

  it('keeps the button of a suggestion while it is suggested', async () => {
    const element = await makeStopped();
    element.clear();
    element.insert('c');
    const button = part(element, '.suggestions button');
    element.insert('a');
    expect(part(element, '.suggestions button')).toBe(button);
  });

  it('goes with its reader', async () => {
    const element = await makeStopped();
    element.insert('j');
    element.options = colourOptions();
    expect([element.text, textOf(element, '.text'), key(element, 'J').disabled]).toEqual(['', '', true]);
  });
});
