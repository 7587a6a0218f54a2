import type { Classification, FingerspellRecognizer } from 'asl-fingerspell';
import { FingerspellReader, type LiveReaderOptions, listCameras } from 'asl-fingerspell/dom';
import { byId, setText } from './dom';
import { WORDS } from './words';

/** What the page does with a running camera. */
export interface LiveHandlers {
  /** Gives the recogniser, loading it if need be. */
  readonly getRecognizer: () => Promise<FingerspellRecognizer>;
  readonly getOptions: () => LiveReaderOptions;
  /** The reader is made once, at the first start. */
  readonly onReader: (reader: FingerspellReader) => void;
  readonly onStarting: () => void;
  readonly onRunning: (isMirrored: boolean) => void;
  readonly onStopped: () => void;
  readonly onPrediction: (result: Classification, reader: FingerspellReader) => void;
  readonly onError: (error: unknown) => void;
}

/** The camera, its button and its list of cameras. */
export class Live {
  readonly #video: HTMLVideoElement;
  readonly #handlers: LiveHandlers;
  readonly #button = byId<HTMLButtonElement>('toggle');
  readonly #cameras = byId<HTMLSelectElement>('cameras');
  #reader: FingerspellReader | null = null;
  #isWanted = false;

  constructor(video: HTMLVideoElement, handlers: LiveHandlers) {
    this.#video = video;
    this.#handlers = handlers;
    this.#button.addEventListener('click', () => (this.#isWanted ? this.stop() : void this.start()));
    this.#cameras.addEventListener('change', () => this.#chooseCamera());
    navigator.mediaDevices?.addEventListener('devicechange', () => void this.#listCameras());
  }

  async start(): Promise<void> {
    this.#setWanted(true);
    this.#handlers.onStarting();
    setText(this.#button, 'Starting …');
    try {
      const recognizer = await this.#handlers.getRecognizer();
      // Not before: two starts may wait for it.
      this.#reader ??= this.#makeReader(recognizer);
      this.applyOptions();
      if (this.#isWanted) await this.#reader.start();
    } catch (error) {
      this.#setWanted(false);
      this.#handlers.onError(error);
    }
  }

  stop(): void {
    this.#setWanted(false);
    this.#reader?.stop();
    this.#handlers.onStopped();
  }

  /** The options have changed. */
  applyOptions(): void {
    this.#reader?.setOptions(this.#handlers.getOptions());
  }

  #makeReader(recognizer: FingerspellRecognizer): FingerspellReader {
    const reader = new FingerspellReader(this.#video, { recognizer, camera: {}, speller: { words: WORDS } });
    reader.addEventListener('prediction', ({ detail }) => this.#handlers.onPrediction(detail, reader));
    reader.addEventListener('error', ({ detail }) => {
      // A camera that was chosen and is gone is not asked for again.
      if (detail.code === 'camera-lost' || detail.code === 'camera-missing') reader.setOptions({ camera: {} });
      this.#handlers.onError(detail);
    });
    reader.addEventListener('statuschange', ({ detail }) => {
      if (detail.status === 'error') this.#setWanted(false);
      if (detail.status === 'running') this.#onRunning(reader);
    });
    this.#handlers.onReader(reader);
    return reader;
  }

  #onRunning(reader: FingerspellReader): void {
    this.#setWanted(true);
    this.#handlers.onRunning(reader.camera?.facingMode !== 'environment');
    void this.#listCameras();
  }

  #setWanted(isWanted: boolean): void {
    this.#isWanted = isWanted;
    this.#button.classList.toggle('on', isWanted);
    setText(this.#button, isWanted ? 'Stop camera' : 'Start camera');
  }

  #chooseCamera(): void {
    this.#reader?.setOptions({ camera: { deviceId: this.#cameras.value } });
  }

  /** There is a choice only with two cameras or more; before permission their names are unknown. */
  async #listCameras(): Promise<void> {
    if (this.#reader === null) return;
    const cameras = await listCameras().catch(() => []);
    const current = this.#reader.camera?.deviceId ?? this.#cameras.value;
    this.#cameras.replaceChildren(...cameras.map(({ label, deviceId }) => new Option(label, deviceId)));
    if (cameras.some(({ deviceId }) => deviceId === current)) this.#cameras.value = current;
    byId('camera-choice').hidden = cameras.length < 2;
  }
}
