/** What the pictures are drawn from: a part of what the evaluation records. */
interface Evaluation {
  readonly pictures: number;
  readonly labels: readonly string[];
  readonly confusion: readonly (readonly number[])[];
  readonly calibration: {
    readonly bins: readonly { readonly confidence: number; readonly accuracy: number; readonly pictures: number }[];
  };
}

/** A trained network on the curve of accuracy against time (bench/curve.ts). */
export interface CurvePoint {
  readonly name: string;
  /** px. */
  readonly inputSize: number;
  readonly weightBytes: number;
  readonly top1: number;
  readonly meanOverPeople: number;
  readonly inferenceMs: { readonly median: number };
}

const FRAME = 'font-family="sans-serif" font-size="11" fill="#333"';

function svg(width: number, height: number, body: readonly string[]): string {
  const head = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" ${FRAME}>`;
  return [head, '<rect width="100%" height="100%" fill="#fff"/>', ...body, '</svg>', ''].join('\n');
}

/** Rows: true letters; columns: letters read; the darker, the larger the share of the row. */
export function confusionDiagram({ labels: names, confusion }: Pick<Evaluation, 'labels' | 'confusion'>): string {
  const labels = names.map(escaped);
  const longest = Math.max(...names.map((name) => name.length));
  const [cell, edge] = [18, 33 + 7 * longest];
  const side = edge + cell * labels.length + 10;
  const heads = labels.flatMap((label, i) => {
    const middle = edge + (i + 0.5) * cell;
    const above =
      longest > 2 // too wide for its column, and upright in it
        ? `<text transform="translate(${middle + 4} ${edge - 6}) rotate(-90)">${label}</text>`
        : `<text x="${middle}" y="${edge - 6}" text-anchor="middle">${label}</text>`;
    return [above, `<text x="${edge - 8}" y="${middle + 4}" text-anchor="end">${label}</text>`];
  });
  const cells = confusion.flatMap((row, i) =>
    row.map((rate, j) => {
      // The square root shows rare confusions too; right readings are blue, wrong ones red.
      const colour = i === j ? '27,108,168' : '200,60,40';
      const place = `x="${edge + j * cell}" y="${edge + i * cell}" width="${cell - 1}" height="${cell - 1}"`;
      const title = `<title>${labels[i]} read as ${labels[j]}: ${(rate * 100).toFixed(1)} %</title>`;
      return rate === 0
        ? `<rect ${place} fill="#f4f4f4"/>`
        : `<rect ${place} fill="rgba(${colour},${Math.sqrt(rate).toFixed(2)})">${title}</rect>`;
    }),
  );
  return svg(side, side, [
    `<text x="${side / 2}" y="14" text-anchor="middle">read as</text>`,
    `<text transform="translate(12 ${side / 2}) rotate(-90)" text-anchor="middle">shown</text>`,
    ...heads,
    ...cells,
  ]);
}

function escaped(label: string): string {
  return label.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
}

/** Share of right letters against confidence; a dot's area is its share of the pictures. */
export function reliabilityDiagram({ calibration, pictures }: Pick<Evaluation, 'calibration' | 'pictures'>): string {
  const ticks = [0, 0.25, 0.5, 0.75, 1];
  const area = { left: 48, top: 20, width: 300, height: 300 };
  const { x, y, axes } = plot(area, [0, 1], [0, 1]);
  const dots = calibration.bins.map((bin) => {
    const radius = Math.max(2, 40 * Math.sqrt(bin.pictures / pictures)).toFixed(1);
    const title = `<title>${bin.pictures} pictures: confidence ${bin.confidence}, right ${bin.accuracy}</title>`;
    return `<circle cx="${x(bin.confidence)}" cy="${y(bin.accuracy)}" r="${radius}" fill="#1b6ca8" fill-opacity="0.55">${title}</circle>`;
  });
  return svg(area.left + area.width + 50, area.top + area.height + 44, [
    ...axes(ticks, ticks, String, 'confidence'),
    `<path d="M${x(0)} ${y(0)}L${x(1)} ${y(1)}" stroke="#999" stroke-dasharray="4 4"/>`,
    ...dots,
    `<text transform="translate(14 ${y(0.5)}) rotate(-90)" text-anchor="middle">share right</text>`,
  ]);
}

/** Time of each network for a picture, the first one's being 1. */
export function relativeTimes(points: readonly CurvePoint[]): number[] {
  const first = points[0]?.inferenceMs.median ?? Number.NaN;
  return points.map(({ inferenceMs }) => inferenceMs.median / first);
}

/** Accuracy of trained networks against the time that each takes for a picture, beside the first one's. */
export function curveDiagram(points: readonly CurvePoint[]): string {
  const times = relativeTimes(points);
  const longest = Math.ceil(Math.max(...times) * 5);
  const lowest = Math.floor(Math.min(...points.map(({ meanOverPeople }) => meanOverPeople)) * 100 - 1);
  const area = { left: 48, top: 16, width: 420, height: 260 };
  const { x, y, axes } = plot(area, [0, longest / 5], [lowest / 100, 1]);
  const fifths = Array.from({ length: longest + 1 }, (_, i) => i / 5);
  const rates = Array.from({ length: 101 - lowest }, (_, i) => (lowest + i) / 100);
  return svg(area.left + area.width + 130, area.top + area.height + 44, [
    ...axes(
      fifths,
      rates,
      (rate) => `${Math.round(rate * 100)} %`,
      `time a picture (${escaped(points[0]?.name ?? '')}: 1)`,
    ),
    ...points.flatMap(({ name, inputSize, meanOverPeople }, i) => {
      const [cx, cy] = [x(times[i] ?? Number.NaN), y(meanOverPeople)];
      return [
        `<circle cx="${cx}" cy="${cy}" r="4" fill="#1b6ca8"/>`,
        `<text x="${Number(cx) + 8}" y="${Number(cy) + 4}">${escaped(name)}, ${inputSize} px</text>`,
      ];
    }),
  ]);
}

interface Area {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

type Range = readonly [from: number, to: number];

/** Where values lie in an area of a diagram, and its axes. */
function plot({ left, top, width, height }: Area, [x0, x1]: Range, [y0, y1]: Range) {
  const x = (value: number): string => (left + (width * (value - x0)) / (x1 - x0)).toFixed(1);
  const y = (value: number): string => (top + (height * (y1 - value)) / (y1 - y0)).toFixed(1);
  const axes = (
    xs: readonly number[],
    ys: readonly number[],
    named: (y: number) => string,
    title: string,
  ): string[] => [
    ...ys.flatMap((tick) => [
      `<path d="M${x(x0)} ${y(tick)}H${x(x1)}" stroke="#ddd"/>`,
      `<text x="${left - 6}" y="${Number(y(tick)) + 4}" text-anchor="end">${named(tick)}</text>`,
    ]),
    ...xs.map((tick) => `<text x="${x(tick)}" y="${top + height + 16}" text-anchor="middle">${tick}</text>`),
    `<text x="${left + width / 2}" y="${top + height + 36}" text-anchor="middle">${title}</text>`,
  ];
  return { x, y, axes };
}
