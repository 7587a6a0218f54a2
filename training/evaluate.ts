// Evaluates a model folder through the published library, in Node.
//
//   npm run evaluate -- [DIR] [--model URL] [--split dev] [--quick] [--out FILE]
//
// DIR is a folder in the data layout (training/README.md); ../shared/data unless given. A split is one of the
// manifest's, or `all`; unless given it is dev, else what is not train, else all. Squares are those of
// training/evaluate.py: 1.5 times the hand's box. --quick leaves out all other squares and second looks. Without any
// option the figures are those of the shipped model, and go to training/results/; others are kept where --out says, with
// the confusion matrix and the reliability diagram as pictures beside them.
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { FingerspellRecognizer } from 'asl-fingerspell';
import type { Classification, PixelData } from '../src/types';
import * as data from './evaluation/data';
import { confusionDiagram, reliabilityDiagram } from './evaluation/diagrams';
import * as metrics from './evaluation/metrics';
import { farScene, withoutHand } from './evaluation/scenes';

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    model: { type: 'string' },
    split: { type: 'string' },
    quick: { type: 'boolean', default: false },
    out: { type: 'string' },
  },
});

/** Crops that users make: a third larger, a third smaller, moved by an eighth each way. */
const OTHER_CROPS = {
  larger: [1.33, 0, 0],
  smaller: [1 / 1.33, 0, 0],
  left: [1, -0.125, 0],
  right: [1, 0.125, 0],
  up: [1, 0, -0.125],
  down: [1, 0, 0.125],
} as const;

// Pictures of the second collection are cut to a square around the hand, or larger: the camera's whole frame.
const MAX_CUT_SIDE = 224;

/** Labels of pictures in which there is no letter to read; `any` may show one. */
const NO_LETTERS: readonly string[] = ['none', 'other', 'any'];

type View =
  | ('standard' | 'mirrored' | 'two looks' | keyof typeof OTHER_CROPS)
  | ('loose' | 'loose, two looks' | 'loose, dark or bright')
  | ('frame, one look' | 'frame, two looks' | 'far in a larger frame');

const recognizer = await FingerspellRecognizer.load({ model: options.model, backend: 'wasm' });
const folder = positionals[0] ?? '../shared/data';
const { split, pictures, trainedOn } = data.readPictures(folder, options.split ?? null);
const letters = pictures.filter(({ letter }) => !NO_LETTERS.includes(letter));
const known = letters.filter(({ letter }) => recognizer.labels.includes(letter));
if (!known.some(({ box }) => box)) {
  const labels = recognizer.labels.join(' ');
  throw new Error(`${folder} has no picture of a letter of this model (${labels}) whose hand is known.`);
}
/** Letters whose hand the landmark network did not find, and that nobody framed: there is no square to read. */
const withoutAHandFound = known.filter(({ box }) => !box).length;
/** How many pictures there are of each letter that the model does not know. */
const lettersNotRead: Record<string, number> = {};
for (const { letter } of letters) {
  if (!recognizer.labels.includes(letter)) lettersNotRead[letter] = (lettersNotRead[letter] ?? 0) + 1;
}
const backgrounds = pictures.filter(({ letter }) => letter === 'none');
const readings = new Map<View, metrics.Reading[]>();
const noHand: Classification[] = [];
const others: Classification[] = [];
/** Pictures without a hand, and whole frames whose hand is covered, in which a hand is looked for everywhere. */
const searched: Classification[] = [];
const jointErrors: number[] = [];
let letterCount = 0;
let frameCount = 0;

for (const [i, picture] of pictures.entries()) {
  if (process.stderr.isTTY) process.stderr.write(`\r${i + 1} of ${pictures.length}`);
  const image = data.decodePicture(picture.path);
  const square = data.standardSquare(picture, image);
  if (picture.letter === 'none') {
    noHand.push(await recognizer.classify(image));
    if (!options.quick) searched.push(await recognizer.classify(image, { region: 'hand' }));
  }
  if (picture.letter === 'other' && picture.box) others.push(await recognizer.classify(data.cut(image, square)));
  if (recognizer.labels.includes(picture.letter) && picture.box) await readLetter(picture, image, square);
}
if (process.stderr.isTTY) process.stderr.write('\r');
recognizer.dispose();

const report = summarize();
print(report);
const isShipped = positionals.length === 0 && !options.model && !options.quick && split === 'dev';
const out = options.out ?? (isShipped ? 'training/results/evaluation.json' : null);
if (out) {
  mkdirSync(path.dirname(out), { recursive: true });
  writeFileSync(out, `${JSON.stringify(report, null, 1)}\n`);
  // Those of the shipped model are drawn with the documents.
  const { dir, name } = path.parse(out);
  if (options.out) {
    writeFileSync(path.join(dir, `${name}-confusion.svg`), confusionDiagram(report));
    writeFileSync(path.join(dir, `${name}-reliability.svg`), reliabilityDiagram(report));
  }
} else {
  console.log('--out FILE keeps these figures.');
}

