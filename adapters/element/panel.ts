import type { Camera } from '../../src/camera/camera';
import { watchCameras } from '../../src/camera/devices';
import type { FingerspellReader } from '../../src/camera/reader';
import type { FingerspellError } from '../../src/errors';
import type { LoadProgress } from '../../src/options';
import type { RegionRect } from '../../src/types';
import { Answer } from './answer';
import { type ControlHooks, Controls } from './controls';
import { make, percent } from './dom';
import { Picture } from './picture';
import { type TextEditor, TextPanel } from './text-panel';
import type { ElementTexts } from './texts';
import type { FingerspellElement } from './types';

/** What the user does with a {@link Panel}. */
export interface PanelHooks extends Omit<ControlHooks, 'onTorch'> {
  readonly editor: TextEditor;
  /** What the element says has failed. */
  readonly getError: () => FingerspellError | null;
  readonly onSquareMove: () => void;
  readonly onSquareDone: (region: RegionRect | null) => void;
}

/** Everything that the element shows, and what of it a reader changes. */
export class Panel {
  readonly picture: Picture;
  readonly #getError: () => FingerspellError | null;
  readonly element: HTMLElement;
  readonly #texts: ElementTexts;
  readonly #answer: Answer;
  readonly #controls: Controls;
  readonly #writing: TextPanel;
  #reader: FingerspellReader | null = null;
  #camera: Camera | null = null;
  /** Of the text when a word was last looked for. */
  #length = 0;
  #preview: FingerspellElement['preview'] = 'auto';

  constructor({ editor, getError, onSquareMove, onSquareDone, ...hooks }: PanelHooks, texts: ElementTexts) {
    this.#getError = getError;
    this.#texts = texts;
    this.picture = new Picture({ onMove: onSquareMove, onDone: onSquareDone }, texts);
    this.#answer = new Answer(texts);
    this.#controls = new Controls({ ...hooks, onTorch: (isOn) => void this.#switchTorch(isOn) }, texts);
    this.#writing = new TextPanel(editor, texts);
    this.element = make(
      'div',
      // What is written here is in this language, in whatever page.
      { class: 'root', part: 'root', lang: texts.lang, dir: texts.dir },
      make('div', { class: 'view' }, this.picture.element, this.#controls.element),
      make('div', { class: 'side' }, this.#answer.element, this.#writing.element),
      this.#writing.announcer,
    );
    this.#showStatus();
  }

  /** Shows this reader until `signal` fires. */
  follow(reader: FingerspellReader, signal: AbortSignal): void {
    const on = <Type extends Parameters<FingerspellReader['addEventListener']>[0]>(
      type: Type,
      listener: (event: Event) => void,
    ) => reader.addEventListener(type, listener, { signal });
    this.#reader = reader;
    this.#length = 0;
    on('statuschange', () => this.#showStatus());
    on('error', () => this.picture.notice.show(this.#getError()));
    reader.addEventListener('text', ({ detail }) => this.#announceWord(detail.text), { signal });
    on('text', () => this.#showText());
    reader.addEventListener('prediction', ({ detail }) => this.#showResult(detail), { signal });
    reader.addEventListener('letter', ({ detail }) => this.#writing.announce(detail.letter.toUpperCase()), { signal });
    signal.addEventListener('abort', () => {
      this.#reader = null;
      this.#showStatus();
      this.#showText();
    });
    this.#watchDevices(reader, signal);
    this.#showStatus();
    this.#showText();
  }

  setSettings(threshold: number, preview: FingerspellElement['preview']): void {
    this.#answer.setThreshold(threshold);
    this.#preview = preview;
    this.#showMirrored();
  }

  showProgress({ loaded, total }: LoadProgress): void {
    if (this.#reader?.status !== 'loading') return;
    const { loading, waiting } = this.#texts;
    this.picture.setMode('empty', loaded < total ? `${loading} ${percent(loaded / total)}` : waiting);
  }

  #showStatus(): void {
    const status = this.#reader?.status ?? 'idle';
    const reason = this.#reader?.pauseReason ?? null;
    const texts = this.#texts;
    this.#controls.setStatus(status);
    if (status === 'loading') this.picture.setMode('empty', texts.loading);
    else if (status === 'running') this.picture.setMode('live', '');
    else if (status === 'paused') this.picture.setMode('paused', reason === null ? '' : texts[reason]);
    else {
      // It is not to be seen from here on.
      if (this.picture.square.hasFocus) this.#controls.focus();
      this.picture.setMode('empty', texts.invitation);
    }
    if (status === 'running' || status === 'paused') this.#showCamera();
    if (status !== 'running') this.#answer.clear();
    // A page that is hidden is not looked at.
    if (reason === 'muted') this.#writing.announce(texts.muted);
    this.picture.notice.show(this.#getError());
  }

  #showCamera(): void {
    const camera = this.#reader?.camera ?? null;
    this.#showMirrored();
    // Another camera's lamp is out; the same one keeps its lamp through a pause.
    if (camera !== this.#camera) this.#controls.setTorch(camera?.hasTorch ? false : null);
    this.#camera = camera;
    void this.#controls.updateCameras(camera?.deviceId ?? null);
    this.#showText();
  }

  #showMirrored(): void {
    const facesAway = this.#reader?.camera?.facingMode === 'environment';
    this.picture.setMirrored(this.#preview === 'auto' ? !facesAway : this.#preview === 'mirrored');
  }

  #showResult(result: Parameters<Answer['show']>[0]): void {
    // What was set up wrongly is still so.
    if (this.picture.notice.code !== 'invalid-option') this.picture.notice.show(null);
    this.#answer.show(result, this.#reader?.speller?.candidate?.progress ?? 0);
    this.picture.showResult(result, this.picture.square.region === 'hand');
  }

  #showText(): void {
    const reader = this.#reader;
    this.#writing.show(reader?.text ?? '', reader?.suggestions ?? [], reader?.recognizer?.labels ?? null);
  }

  /** The words themselves: a screen reader that heard the letters hears what they make. */
  #announceWord(text: string): void {
    if (text.endsWith(' ') && text.length > this.#length) this.#writing.announce(text.trim().split(' ').at(-1) ?? '');
    this.#length = text.length;
  }

  async #switchTorch(isOn: boolean): Promise<void> {
    const camera = this.#reader?.camera;
    // A lamp that does not obey shows by itself that it did not.
    const hasWorked = await camera?.setTorch(isOn).then(
      () => true,
      () => false,
    );
    if (hasWorked) this.#controls.setTorch(isOn);
  }

  #watchDevices(reader: FingerspellReader, signal: AbortSignal): void {
    try {
      signal.addEventListener(
        'abort',
        watchCameras(() => void this.#controls.updateCameras(reader.camera?.deviceId ?? null)),
      );
    } catch {
      // A page that cannot use a camera says so when it is started.
    }
  }
}
