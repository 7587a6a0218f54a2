import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { interval, meanAndInterval } from '../../scripts/docs/results';
import { readPictures } from '../../training/evaluation/data';
import { type CurvePoint, confusionDiagram, curveDiagram } from '../../training/evaluation/diagrams';
import * as metrics from '../../training/evaluation/metrics';

describe('what npm run evaluate records', () => {
  it('names the people of whom the training had other pictures', () => {
    const folder = mkdtempSync(path.join(os.tmpdir(), 'asl-fingerspell-people-'));
    const rows = ['1.jpg,train,a,ann', '2.jpg,train,none,cleo', '3.jpg,dev,a,ann', '4.jpg,dev,a,cleo'];
    writeFileSync(path.join(folder, 'manifest.csv'), ['path,split,letter,signer', ...rows].join('\n'));
    const { pictures, trainedOn } = readPictures(folder, null);
    rmSync(folder, { recursive: true });
    expect(pictures.map(({ signer }) => signer)).toEqual(['ann', 'cleo']);
    // Nobody is in a picture without a hand.
    expect([...trainedOn]).toEqual(['ann']);
  });

  it('has no share of no pictures', () => {
    expect(JSON.parse(JSON.stringify(metrics.share([], () => true)))).toEqual({ rate: null, of: 0 });
    expect(JSON.parse(JSON.stringify(metrics.answers([])))).toEqual({ answered: null, right: null });
    expect(metrics.confusionRates([], ['a', 'b'])).toEqual([
      [0, 0],
      [0, 0],
    ]);
  });

  it('draws the confusion of labels of any length', () => {
    const svg = confusionDiagram({
      labels: ['R&D', 'scissors'],
      confusion: [
        [1, 0],
        [0.5, 0.5],
      ],
    });
    expect(svg).toContain('>R&amp;D<');
    expect(svg).toContain('rotate(-90)">scissors<');
    const [, end] = /<text x="([\d.]+)"[^>]*text-anchor="end">scissors/.exec(svg) ?? [];
    expect(Number(end)).toBeGreaterThan('scissors'.length * 6);
  });

  it('draws a faster network further left, and one that reads more further up', () => {
    const point = (name: string, meanOverPeople: number, median: number): CurvePoint => {
      return { name, inputSize: 128, weightBytes: 1, top1: 0, meanOverPeople, inferenceMs: { median } };
    };
    const svg = curveDiagram([point('small & fast', 0.83, 1.5), point('large', 0.98, 6.3)]);
    expect(svg).toContain('>small &amp; fast, 128 px<');
    const [small, large] = [...svg.matchAll(/cx="([\d.]+)" cy="([\d.]+)"/g)].map(([, x, y]) => [Number(x), Number(y)]);
    expect(small?.[0]).toBeLessThan(large?.[0] ?? Number.NaN);
    expect(small?.[1]).toBeGreaterThan(large?.[1] ?? Number.NaN);
  });
});

describe('how sure a figure is', () => {
  it('is an interval of Wilson for a share', () => {
    // Brown, Cai and DasGupta 2001, "Interval Estimation for a Binomial Proportion".
    const [low, high] = interval({ rate: 0, of: 10 });
    expect([low.toFixed(3), high.toFixed(3)]).toEqual(['0.000', '0.278']);
    expect(interval({ rate: 0.0674, of: 89 }).map((end) => end.toFixed(3))).toEqual(['0.031', '0.139']);
  });

  it('is an interval of Student over people for their mean', () => {
    const { mean, half } = meanAndInterval([1, 2, 3, 4, 5, 6, 7, 8, 9]);
    expect(mean).toBe(5);
    expect(half).toBeCloseTo((2.306 * 2.7386) / 3, 1);
  });
});
