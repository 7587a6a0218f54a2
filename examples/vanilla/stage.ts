import type { Classification } from 'asl-fingerspell';
import { byId } from './dom';
import { Skeleton } from './skeleton';
import type { Size } from './square';
import { placeBox } from './square-control';

/** The longer side at which a picture is shown, px: a photograph's own size would only cost memory. */
const MAX_SIDE = 1600;

export type StageMode = 'empty' | 'camera' | 'still';

/** Where the picture is: the camera's or one from a file, with what was seen drawn over it. */
export class Stage {
  readonly video = byId<HTMLVideoElement>('video');
  readonly #element = byId('stage');
  readonly #still = byId<HTMLCanvasElement>('still');
  readonly #followed = byId('followed');
  readonly #skeleton = new Skeleton(byId<HTMLCanvasElement>('joints'));
  readonly #onPicture: (size: Size, isMirrored: boolean) => void;
  #mode: StageMode = 'empty';
  #isMirrored = false;

  /** @param onPicture - told of the shape of each new picture */
  constructor(onPicture: (size: Size, isMirrored: boolean) => void) {
    this.#onPicture = onPicture;
    // A phone that is turned turns its camera picture too.
    this.video.addEventListener('resize', () => {
      if (this.#mode === 'camera') this.showCamera(this.#isMirrored);
    });
  }

  showNothing(): void {
    this.#setMode('empty');
    this.#skeleton.show(null, false, false);
    this.#followed.hidden = true;
  }

  /** Shows the camera; people know themselves mirrored. */
  showCamera(isMirrored: boolean): void {
    const { videoWidth: width, videoHeight: height } = this.video;
    this.#isMirrored = isMirrored;
    this.video.classList.toggle('mirrored', isMirrored);
    this.#setMode('camera');
    if (width > 0) this.#setSize({ width, height });
  }

  showStill(picture: ImageBitmap): void {
    const scale = Math.min(1, MAX_SIDE / Math.max(picture.width, picture.height));
    const size = { width: Math.round(picture.width * scale), height: Math.round(picture.height * scale) };
    Object.assign(this.#still, size);
    const context = this.#still.getContext('2d');
    if (context) context.imageSmoothingQuality = 'high';
    context?.drawImage(picture, 0, 0, size.width, size.height);
    this.#isMirrored = false;
    this.#setMode('still');
    this.#setSize(size);
  }

  /** Draws what was seen. */
  showResult({ hand, region }: Classification, options: { hasJoints: boolean; isFollowing: boolean }): void {
    const { hasJoints, isFollowing } = options;
    this.#skeleton.show(hasJoints ? hand : null, this.#isMirrored, this.#mode === 'camera');
    this.#element.dataset['following'] = String(isFollowing);
    this.#followed.hidden = !isFollowing || hand === null;
    const x = this.#isMirrored ? 1 - region.x - region.width : region.x;
    placeBox(this.#followed, { ...region, x });
  }

  #setMode(mode: StageMode): void {
    this.#mode = mode;
    this.#element.dataset['mode'] = mode;
  }

  #setSize(size: Size): void {
    this.#element.style.setProperty('--aspect', String(size.width / size.height));
    this.#onPicture(size, this.#isMirrored);
  }
}
