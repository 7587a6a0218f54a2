import { meanOfPeople, percent, type Results, table } from './results';

/** The figures of README.md, between its markers. */
export function readmeFigures({ evaluation, latency, size, steady, weightBytes }: Results): string {
  const worst = Object.entries(evaluation.strangers.byLetter)
    .sort(([, a], [, b]) => a.top1 - b.top1)
    .slice(0, 4)
    .map(([letter, { top1 }]) => `${letter} ${percent(top1)}`);
  const people = Object.entries(evaluation.bySigner).filter(([name]) => !evaluation.alsoInTrain.includes(name));
  const place = (name: 'node' | 'chromium'): string =>
    `${latency[name].ours.median.toFixed(1)} ms a frame, first letter ${Math.round(latency[name].firstResultMs)} ms ` +
    `after calling \`load()\`; the tutorial's own way with the same weights: ${latency[name].tutorial.median.toFixed(1)} ms`;
  const rows: [string, string][] = [
    [
      `${evaluation.strangers.pictures} pictures of ${people.length} people never trained on`,
      `top-1 ${percent(evaluation.strangers.top1)}, top-5 ${percent(evaluation.strangers.top5)}`,
    ],
    ['nine of them, one webcam each, mean over people', `top-1 ${percent(meanOfPeople(evaluation, 'top1'))}`],
    ['the one it reads worst', `top-1 ${percent(Math.min(...people.map(([, { top1 }]) => top1)))}`],
    ['weakest letters', worst.join(', ')],
    [
      `at the threshold of 0.7 (${evaluation.pictures} pictures; the training has seen two of the people in others)`,
      `${percent(evaluation.atThreshold.answered)} of the frames answered, ` +
        `${percent(evaluation.atThreshold.right)} of the answers right`,
    ],
    [
      "whole frames, the hand 0.1 to 0.3 of their height, anywhere (`region: 'hand'`)",
      `top-1 ${percent(evaluation.views['far in a larger frame']?.top1 ?? Number.NaN)}`,
    ],
    [
      'letters given where there is no hand',
      `${percent(evaluation.lettersOnNoHand.rate)} of ${evaluation.lettersOnNoHand.of} pictures`,
    ],
    ['WebAssembly in Chromium, 640×480 video', place('chromium')],
    ['WebAssembly in Node, 640×480 pixels', place('node')],
    [
      `the same page for ${steady.seconds} s`,
      `${Math.floor(steady.fullSpeed.perSecond)} frames a second, ${steady.fullSpeed.longTasks.length || 'no'} tasks above ` +
        `50 ms; in a worker at ${Math.round(steady.worker.perSecond)} frames a second, the ` +
        `page's own thread spends ${steady.worker.mainThreadMsAFrame.toFixed(1)} ms a frame`,
    ],
    [
      'in a worker, with the CPU throttled to a quarter of its speed',
      `${Math.round(steady.throttledWorker.perSecond)} of the 30 frames a second that the camera gives`,
    ],
    [
      'what a page fetches to read on WebAssembly',
      `${Math.round(size['scripts of a page that classifies on WASM, gzip'] / 1e3)} kB of scripts (gzip), ` +
        `${(weightBytes / 1e6).toFixed(2)} MB of weights`,
    ],
  ];
  return [
    table(['what', 'measured'], rows),
    '',
    `Times: medians on ${latency.machine.cores} cores (${latency.machine.cpu}). Measured by \`npm run evaluate\`, ` +
      '`npm run bench` and `npm run bench:steady`; a test holds this table to their recorded results.',
  ].join('\n');
}
