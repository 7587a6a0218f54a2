import { type Classification, FingerspellRecognizer, type ModelFiles } from 'asl-fingerspell';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { toCanvas } from '../support/browser-pictures';
import { asFunctional, NetBuilder } from '../support/net-builder';
import { toFiles } from '../support/reference';

/** What a square holds, by its mean colour: green shows a hand, red the letter a, blue the letter b. */
const [RED, GREEN, BLUE] = [0, 1, 2] as const;
/** The hand's joints always span this share of the square that is read, in its middle. */
const SPAN = 0.6;

/** A hand finder that a test can predict. */
function handModel(): ModelFiles {
  const net = new NetBuilder(1, [16, 16, 3]);
  const mean = net.add('GlobalAveragePooling2D', { data_format: 'channels_last' });
  const dense = (
    activation: string,
    bias: number[],
    weights: readonly (readonly [number, number, number])[],
  ): string => {
    const units = bias.length;
    const kernel = new Float32Array(3 * units);
    for (const [colour, unit, weight] of weights) kernel[colour * units + unit] = weight;
    const name = net.add('Dense', { units, activation, use_bias: true }, [mean]);
    net.entries.push({ name: `${name}/kernel`, shape: [3, units], values: kernel });
    net.entries.push({ name: `${name}/bias`, shape: [units], values: Float32Array.from(bias) });
    return name;
  };
  const joints = Array.from({ length: 21 }, (_, i) => [0.5 + (i % 2 ? SPAN : -SPAN) / 2, 0.5, 0]).flat();
  const outputs = [
    dense(
      'softmax',
      [0, 0, 0, 0, 6],
      [
        [RED, 0, 30],
        [BLUE, 1, 30],
      ],
    ),
    dense('linear', [...joints, -10], [[GREEN, 63, 40]]),
  ];
  const modelJson = { format: 'layers-model', modelTopology: { model_config: asFunctional(net.layers, outputs) } };
  const files = toFiles({ modelJson, entries: net.entries });
  return { ...files, metadata: { ...files.metadata, hand_output: 1 } };
}

type Paint = readonly [colour: string, x: number, y: number, width: number, height: number];

/** A picture of rectangles over green. */
function draw(width: number, height: number, ...paints: Paint[]): HTMLCanvasElement {
  const canvas = toCanvas(new ImageData(width, height));
  repaint(canvas, ['#0f0', 0, 0, width, height], ...paints);
  return canvas;
}

function repaint(canvas: HTMLCanvasElement, ...paints: Paint[]): void {
  const context = canvas.getContext('2d') as CanvasRenderingContext2D;
  for (const [colour, ...place] of paints) {
    context.fillStyle = colour;
    context.fillRect(...place);
  }
}

/** So small that it is looked at as a whole, and then around the hand. */
const SMALL = 52;
const smallHand = (): HTMLCanvasElement => draw(SMALL, SMALL, ['#ff0', 0, 0, SMALL, SMALL]);
/** A close look leaves a margin of a fifth around the hand, one in the next frame of two fifths. */
const [CLOSE, NEXT] = [1.2 * SPAN, 1.4 * SPAN];
/** Takes away all of the hand that a close look would see. */
const HOLE = ['#000', 6, 6, SMALL - 12, SMALL - 12] as const;

describe.each([{ worker: false }, { worker: true }])("region 'hand', worker: $worker", ({ worker }) => {
  let recognizer: FingerspellRecognizer;
  const read = (source: HTMLCanvasElement): Promise<Classification> => recognizer.classify(source);
  beforeAll(async () => {
    recognizer = await FingerspellRecognizer.load({ model: handModel(), backend: 'wasm', worker, region: 'hand' });
  });
  afterAll(() => recognizer.dispose());

  it('looks closely at a hand, with a margin around its joints', async () => {
    const { letter, region } = await read(smallHand());
    expect(letter).toBe('a');
    expect(region.width).toBeCloseTo(CLOSE, 5);
    expect(region.x).toBeCloseTo((1 - CLOSE) / 2, 5);
  });

  it('keeps what it saw from afar where a close look shows no hand', async () => {
    const { hand, region } = await read(draw(SMALL, SMALL, HOLE));
    expect(hand?.presence).toBeGreaterThan(0.9);
    expect(region).toEqual({ x: 0, y: 0, width: 1, height: 1 });
  });

  // A hand that fills the frame, and in a corner of it what is read surely.
  const CORNER = ['#ff0', 41, 41, 206, 206] as const;

  it('looks elsewhere when a large hand shows no letter', async () => {
    const { letter, region } = await read(draw(640, 480, CORNER));
    expect(letter).toBe('a');
    expect(region.x * 640).toBeCloseTo(40.32, 3);
    expect(region.y * 480).toBeCloseTo(40.32, 3);
  });

  it('takes the letter of a large hand though it is not sure, since parts of a hand are misread', async () => {
    const { predictions, noHand, region } = await read(draw(640, 480, ['#00ff3b', 0, 0, 640, 480], CORNER));
    expect(predictions[0]?.letter).toBe('b');
    expect(predictions[0]?.probability).toBeLessThan(0.9);
    expect(noHand).toBeLessThan(0.5);
    expect(region.width * 640).toBeCloseTo(CLOSE * 480, 3);
  });

  it('looks around the hand of the last frame, with a larger margin', async () => {
    const canvas = smallHand();
    expect((await read(canvas)).region.width).toBeCloseTo(CLOSE, 5);
    expect((await read(canvas)).region.width).toBeCloseTo(CLOSE * NEXT, 5);
    repaint(canvas, ['#000', 0, 0, SMALL, SMALL]);
    expect((await read(canvas)).hand).toBeNull();
    repaint(canvas, ['#ff0', 0, 0, SMALL, SMALL]);
    expect((await read(canvas)).region.width, 'a hand that was lost is looked for anew').toBeCloseTo(CLOSE, 5);
  });

  it('follows a hand that shows no letter, but none that was only seen from afar', async () => {
    const canvas = draw(SMALL, SMALL);
    expect((await read(canvas)).noHand).toBeGreaterThan(0.9);
    expect((await read(canvas)).region.width).toBeCloseTo(CLOSE * NEXT, 5);
    const ring = draw(SMALL, SMALL, HOLE);
    expect((await read(ring)).hand).not.toBeNull();
    repaint(ring, ['#ff0', 0, 0, SMALL, SMALL]);
    expect((await read(ring)).region.width).toBeCloseTo(CLOSE, 5);
  });

  it('remembers the hands of the canvases that were read last', async () => {
    const canvas = smallHand();
    await read(canvas);
    for (let i = 0; i < 15; i++) await read(smallHand());
    expect((await read(canvas)).region.width).toBeCloseTo(CLOSE * NEXT, 5);
  });
});
