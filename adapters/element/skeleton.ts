import type { Hand } from '../../src/types';

/** The joints from the wrist to each finger tip, and a colour that stands out on skin. */
const FINGERS: readonly (readonly [colour: string, joints: readonly number[]])[] = [
  ['#ffd166', [0, 1, 2, 3, 4]],
  ['#ff8fa3', [0, 5, 6, 7, 8]],
  ['#c4a1ff', [9, 10, 11, 12]],
  ['#7cc6ff', [13, 14, 15, 16]],
  ['#6ee7b7', [0, 17, 18, 19, 20]],
];
const KNUCKLES = [5, 9, 13, 17];

/** How much of the way to the newest place the joints go at each frame: less is steadier but lags. */
const FOLLOW = 0.6;

interface Point {
  readonly x: number;
  readonly y: number;
}

/** Draws the joints of a hand over the picture. */
export class Skeleton {
  readonly #canvas: HTMLCanvasElement;
  #points: readonly Point[] | null = null;

  constructor(canvas: HTMLCanvasElement) {
    this.#canvas = canvas;
  }

  /** Shows this hand, or none; the movement since the one before is smoothed. */
  show(hand: Hand | null, isMirrored: boolean): void {
    const last = this.#points;
    if (hand === null && last === null) return;
    this.#points =
      hand?.joints.map((joint, i) => {
        const x = isMirrored ? 1 - joint.x : joint.x;
        const before = last?.[i] ?? { x, y: joint.y };
        return { x: before.x + FOLLOW * (x - before.x), y: before.y + FOLLOW * (joint.y - before.y) };
      }) ?? null;
    this.#draw();
  }

  #draw(): void {
    const canvas = this.#canvas;
    const scale = window.devicePixelRatio;
    const [width, height] = [Math.round(canvas.clientWidth * scale), Math.round(canvas.clientHeight * scale)];
    if (canvas.width !== width || canvas.height !== height) Object.assign(canvas, { width, height });
    const context = canvas.getContext('2d');
    if (context === null) return;
    context.clearRect(0, 0, width, height);
    if (this.#points === null) return;
    const points = this.#points.map(({ x, y }) => ({ x: x * width, y: y * height }));
    const thickness = scale * clamp(spread(points) / scale / 60, 1.5, 4);
    context.lineCap = 'round';
    context.lineJoin = 'round';
    const lines = [['#ffffff', KNUCKLES] as const, ...FINGERS];
    // All the dark rims first, so that none lies over a line.
    for (const [, joints] of lines) drawLine(context, points, joints, 'rgb(10 20 30 / 0.55)', 2.2 * thickness);
    for (const [colour, joints] of lines) drawLine(context, points, joints, colour, thickness);
    for (const [colour, joints] of FINGERS) {
      for (const joint of joints) drawDot(context, points[joint], colour, thickness);
    }
  }
}

function drawLine(
  context: CanvasRenderingContext2D,
  points: readonly Point[],
  joints: readonly number[],
  colour: string,
  thickness: number,
): void {
  context.beginPath();
  for (const joint of joints) {
    const point = points[joint];
    if (point) context.lineTo(point.x, point.y);
  }
  context.strokeStyle = colour;
  context.lineWidth = thickness;
  context.stroke();
}

function drawDot(context: CanvasRenderingContext2D, point: Point | undefined, colour: string, thickness: number): void {
  if (!point) return;
  context.beginPath();
  context.arc(point.x, point.y, 1.5 * thickness, 0, 2 * Math.PI);
  context.fillStyle = '#ffffff';
  context.fill();
  context.strokeStyle = colour;
  context.lineWidth = thickness;
  context.stroke();
}

/** The longer side of the hand, px. */
function spread(points: readonly Point[]): number {
  const [xs, ys] = [points.map(({ x }) => x), points.map(({ y }) => y)];
  return Math.max(Math.max(...xs) - Math.min(...xs), Math.max(...ys) - Math.min(...ys));
}

function clamp(value: number, min: number, max: number): number {
  return Math.min(Math.max(value, min), max);
}
