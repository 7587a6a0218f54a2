import { FingerspellReader } from '../../src/camera/reader';
import type { ReaderEventMap, ReaderStatus } from '../../src/camera/reader-events';
import { checkLiveOptions, DEFAULT_MAX_FPS } from '../../src/camera/reader-options';
import { type FingerspellError, isFingerspellError } from '../../src/errors';
import type { FingerspellRecognizer } from '../../src/recognizer';
import type { Region, RegionRect } from '../../src/types';
import { DEFAULT_THRESHOLD } from '../../src/validate';
import {
  ATTRIBUTES,
  formatLetters,
  formatRegion,
  liveOptions,
  PROPERTIES,
  parseLetters,
  parseNumber,
  parseRegion,
  setAttribute,
  setFlag,
} from './attributes';
import { isOn } from './controls';
import { Panel } from './panel';
import { addStyle } from './styles/sheets';
import type { ElementTexts } from './texts';
import type { FingerspellElement, FingerspellElementOptions } from './types';

const EVENTS = ['prediction', 'letter', 'text', 'statuschange', 'error'] as const satisfies (keyof ReaderEventMap)[];

/**
 * The class of the element. Made only when it is wanted, since where pages are rendered on a server there is no
 * `HTMLElement` to extend; and anew for every tag, since a class can have one only.
 */
