import { readFileSync, statSync } from 'node:fs';
import type { CurvePoint } from '../../training/evaluation/diagrams';
import type { Share } from '../../training/evaluation/metrics';

interface Accuracy {
  readonly top1: number;
  readonly top5: number;
  readonly pictures: number;
}

/** What `npm run evaluate` recorded. */
export interface Evaluation extends Accuracy {
  /** People of whom the training had other pictures; and what was read of all the others. */
  readonly alsoInTrain: readonly string[];
  readonly strangers: Accuracy & { readonly top3: number; readonly byLetter: Readonly<Record<string, Accuracy>> };
  readonly top3: number;
  readonly bySigner: Readonly<Record<string, Accuracy>>;
  readonly byLetter: Readonly<Record<string, Accuracy>>;
  readonly jointErrorHandSizes: number;
  readonly atThreshold: { readonly answered: number; readonly right: number };
  readonly calibration: {
    readonly error: number;
    readonly bins: readonly { readonly confidence: number; readonly accuracy: number; readonly pictures: number }[];
  };
  readonly lettersOnNoHand: Share;
  readonly lettersOnNoHandSearched: Share;
  readonly lettersOnOtherHands: Share;
  readonly views: Readonly<Record<string, { readonly top1: number; readonly pictures: number }>>;
  readonly labels: readonly string[];
  readonly confusion: readonly (readonly number[])[];
}

interface Spread {
  readonly median: number;
  readonly p25: number;
  readonly p75: number;
}

interface Place {
  readonly firstResultMs: number;
  readonly ours: Spread;
  readonly inference: Spread;
  readonly tutorial: Spread;
}

/** What `npm run bench` recorded. */
export interface Latency {
  readonly machine: { readonly cpu: string; readonly cores: number; readonly node: string };
  readonly node: Place;
  readonly chromium: Place;
}

/** What `npm run bench:steady` recorded. */
export interface Steady {
  readonly seconds: number;
  readonly fullSpeed: { readonly perSecond: number; readonly longTasks: readonly number[] };
  readonly worker: { readonly perSecond: number; readonly mainThreadMsAFrame: number };
  readonly throttledWorker: { readonly perSecond: number };
  readonly memory: {
    readonly frames: number;
    readonly heapBytesAFrame: { readonly slope: number; readonly standardError: number };
  };
}

/** What the exporter wrote beside the weights. */
export interface ShippedMetadata {
  readonly training_run: string;
  readonly samples: number;
  readonly image_size: number;
  readonly temperature: number;
}

/** Figures over people that were left out of training (training/crossval.py, training/joints_mlp.py). */
export interface LeftOut {
  readonly pictures: number;
  readonly top1: number;
  readonly top5: number;
  readonly mean_over_people: number;
  readonly worst_tenth: number;
  readonly by_signer: Readonly<Record<string, number>>;
  readonly by_letter: Readonly<Record<string, number>>;
}

/** The tutorial's recipe with the same pictures divided at random and by people (training/tutorial_splits.py). */
export interface TutorialSplits {
  readonly options: { readonly width: number; readonly size: number; readonly epochs: number };
  readonly random: TutorialRun;
  readonly people: TutorialRun;
}

interface TutorialRun {
  readonly train_pictures: number;
  readonly validation_people: readonly string[];
  readonly last: { readonly val_accuracy: number };
  readonly best: { readonly val_accuracy: number };
}

/** Everything that documents quote. */
export interface Results {
  readonly evaluation: Evaluation;
  readonly latency: Latency;
  readonly size: {
    /** Bytes. */
    readonly 'scripts of a page that classifies on WASM, gzip': number;
  };
  readonly steady: Steady;
  readonly metadata: ShippedMetadata;
  readonly parity: {
    readonly maxLogitDifference: number;
    readonly quantizedTop1Agreement: number;
    readonly pictures: number;
  };
  readonly weightBytes: number;
  readonly curve: readonly CurvePoint[];
  readonly crossval: LeftOut & {
    readonly samples: number;
    readonly by_letter_over_people: LeftOut['by_letter'];
  };
  readonly tutorialSplits: TutorialSplits;
  /** Letters from the landmark network's joints alone. */
  readonly jointsOnly: { readonly left_out_people: LeftOut; readonly dev: LeftOut };
}

export function readResults(): Results {
  const read = <T>(file: string): T => JSON.parse(readFileSync(file, 'utf8')) as T;
  return {
    evaluation: read('training/results/evaluation.json'),
    latency: read('bench/results/latency.json'),
    size: read('bench/results/size.json'),
    steady: read('bench/results/steady.json'),
    metadata: read('model/metadata.json'),
    parity: read('training/results/export-parity.json'),
    crossval: read('training/results/crossval.json'),
    tutorialSplits: read('training/results/tutorial-preset.json'),
    jointsOnly: read('training/results/joints-mlp.json'),
    curve: read('bench/results/accuracy-curve.json'),
    weightBytes: statSync('model/group1-shard1of1.bin').size,
  };
}

/** The nine people of the second collection: one person, one webcam each. */
const SECOND_COLLECTION = ['hawk', 'kenn', 'nith', 'rpkw', 'simona', 'soham', 'strac', 'than', 'xwar'] as const;

/** Mean over the people of the second collection, each counted once. */
export function meanOfPeople(evaluation: Evaluation, key: 'top1' | 'top5'): number {
  return mean(ofNine((name) => evaluation.bySigner[name]?.[key]));
}

/** The rate of each person of the second collection. */
export function ofNine(rate: (name: string) => number | undefined): number[] {
  return SECOND_COLLECTION.map((name) => rate(name) ?? Number.NaN);
}

export function mean(values: readonly number[]): number {
  return values.reduce((a, b) => a + b, 0) / values.length;
}

/** 95 % of the normal distribution lies so many standard deviations around its mean. */
const Z = 1.96;

/** The 95 % interval of a share (Wilson 1927): what chance makes of so many pictures. */
export function interval({ rate, of }: Share): readonly [number, number] {
  const middle = rate + Z ** 2 / (2 * of);
  const half = Z * Math.sqrt((rate * (1 - rate)) / of + (Z / (2 * of)) ** 2);
  const whole = 1 + Z ** 2 / of;
  return [Math.max(0, (middle - half) / whole), (middle + half) / whole];
}

/** Mean over people, and half of its 95 % interval: what it owes to which people they are. */
export function meanAndInterval(rates: readonly number[]): { mean: number; half: number } {
  const middle = mean(rates);
  const free = rates.length - 1;
  const variance = rates.reduce((sum, rate) => sum + (rate - middle) ** 2, 0) / free;
  // Student's t from the normal distribution's (Abramowitz and Stegun, 26.7.5).
  const t = Z + (Z ** 3 + Z) / (4 * free) + (5 * Z ** 5 + 16 * Z ** 3 + 3 * Z) / (96 * free ** 2);
  return { mean: middle, half: t * Math.sqrt(variance / rates.length) };
}

/** 0.9337 → "93.4 %"; 100.0 only where none is missing. */
export function percent(rate: number): string {
  return `${(rate < 1 ? Math.min(rate * 100, 99.9) : 100).toFixed(1)} %`;
}

/** A Markdown table. */
export function table(head: readonly string[], rows: readonly (readonly (string | number)[])[]): string {
  const line = (cells: readonly (string | number)[]): string => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}