async function readLetter(picture: data.Picture, image: PixelData, square: data.Square): Promise<void> {
  const standard = data.cut(image, square);
  const result = await recognizer.classify(standard);
  note('standard', picture, result);
  if (picture.joints && result.hand) jointErrors.push(jointError(picture, result.hand.joints, image, square));
  if (options.quick) return;
  note('mirrored', picture, await recognizer.classify(standard, { mirror: true }));
  note('two looks', picture, await recognizer.classify(standard, { region: 'hand' }));
  for (const [name, [times, dx, dy]] of Object.entries(OTHER_CROPS)) {
    const crop = data.cut(image, data.changeSquare(square, times, dx, dy));
    note(name as View, picture, await recognizer.classify(crop));
  }
  const loose = data.looseView(square, image, letterCount++);
  const crop = data.cut(image, loose.square);
  note('loose', picture, await recognizer.classify(crop));
  note('loose, two looks', picture, await recognizer.classify(crop, { region: 'hand' }));
  note('loose, dark or bright', picture, await recognizer.classify(data.expose(crop, loose.gain)));
  const { width, height } = image;
  const isFrame = picture.isBoxed && Math.max(width, height) > MAX_CUT_SIDE && width !== height;
  if (!isFrame) return;
  note('frame, one look', picture, await recognizer.classify(data.cut(image, data.paddedSquare(image))));
  note('frame, two looks', picture, await recognizer.classify(image, { region: 'hand' }));
  const background = backgrounds[frameCount % backgrounds.length];
  if (!background || !picture.box) return;
  const around = data.decodePicture(background.path);
  const far = farScene(image, picture.box, around, frameCount++);
  note('far in a larger frame', picture, await recognizer.classify(far, { region: 'hand' }));
  searched.push(await recognizer.classify(withoutHand(image, picture.box, around), { region: 'hand' }));
}

function note(view: View, { letter, signer }: data.Picture, result: Classification): void {
  readings.set(view, [...(readings.get(view) ?? []), { letter, signer, result }]);
}

/** Mean distance of the joints found from the landmark network's, over the longer side of the hand's box. */
function jointError(
  picture: data.Picture,
  found: readonly { readonly x: number; readonly y: number }[],
  image: PixelData,
  square: data.Square,
): number {
  const truth = picture.joints ?? [];
  const sum = truth.reduce((total, joint, i) => {
    const dx = (found[i]?.x ?? 0) * square.side + square.x - joint.x * image.width;
    const dy = (found[i]?.y ?? 0) * square.side + square.y - joint.y * image.height;
    return total + Math.hypot(dx, dy);
  }, 0);
  return sum / truth.length / (square.side / 1.5);
}

/** `null` where no joints are known, or the model gives none. */
function meanJointError(): number | null {
  if (jointErrors.length === 0) return null;
  return metrics.round(jointErrors.reduce((a, b) => a + b, 0) / jointErrors.length);
}

function summarize() {
  const standard = readings.get('standard') ?? [];
  const top1 = (view: View): number | null => {
    const own = readings.get(view);
    return own ? metrics.accuracy(own).top1 : null;
  };
  const signers = new Set(standard.map(({ signer }) => signer));
  const strangers = standard.filter(({ signer }) => !trainedOn.has(signer));
  const given = (results: readonly Classification[]): metrics.Share => metrics.share(results, (r) => r.letter !== null);
  return {
    split,
    ...metrics.accuracy(standard),
    alsoInTrain: [...signers].filter((signer) => trainedOn.has(signer)).sort(),
    strangers: { ...metrics.accuracy(strangers), byLetter: metrics.accuracyBy(strangers, 'letter') },
    bySigner: metrics.accuracyBy(standard, 'signer'),
    byLetter: metrics.accuracyBy(standard, 'letter'),
    ...(withoutAHandFound > 0 && { withoutAHandFound }),
    ...(Object.keys(lettersNotRead).length > 0 && { lettersNotRead }),
    jointErrorHandSizes: meanJointError(),
    atThreshold: metrics.answers(standard),
    calibration: metrics.calibration(standard),
    lettersOnNoHand: given(noHand),
    ...(searched.length > 0 && { lettersOnNoHandSearched: given(searched) }),
    lettersOnOtherHands: given(others),
    views: Object.fromEntries(
      [...readings.keys()].map((view) => [view, { top1: top1(view), pictures: readings.get(view)?.length }]),
    ),
    labels: recognizer.labels,
    confusion: metrics.confusionRates(standard, recognizer.labels),
  };
}

function print(report: ReturnType<typeof summarize>): void {
  const percent = (rate: number): string => (Number.isNaN(rate) ? '–' : `${(rate * 100).toFixed(1)} %`);
  console.log(
    `${folder}, ${report.split}: ${report.pictures} pictures, top-1 ${percent(report.top1)}, top-5 ${percent(report.top5)}`,
  );
  if (report.alsoInTrain.length > 0) {
    const { top1, pictures: count } = report.strangers;
    console.log(
      `${report.alsoInTrain.join(', ')} in train, too; the others: ${count} pictures, top-1 ${percent(top1)}`,
    );
  }
  console.table(report.bySigner);
  console.table(report.byLetter);
  console.table(report.views);
  console.log(
    `answered at the threshold ${percent(report.atThreshold.answered)}, right ${percent(report.atThreshold.right)}`,
  );
  const error = report.jointErrorHandSizes;
  const joints = error === null ? 'joints not judged' : `joints off by ${error} hand sizes`;
  console.log(`expected calibration error ${report.calibration.error}, ${joints}`);
  if (withoutAHandFound > 0) console.log(`not read, since no hand was found in them: ${withoutAHandFound}`);
  const notRead = Object.entries(lettersNotRead).map(([letter, count]) => `${letter} ${count}`);
  if (notRead.length > 0) console.log(`not read, since the model does not know these letters: ${notRead.join(', ')}`);
  console.log(`letters given without a hand ${percent(report.lettersOnNoHand.rate)} of ${report.lettersOnNoHand.of}`);
  if (report.lettersOnNoHandSearched) {
    const { rate, of } = report.lettersOnNoHandSearched;
    console.log(`… looked for in the whole picture ${percent(rate)} of ${of}`);
  }
  console.log(
    `letters given to other hands ${percent(report.lettersOnOtherHands.rate)} of ${report.lettersOnOtherHands.of}`,
  );
}
