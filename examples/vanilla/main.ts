import type { Classification, FingerspellRecognizer } from 'asl-fingerspell';
import type { FingerspellReader } from 'asl-fingerspell/dom';
import { Answer } from './answer';
import { byId, percent, setText } from './dom';
import { Live } from './live';
import { Loader } from './loader';
import { Meter } from './meter';
import { hideNotice, showNotice } from './notice';
import { keepForOffline } from './offline';
import { takePictures } from './pictures';
import { SquareControl } from './square-control';
import { Stage } from './stage';
import { Still } from './still';
import { TextLine } from './text-line';

/** How long a file that cannot be opened is told of: the camera may go on behind it. */
const FAILURE_MS = 8000;

const threshold = byId<HTMLInputElement>('threshold');
const showJoints = byId<HTMLInputElement>('show-joints');
const follow = byId<HTMLInputElement>('follow');

const answer = new Answer();
const textLine = new TextLine();
const meter = new Meter();
const loader = new Loader((share) => {
  const text = share < 1 ? `Getting the reader ready … ${percent(share)}` : 'Start the camera, or open a picture.';
  setText(byId('loading'), text);
});

const square = new SquareControl(() => applyOptions());
const stage = new Stage((size, isMirrored) => square.setPicture(size, isMirrored));
const still = new Still({ getRecognizer: loader.get, getOptions, onResult: onStillResult, onError: onError });
const live = new Live(stage.video, {
  getRecognizer: loader.get,
  getOptions,
  onReader,
  onStarting: () => {
    hideNotice();
    still.set(null);
    stage.showNothing();
    answer.clear('Waiting for the camera');
  },
  onRunning: (isMirrored) => {
    hideNotice();
    stage.showCamera(isMirrored);
    meter.clear();
  },
  onStopped: reset,
  onPrediction: (result, reader) => {
    show(result, reader.recognizer, reader.speller?.candidate?.progress ?? 0, true);
  },
  onError: (error) => {
    reset();
    onError(error);
  },
});

takePictures({
  onPicture: (picture) => {
    live.stop();
    hideNotice();
    stage.showStill(picture);
    still.set(picture);
    answer.clear('Reading …');
  },
  onFailure: (error) => showNotice(error, 'That could not be opened', FAILURE_MS),
});

for (const input of [threshold, follow, showJoints]) input.addEventListener('input', applyOptions);
applyOptions();
// The model comes while the visitor looks around, so that the camera starts at once.
loader.get().then(keepForOffline, onError);

function getOptions() {
  return {
    threshold: Number(threshold.value) / 100,
    region: follow.checked ? ('hand' as const) : square.region,
  };
}

function applyOptions(): void {
  const share = Number(threshold.value) / 100;
  setText(byId('threshold-value'), percent(share));
  answer.setThreshold(share);
  byId('stage').dataset['following'] = String(follow.checked);
  live.applyOptions();
  still.refresh();
}

function onReader(reader: FingerspellReader): void {
  textLine.connect(reader);
  reader.addEventListener('letter', () => answer.celebrate());
}

async function onStillResult(result: Classification): Promise<void> {
  show(result, await loader.get(), result.letter === null ? 0 : 1, false);
  textLine.announce(byId('verdict').textContent ?? '');
}

function show(
  result: Classification,
  recognizer: FingerspellRecognizer | null,
  progress: number,
  isStream: boolean,
): void {
  answer.show(result, progress);
  stage.showResult(result, { hasJoints: showJoints.checked, isFollowing: follow.checked });
  if (recognizer !== null) meter.show(recognizer, result, isStream);
}

function reset(): void {
  still.set(null);
  stage.showNothing();
  answer.clear('Nothing read yet');
}

function onError(error: unknown): void {
  showNotice(error);
}