export function makeElementClass(texts: ElementTexts): CustomElementConstructor {
  return class extends HTMLElement implements FingerspellElement {
    static readonly observedAttributes = ATTRIBUTES;
    readonly #panel: Panel;
    readonly #root: ShadowRoot;
    #options: FingerspellElementOptions = {};
    #reader: FingerspellReader | null = null;
    #life: AbortController | null = null;
    #deviceId: string | null = null;
    #isWanted = false;
    /** Whether what was set on it before it was defined has been taken over. */
    #isUpgraded = false;
    #isStale = false;
    /** Of an attribute or option that is not allowed. */
    #refusal: FingerspellError | null = null;

    constructor() {
      super();
      const hooks = {
        editor: this,
        onStart: () => void this.start().catch(() => undefined),
        onStop: () => this.stop(),
        getError: () => this.error,
        onCamera: (deviceId: string) => {
          this.#deviceId = deviceId;
          this.#apply();
        },
        onSquareMove: () => this.#apply(),
        onSquareDone: (region: RegionRect | null) => this.#keepSquare(region),
      };
      this.#panel = new Panel(hooks, texts);
      this.#root = this.attachShadow({ mode: 'open' });
      addStyle(this.#root);
      this.#root.append(this.#panel.element);
    }

    connectedCallback(): void {
      for (const name of PROPERTIES) this.#upgrade(name);
      this.#isUpgraded = true;
      this.#panel.picture.setRegion(this.region);
      this.#show();
      // A reader is there already if the element was only moved: the user may have stopped it.
      const isMoved = this.#reader !== null;
      if (isMoved) this.#apply();
      if (this.#isWanted || (this.autostart && !isMoved)) this.#startSoon();
    }

    disconnectedCallback(): void {
      // An element that is only moved is in the document again before this comes.
      queueMicrotask(() => {
        if (this.isConnected) return;
        this.#isWanted = false;
        this.#leave();
      });
    }

    /** Sheets are those of the document that they were made in, and so is what tells that the page is hidden. */
    adoptedCallback(): void {
      addStyle(this.#root);
      if (!isOn(this.status)) return;
      this.#reader?.stop();
      void this.start().catch(() => undefined);
    }

    attributeChangedCallback(name: string, before: string | null, now: string | null): void {
      // What was set on it before it was defined comes first, and then one start.
      if (before === now || !this.isConnected || !this.#isUpgraded) return;
      if (name === 'facing-mode') this.#deviceId = null;
      if (name === 'region') this.#panel.picture.setRegion(this.region);
      if (name === 'autostart' && now !== null) this.#startSoon();
      this.#apply();
    }

    get region(): Region | null {
      return parseRegion(this.getAttribute('region'));
    }
    set region(region) {
      setAttribute(this, 'region', formatRegion(region));
    }

    get mirror(): boolean {
      return this.hasAttribute('mirror');
    }
    set mirror(isOn) {
      setFlag(this, 'mirror', isOn);
    }

    get threshold(): number {
      return parseNumber(this.getAttribute('threshold'), DEFAULT_THRESHOLD);
    }
    set threshold(threshold) {
      setAttribute(this, 'threshold', threshold);
    }

    get letters(): readonly string[] | null {
      return parseLetters(this.getAttribute('letters'));
    }
    set letters(letters) {
      setAttribute(this, 'letters', formatLetters(letters));
    }

    get maxFps(): number {
      return parseNumber(this.getAttribute('max-fps'), DEFAULT_MAX_FPS);
    }
    set maxFps(maxFps) {
      setAttribute(this, 'max-fps', maxFps);
    }

    get facingMode(): FingerspellElement['facingMode'] {
      return this.getAttribute('facing-mode') === 'environment' ? 'environment' : 'user';
    }
    set facingMode(facingMode) {
      setAttribute(this, 'facing-mode', facingMode);
    }

    get preview(): FingerspellElement['preview'] {
      const preview = this.getAttribute('preview');
      return preview === 'mirrored' || preview === 'plain' ? preview : 'auto';
    }
    set preview(preview) {
      setAttribute(this, 'preview', preview);
    }

    get autostart(): boolean {
      return this.hasAttribute('autostart');
    }
    set autostart(isOn) {
      setFlag(this, 'autostart', isOn);
    }

    get controls(): string | null {
      return this.getAttribute('controls');
    }
    set controls(controls) {
      setAttribute(this, 'controls', controls);
    }

    get options(): FingerspellElementOptions {
      return this.#options;
    }
    set options(options) {
      const isOther = !isEqual(options ?? {}, this.#options);
      this.#options = options ?? {};
      // Frameworks set an equal object at every render.
      if (!isOther) return;
      // A reader that runs keeps what it has; the next start makes one with the new options.
      if (isOn(this.status)) this.#isStale = true;
      else this.#leave();
    }

    get reader(): FingerspellReader | null {
      return this.#reader;
    }

    get recognizer(): FingerspellRecognizer | null {
      return this.#reader?.recognizer ?? this.#options.recognizer ?? null;
    }

    get status(): ReaderStatus {
      return this.#reader?.status ?? (this.#refusal === null ? 'idle' : 'error');
    }

    get error(): FingerspellError | null {
      return this.#refusal ?? this.#reader?.error ?? null;
    }

    get letter(): string | null {
      return this.#reader?.letter ?? null;
    }

    get text(): string {
      return this.#reader?.text ?? '';
    }

    async start(): Promise<void> {
      this.#isWanted = true;
      if (!this.isConnected) return;
      if (this.#isStale && !isOn(this.status)) this.#leave();
      this.#reader ??= this.#makeReader();
      await this.#reader.start();
    }

    stop(): void {
      this.#isWanted = false;
      this.#reader?.stop();
    }

    insert(letter: string): void {
      this.#reader?.insert(letter);
    }

    space(): void {
      this.#reader?.space();
    }

    backspace(): void {
      this.#reader?.backspace();
    }

    clear(): void {
      this.#reader?.clear();
    }

    accept(suggestion: string): void {
      this.#reader?.accept(suggestion);
    }

    /** Starts once what is set next has been set: Angular sets properties only after it has inserted the element. */
    #startSoon(): void {
      this.#isWanted = true;
      queueMicrotask(() => {
        if (this.#isWanted) void this.start().catch(() => undefined);
      });
    }

    #makeReader(): FingerspellReader {
      const life = new AbortController();
      const { onProgress, ...options } = this.#options;
      try {
        const reader = new FingerspellReader(this.#panel.picture.video, {
          ...options,
          ...this.#live(),
          onProgress: (progress) => {
            this.#panel.showProgress(progress);
            onProgress?.(progress);
          },
        });
        this.#refusal = null;
        this.#life = life;
        this.#panel.follow(reader, life.signal);
        reader.addEventListener('error', ({ detail }) => this.#forgetCamera(detail), { signal: life.signal });
        for (const type of EVENTS) this.#dispatchAlso(reader, type, life.signal);
        return reader;
      } catch (error) {
        this.#refuse(error);
        throw error;
      }
    }

    /** A camera that was chosen and is gone is not asked for again. */
    #forgetCamera({ code }: FingerspellError): void {
      if (this.#deviceId === null || (code !== 'camera-lost' && code !== 'camera-missing')) return;
      this.#deviceId = null;
      this.#apply();
    }

    /** The events of the reader are the element's too. */
    #dispatchAlso(reader: FingerspellReader, type: (typeof EVENTS)[number], signal: AbortSignal): void {
      const listener = ({ detail }: ReaderEventMap[typeof type]) => {
        this.dispatchEvent(new CustomEvent(type, { detail }));
      };
      reader.addEventListener(type, listener, { signal });
    }

    #live() {
      const live = liveOptions(this, this.#panel.picture.square.region, this.#deviceId);
      return { ...live, camera: { ...this.#options.camera, ...live.camera } };
    }

    #show(): void {
      this.#panel.setSettings(this.threshold, this.preview);
    }

    #apply(): void {
      const hasFailed = this.error?.code === 'invalid-option' && !isOn(this.status);
      try {
        if (this.#reader) this.#reader.setOptions(this.#live());
        else if (this.#refusal) checkLiveOptions(this.#live(), null);
      } catch (error) {
        this.#refuse(error);
        return;
      }
      this.#refusal = null;
      this.#show();
      if (this.#panel.picture.notice.code === 'invalid-option') this.#panel.picture.notice.show(null);
      // What kept it from starting was put right.
      if (hasFailed && this.isConnected && (this.#isWanted || this.autostart)) void this.start().catch(() => undefined);
    }

    /** A value that is not allowed: the reader goes on with the one before. */
    #refuse(error: unknown): void {
      if (!isFingerspellError(error)) throw error;
      this.#refusal = error;
      this.#panel.picture.notice.show(error);
      this.dispatchEvent(new CustomEvent('error', { detail: error }));
    }

    #keepSquare(region: RegionRect | null): void {
      this.region = region;
      this.dispatchEvent(new CustomEvent('regionchange', { detail: { region: this.region } }));
    }

    #leave(): void {
      this.#isStale = false;
      this.#reader?.dispose();
      this.#life?.abort();
      this.#reader = null;
      this.#life = null;
    }

    /** A property that was set before the element was defined hides the accessor: it is taken off and set again. */
    #upgrade(name: (typeof PROPERTIES)[number]): void {
      if (!Object.hasOwn(this, name)) return;
      const { [name]: value } = this as Record<string, unknown>;
      Reflect.deleteProperty(this, name);
      Reflect.set(this, name, value);
    }
  };
}

/** Whether two values are the same, or objects or lists of the same ones: options, and what is in them. */
function isEqual(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) return true;
  if (!isPlain(a) || !isPlain(b) || Array.isArray(a) !== Array.isArray(b)) return false;
  const keys = Object.keys(a);
  return keys.length === Object.keys(b).length && keys.every((key) => isEqual(a[key], b[key]));
}

function isPlain(value: unknown): value is Record<string, unknown> {
  if (typeof value !== 'object' || value === null) return false;
  return Array.isArray(value) || Object.getPrototypeOf(value) === Object.prototype;
}
