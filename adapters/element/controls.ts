import { type CameraInfo, listCameras } from '../../src/camera/devices';
import type { ReaderStatus } from '../../src/camera/reader-events';
import { make, setText } from './dom';
import type { ElementTexts } from './texts';

/** What the buttons below the picture do. */
export interface ControlHooks {
  readonly onStart: () => void;
  readonly onStop: () => void;
  readonly onCamera: (deviceId: string) => void;
  readonly onTorch: (isOn: boolean) => void;
}

/** Start and stop, the choice of the camera, and its lamp. */
export class Controls {
  readonly #texts: ElementTexts;
  readonly #toggle = make('button', { type: 'button', class: 'primary', part: 'button start' });
  readonly #cameras = make('select', { part: 'select' });
  readonly #choiceName = make('span');
  readonly #choice = make('label', { class: 'choice', part: 'camera' }, this.#choiceName, this.#cameras);
  readonly #torch = make('button', { type: 'button', class: 'torch', part: 'button torch', 'aria-pressed': 'false' });
  readonly element = make('div', { class: 'controls', part: 'controls' }, this.#toggle, this.#choice, this.#torch);
  #isOn = false;

  constructor(hooks: ControlHooks, texts: ElementTexts) {
    this.#texts = texts;
    this.#choiceName.textContent = texts.camera;
    this.#toggle.addEventListener('click', () => (this.#isOn ? hooks.onStop() : hooks.onStart()));
    this.#cameras.addEventListener('change', () => hooks.onCamera(this.#cameras.value));
    this.#torch.textContent = texts.torch;
    this.#torch.addEventListener('click', () => hooks.onTorch(this.#torch.getAttribute('aria-pressed') !== 'true'));
    this.#choice.hidden = true;
    this.setStatus('idle');
    this.setTorch(null);
  }

  focus(): void {
    this.#toggle.focus();
  }

  setStatus(status: ReaderStatus): void {
    this.#isOn = isOn(status);
    setText(this.#toggle, this.#isOn ? this.#texts.stop : this.#texts.start);
    this.#toggle.classList.toggle('on', this.#isOn);
  }

  /** `null`: the camera has no lamp. */
  setTorch(isOn: boolean | null): void {
    this.#torch.hidden = isOn === null;
    this.#torch.setAttribute('aria-pressed', String(isOn === true));
  }

  /** There is a choice only with two cameras or more; before permission they have no names to choose by. */
  async updateCameras(current: string | null): Promise<void> {
    const cameras: readonly CameraInfo[] = await listCameras().catch(() => []);
    const named = cameras.filter(({ deviceId }) => deviceId !== '');
    const wanted = current ?? this.#cameras.value;
    this.#cameras.replaceChildren(...named.map(({ deviceId, label }) => make('option', { value: deviceId }, label)));
    if (named.some(({ deviceId }) => deviceId === wanted)) this.#cameras.value = wanted;
    this.#choice.hidden = named.length < 2;
  }
}

/** Whether a reader of this status has been started and has not ended. */
export function isOn(status: ReaderStatus): boolean {
  return status === 'loading' || status === 'running' || status === 'paused';
}
