import type { Classification, Region } from '../../src/types';
import { make, setText } from './dom';
import { Notice } from './notice';
import { Skeleton } from './skeleton';
import { asShown } from './square';
import { placeBox, SquareControl, type SquareHooks } from './square-control';
import type { ElementTexts } from './texts';

/** What lies over the picture: nothing while it is read, a word while it is not. */
export type PictureMode = 'empty' | 'live' | 'paused';

/** The camera's picture with the square that is read and the joints that were found. */
export class Picture {
  readonly video = make('video', { part: 'video' });
  readonly notice: Notice;
  readonly square: SquareControl;
  readonly element: HTMLElement;
  readonly #joints = make('canvas', { class: 'joints', part: 'joints', 'aria-hidden': 'true' });
  readonly #skeleton = new Skeleton(this.#joints);
  readonly #followed = make('div', { class: 'followed', part: 'followed', 'aria-hidden': 'true', hidden: '' });
  readonly #words = make('p', { class: 'words', part: 'cover' });
  #isMirrored = false;

  constructor(hooks: SquareHooks, texts: ElementTexts) {
    this.notice = new Notice(texts);
    this.square = new SquareControl(hooks, texts);
    this.video.setAttribute('aria-label', texts.picture);
    this.element = make(
      'div',
      { class: 'stage', part: 'picture', 'data-mode': 'empty' },
      this.video,
      this.#joints,
      this.square.element,
      this.#followed,
      this.#words,
      this.notice.element,
    );
    // A phone that is turned turns its camera picture too.
    this.video.addEventListener('resize', () => this.#fit());
  }

  /** `words` say why there is no picture, or that it stands still. */
  setMode(mode: PictureMode, words: string): void {
    this.element.dataset['mode'] = mode;
    setText(this.#words, words);
    this.#words.hidden = words === '';
    if (mode === 'empty') {
      this.#skeleton.show(null, false);
      this.#followed.hidden = true;
    }
    this.#fit();
  }

  /** People know themselves mirrored. The frames that are read are not. */
  setMirrored(isMirrored: boolean): void {
    this.#isMirrored = isMirrored;
    this.element.classList.toggle('mirrored', isMirrored);
    this.#fit();
  }

  /** Where to read: shown as a square that can be moved, unless it is the whole frame or follows the hand. */
  setRegion(region: Region | null): void {
    this.square.setRegion(region);
    this.square.element.hidden = region === 'full' || region === 'hand';
    if (region !== 'hand') this.#followed.hidden = true;
  }

  /** Draws what was seen. */
  showResult({ hand, region }: Classification, isFollowing: boolean): void {
    this.#skeleton.show(hand, this.#isMirrored);
    this.#followed.hidden = !isFollowing || hand === null;
    if (isFollowing) placeBox(this.#followed, asShown(region, this.#isMirrored));
  }

  #fit(): void {
    const { videoWidth: width, videoHeight: height } = this.video;
    // In documents without media, as those of test runners are, a video has no size at all.
    if (!(width > 0)) return;
    this.element.style.setProperty('--aspect', String(width / height));
    this.square.setPicture({ width, height }, this.#isMirrored);
  }
}
