import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FingerspellSpeller, type SpellerEvent } from '../../src/spell/speller';
import type { Classification } from '../../src/types';
import { codeOf } from '../support/errors';

const labels = [...'abcdefghiklmnopqrstuvwxy'];

function seen(letter: string | null): Classification {
  return {
    letter,
    confidence: letter === null ? 0.1 : 0.9,
    predictions: [],
    probabilities: [],
    noHand: letter === null ? 0.9 : 0,
    region: { x: 0, y: 0, width: 1, height: 1 },
    hand: null,
    timing: { preprocessMs: 0, inferenceMs: 0, totalMs: 0 },
  };
}

/** Shows one letter after another, each for so many ms, at a frame every `stepMs`; `null` is no letter. */
function show(
  speller: FingerspellSpeller,
  signs: readonly (readonly [string | null, number])[],
  { stepMs = 20, fromMs = 0 } = {},
): SpellerEvent[] {
  const events: SpellerEvent[] = [];
  let endMs = fromMs;
  let nowMs = fromMs;
  for (const [letter, durationMs] of signs) {
    endMs += durationMs;
    for (; nowMs < endMs; nowMs += stepMs) events.push(...speller.push(seen(letter), nowMs));
  }
  return events;
}

interface Frame {
  readonly letter: string | null;
  readonly timeMs: number;
}

/** Since when the letter of the last frame has been there without a gap longer than `flickerMs`, or of several frames. */
function heldSince(log: readonly Frame[], { flickerMs, holdMs }: { flickerMs: number; holdMs: number }): number {
  const letter = log.at(-1)?.letter;
  let sinceMs = Number.NaN;
  let others: Frame[] = [];
  for (const frame of [...log].reverse()) {
    const gapMs = (others[0]?.timeMs ?? frame.timeMs) - frame.timeMs;
    const isOneFrame = others.length < 2 && flickerMs > 0 && gapMs < holdMs;
    if (frame.letter !== letter) {
      others.push(frame);
    } else if (gapMs > flickerMs && !isOneFrame) {
      break;
    } else {
      sinceMs = frame.timeMs;
      others = [];
    }
  }
  return sinceMs;
}

describe('FingerspellSpeller', () => {
  it('commits a letter at the frame at which it has been held for 500 ms', () => {
    const speller = new FingerspellSpeller({ labels });
    expect(speller.push(seen('a'), 1000)).toEqual([]);
    expect(speller.push(seen('a'), 1499)).toEqual([]);
    expect(speller.text).toBe('');
    expect(speller.push(seen('a'), 1500)).toEqual([{ type: 'letter', letter: 'a', text: 'a', timeMs: 1500 }]);
    expect(speller.push(seen('a'), 1600)).toEqual([]);
  });

  it('commits a letter that is read surely after 200 ms, one read with doubt later, and always after `holdMs` if that is set', () => {
    const heldFor = (confidence: number, options = {}): number => {
      const speller = new FingerspellSpeller({ labels, ...options });
      for (let timeMs = 0; ; timeMs += 10) {
        if (speller.push({ ...seen('a'), confidence }, timeMs).length > 0) return timeMs;
      }
    };
    expect([1, 0.97, 0.95, 0.9, 0.7].map((confidence) => heldFor(confidence))).toEqual([200, 290, 400, 500, 500]);
    expect(heldFor(Number.NaN)).toBe(200);
    for (const confidence of [1, 0.7]) expect(heldFor(confidence, { holdMs: 400 })).toBe(400);
  });

  it('takes a letter that is not read surely enough for no pause', () => {
    const speller = new FingerspellSpeller({ labels, spaceMs: 1500 });
    const unsure = { ...seen(null), confidence: 0.65, noHand: 0.02 };
    show(speller, [
      ['c', 700],
      [null, 100],
    ]);
    for (let timeMs = 800; timeMs < 2800; timeMs += 50) speller.push(unsure, timeMs);
    show(speller, [['t', 700]], { fromMs: 2800 });
    expect(speller.text).toBe('ct');
    show(speller, [[null, 1600]], { fromMs: 3500 });
    expect(speller.text).toBe('ct ');
  });

  it('adds spaces for a model without a no-hand class, which cannot tell a pause from doubt', () => {
    const speller = new FingerspellSpeller({ labels, spaceMs: 1500 });
    show(speller, [['c', 700]]);
    const nothing = { ...seen(null), confidence: 0.3, noHand: 0 };
    for (let timeMs = 700; timeMs < 2700; timeMs += 50) speller.push(nothing, timeMs);
    expect(speller.text).toBe('c ');
  });

  it('lets a pause go on through single frames of doubt', () => {
    const speller = new FingerspellSpeller({ labels, spaceMs: 1500 });
    show(speller, [['c', 700]]);
    for (let timeMs = 700; timeMs < 2700; timeMs += 50) {
      const unsure = { ...seen(null), confidence: 0.65, noHand: 0.02 };
      speller.push(timeMs === 1500 ? unsure : seen(null), timeMs);
    }
    expect(speller.text).toBe('c ');
  });

  it('takes other options with its text, what is held, and the suggestions that stay', () => {
    const speller = new FingerspellSpeller({ labels, words: ['cat', 'cut'], holdMs: 1000 });
    for (const letter of 'ca') speller.insert(letter);
    const { suggestions } = speller;
    speller.setOptions({ words: ['cat', 'cut'], holdMs: 400 });
    expect(speller.suggestions).toBe(suggestions);
    show(speller, [['t', 300]]);
    speller.setOptions({ words: ['cable', 'cathedral'], holdMs: 400 });
    expect(speller.suggestions).toEqual(['cable', 'cathedral']);
    show(speller, [['t', 200]], { fromMs: 300 });
    expect([speller.text, speller.suggestions[0]]).toEqual(['cat', 'cathedral']);
    speller.setOptions({ words: ['cable', 'cathedral', 'catch'], maxSuggestions: 1, holdMs: 400 });
    expect(speller.suggestions).toHaveLength(1);
    speller.setOptions({ words: ['cable', 'cathedral', 'catch'], maxSuggestions: 2, holdMs: 400 });
    expect(speller.suggestions).toHaveLength(2);
    expect(codeOf(() => speller.setOptions({ holdMs: -1 }))).toBe('invalid-option');
    // The sign that was written is still held.
    show(speller, [['t', 1000]], { fromMs: 500 });
    expect(speller.text).toBe('cat');
  });

  it('tells what is being held and how far the hold has come', () => {
    const speller = new FingerspellSpeller({ labels, holdMs: 400 });
    expect(speller.candidate).toBeNull();
    speller.push(seen('b'), 0);
    expect(speller.candidate).toEqual({ letter: 'b', progress: 0 });
    speller.push(seen('b'), 100);
    expect(speller.candidate).toEqual({ letter: 'b', progress: 0.25 });
    speller.push(seen('b'), 450);
    expect(speller.candidate).toEqual({ letter: 'b', progress: 1 });
    speller.push(seen('b'), 2000);
    expect(speller.candidate).toEqual({ letter: 'b', progress: 1 });
    speller.push(seen('d'), 2100);
    speller.push(seen('d'), 2300);
    expect(speller.candidate).toEqual({ letter: 'd', progress: 0.5 });
    // It was not gone for long enough to be committed again.
    speller.push(seen('b'), 2400);
    speller.push(seen('b'), 2460);
    expect(speller.candidate).toEqual({ letter: 'b', progress: 1 });
    speller.push(seen(null), 3100);
    expect(speller.candidate).toBeNull();
  });

  it('bears drop-outs and misreadings of 150 ms while a letter is held, and starts anew after longer ones', () => {
    const flicker = new FingerspellSpeller({ labels });
    show(flicker, [
      ['r', 200],
      [null, 140],
      ['r', 60],
      ['u', 100],
      ['r', 40],
    ]);
    expect(flicker.text).toBe('r');
    const gap = new FingerspellSpeller({ labels });
    show(gap, [
      ['r', 300],
      [null, 200],
      ['r', 480],
    ]);
    expect(gap.text).toBe('');
    for (const [goneMs, text] of [
      [150, 'r'],
      [151, ''],
    ] as const) {
      const speller = new FingerspellSpeller({ labels });
      const frames = [
        ['r', 0],
        [null, 50],
        [null, goneMs],
        ['r', 200],
        ['r', 500],
      ] as const;
      for (const [letter, timeMs] of frames) speller.push(seen(letter), timeMs);
      expect(speller.text).toBe(text);
    }
  });

  it('does not start anew for one frame at 4 frames a second, but for two, and for one of them without a tolerance', () => {
    const atFour = (frames: readonly (string | null)[], options = {}) => {
      const speller = new FingerspellSpeller({ labels, ...options });
      show(
        speller,
        frames.map((letter) => [letter, 250] as const),
        { stepMs: 250 },
      );
      return speller.text;
    };
    expect(atFour(['r', null, 'r'])).toBe('r');
    expect(atFour(['r', 'u', 'r'])).toBe('r');
    expect(atFour(['r', 'r', null, 'r'])).toBe('r');
    expect(atFour(['r', null, null, 'r'])).toBe('');
    expect(atFour(['r', 'u', 'r'], { flickerMs: 0 })).toBe('');
    expect(atFour(['r', 'u', 'r'], { holdMs: 250 })).toBe('');
  });

  it('counts a letter from its own first frame, not from the end of the tolerance for the one before', () => {
    const speller = new FingerspellSpeller({ labels });
    const events = show(speller, [
      ['a', 300],
      ['b', 600],
    ]);
    expect(events).toMatchObject([{ letter: 'b', timeMs: 800 }]);
  });

  it('repeats a letter only after 400 ms without it', () => {
    const speller = new FingerspellSpeller({ labels });
    show(speller, [
      ['l', 1500],
      [null, 380],
      ['l', 1500],
    ]);
    expect(speller.text).toBe('l');
    show(
      speller,
      [
        [null, 420],
        ['l', 600],
      ],
      { fromMs: 3380 },
    );
    expect(speller.text).toBe('ll');
  });

  it('holds a letter anew that was let go for `releaseMs`, also where that is shorter than the tolerance', () => {
    const textAfter = (goneMs: number, heldMs: number) => {
      const speller = new FingerspellSpeller({ labels, releaseMs: 100 });
      show(speller, [['l', 600]]);
      speller.push(seen(null), 600);
      show(speller, [['l', heldMs]], { fromMs: 600 + goneMs });
      return speller.text;
    };
    expect([textAfter(99, 700), textAfter(100, 500), textAfter(100, 520)]).toEqual(['l', 'l', 'll']);
  });

  it('takes another letter as the release of the one before', () => {
    const speller = new FingerspellSpeller({ labels });
    show(speller, [
      ['a', 600],
      ['b', 700],
      ['a', 700],
    ]);
    expect(speller.text).toBe('aba');
  });

  it('does not commit a held sign again when the text is cleared or taken back meanwhile', () => {
    const speller = new FingerspellSpeller({ labels });
    show(speller, [['c', 600]]);
    speller.clear();
    show(speller, [['c', 3000]], { fromMs: 600 });
    expect(speller.text).toBe('');
    show(
      speller,
      [
        [null, 500],
        ['c', 600],
      ],
      { fromMs: 3600 },
    );
    speller.backspace();
    show(speller, [['c', 3000]], { fromMs: 4700 });
    expect(speller.text).toBe('');
  });

  it('does not join what was seen before and after a long silence', () => {
    const speller = new FingerspellSpeller({ labels });
    speller.push(seen('a'), 0);
    expect(speller.push(seen('a'), 60_000)).toEqual([]);
    expect(speller.push(seen('a'), 60_500)).toHaveLength(1);
    for (const [silenceMs, count] of [
      [2000, 1],
      [2001, 0],
    ] as const) {
      const other = new FingerspellSpeller({ labels });
      other.push(seen('a'), 0);
      expect(other.push(seen('a'), silenceMs)).toHaveLength(count);
    }
  });

  it('gives a letter again that is held after a long silence, in which it may have been let go', () => {
    const speller = new FingerspellSpeller({ labels });
    show(speller, [['a', 1500]]);
    show(speller, [['a', 1500]], { fromMs: 10_000 });
    expect(speller.text).toBe('aa');
  });

  it('reads one frame a second as well as sixty', () => {
    const speller = new FingerspellSpeller({ labels });
    show(
      speller,
      [
        ['h', 2000],
        [null, 1000],
        ['i', 2000],
      ],
      { stepMs: 1000 },
    );
    expect(speller.text).toBe('hi');
  });

  it('adds a space at 4 frames a second although one frame of the pause is taken for a letter', () => {
    const speller = new FingerspellSpeller({ labels, spaceMs: 1500 });
    show(
      speller,
      [
        ['r', 1000],
        [null, 750],
        ['u', 250],
        [null, 1000],
      ],
      { stepMs: 250 },
    );
    expect(speller.text).toBe('r ');
  });

  it('begins the pause anew after a letter that was no flash', () => {
    for (const [frames, text] of [
      [2, 'c '],
      [3, 'c'],
    ] as const) {
      const speller = new FingerspellSpeller({ labels, spaceMs: 1500 });
      show(
        speller,
        [
          ['c', 670],
          [null, 1005],
          ['u', frames * 67],
          [null, 1005],
        ],
        { stepMs: 67 },
      );
      expect(speller.text).toBe(text);
    }
  });

  it('adds no space while a letter is held that flickers, or that is committed at once', () => {
    const step = { stepMs: 67 };
    for (const other of [null, 'u']) {
      const flickering = Array.from(
        { length: 20 },
        () =>
          [
            ['r', 134],
            [other, 67],
          ] as const,
      ).flat();
      for (const pauseMs of [0, 2010]) {
        const speller = new FingerspellSpeller({ labels, spaceMs: 1500 });
        show(speller, [[null, pauseMs], ...flickering], step);
        expect(speller.text).toBe('r');
      }
    }
    const late = new FingerspellSpeller({ labels, spaceMs: 1500 });
    show(
      late,
      [
        ['a', 670],
        [null, 1206],
        ['r', 134],
        [null, 67],
        ['r', 134],
        [null, 67],
        ['r', 201],
      ],
      step,
    );
    expect(late.text).toBe('ar');
    const quick = new FingerspellSpeller({ labels, spaceMs: 1500, holdMs: 0 });
    show(
      quick,
      [
        [null, 1980],
        ['a', 165],
        [null, 1980],
        ['b', 165],
        ['c', 165],
      ],
      { stepMs: 33 },
    );
    expect(quick.text).toBe('a bc');
  });

  it('adds one space after a pause of spaceMs, and none by default', () => {
    const pause = [
      ['a', 600],
      [null, 900],
      ['e', 60],
      [null, 2000],
      ['b', 600],
    ] as const;
    const speller = new FingerspellSpeller({ labels, spaceMs: 1000 });
    const events = show(speller, pause);
    expect(events.map(({ type }) => type)).toEqual(['letter', 'space', 'letter']);
    expect(events[1]).toMatchObject({ text: 'a ', timeMs: 1600 });
    expect(speller.text).toBe('a b');
    const without = new FingerspellSpeller({ labels });
    show(without, pause);
    expect(without.text).toBe('ab');
  });

  it('leaves a space alone that was taken back', () => {
    const speller = new FingerspellSpeller({ labels, spaceMs: 500 });
    show(speller, [
      ['a', 600],
      [null, 600],
    ]);
    expect(speller.text).toBe('a ');
    speller.backspace();
    show(speller, [[null, 3000]], { fromMs: 1200 });
    expect(speller.text).toBe('a');
  });

  it('still suggests after the space of a pause, until the next letter comes', () => {
    const speller = new FingerspellSpeller({ labels, words: ['dad', 'bad', 'bed'], spaceMs: 500 });
    const bad = [
      ['b', 600],
      ['a', 600],
    ] as const;
    speller.accept('dad');
    show(speller, bad);
    const { suggestions } = speller;
    expect(suggestions[0]).toBe('bad');
    show(speller, [[null, 600]], { fromMs: 1300 });
    expect(speller.text).toBe('dad ba ');
    expect(speller.suggestions).toBe(suggestions);
    speller.accept('bad');
    expect([speller.text, speller.suggestions]).toEqual(['dad bad ', []]);
    show(
      speller,
      [
        [null, 600],
        ['d', 600],
        [null, 600],
        ['b', 600],
      ],
      { fromMs: 2000 },
    );
    expect(speller.text).toBe('dad bad d b');
    speller.accept('bed');
    expect(speller.text).toBe('dad bad d bed ');
    speller.space();
    expect(speller.suggestions).toEqual([]);
  });

  it('edits the text', () => {
    const speller = new FingerspellSpeller({ labels, words: ['jazz', 'job'] });
    speller.backspace();
    speller.space();
    expect(speller.text).toBe('');
    speller.insert(' j ');
    expect(speller.text).toBe('j');
    expect(speller.suggestions).toEqual(['jazz', 'job']);
    expect(speller.suggestions).toBe(speller.suggestions);
    speller.accept('jazz');
    expect(speller.text).toBe('jazz ');
    expect(speller.suggestions).toEqual([]);
    speller.space();
    speller.insert('a');
    speller.accept('jam');
    expect(speller.text).toBe('jazz jam ');
    speller.backspace();
    speller.backspace();
    expect(speller.text).toBe('jazz ja');
    speller.clear();
    expect(speller.text).toBe('');
  });

  it('takes back a label of several characters at once', () => {
    const speller = new FingerspellSpeller({ labels: ['s', 'sch'], holdMs: 0 });
    speller.push(seen('s'), 0);
    speller.push(seen('sch'), 1000);
    expect(speller.text).toBe('ssch');
    speller.backspace();
    expect(speller.text).toBe('s');
  });

  it('refuses a time that is no number or runs backwards, and stays usable', () => {
    const speller = new FingerspellSpeller({ labels });
    speller.push(seen('a'), 100);
    for (const timeMs of [Number.NaN, Number.POSITIVE_INFINITY, 99.9]) {
      expect(codeOf(() => speller.push(seen('a'), timeMs))).toBe('invalid-option');
    }
    expect(codeOf(() => speller.push(seen('?'), 200))).toBe('invalid-option');
    expect(codeOf(() => speller.push(null as never, 200))).toBe('invalid-option');
    expect(speller.push(seen('a'), 100)).toEqual([]);
    expect(speller.push(seen('a'), 600)).toHaveLength(1);
  });

  it('refuses options that are not allowed', () => {
    const bad: object[] = [
      {},
      { labels: [] },
      { labels: ['a', ''] },
      { labels, holdMs: -1 },
      { labels, releaseMs: Number.NaN },
      { labels, flickerMs: Number.POSITIVE_INFINITY },
      { labels, spaceMs: '1000' },
      { labels, words: 'hello' },
      { labels, maxSuggestions: 0 },
      { labels, confusion: { labels, rates: [] } },
      { labels, confusion: { labels: [1], rates: [[1]] } },
    ];
    for (const options of bad) expect(codeOf(() => new FingerspellSpeller(options as never))).toBe('invalid-option');
    expect(codeOf(() => new FingerspellSpeller(null as never))).toBe('invalid-option');
    const speller = new FingerspellSpeller({ labels, confusion: null, holdMs: undefined });
    expect(codeOf(() => speller.insert(' '))).toBe('invalid-option');
    expect(codeOf(() => speller.accept(''))).toBe('invalid-option');
  });
});

describe('whatever is shown, FingerspellSpeller', () => {
  const letter = fc.constantFrom('a', 'b', null);
  const frames = fc.array(fc.tuple(letter, fc.integer({ min: 0, max: 400 })), { maxLength: 60 });
  const times = fc.record({
    holdMs: fc.integer({ min: 0, max: 800 }),
    releaseMs: fc.integer({ min: 0, max: 800 }),
    flickerMs: fc.integer({ min: 0, max: 300 }),
  });

  it('commits only what has been seen for holdMs with gaps of at most flickerMs, and lets go before a repeat', () => {
    fc.assert(
      fc.property(times, frames, (options, steps) => {
        const speller = new FingerspellSpeller({ labels, ...options });
        const log: Frame[] = [];
        let timeMs = 0;
        let last: { letter: string; timeMs: number } | null = null;
        for (const [shown, stepMs] of steps) {
          timeMs += stepMs;
          log.push({ letter: shown, timeMs });
          for (const event of speller.push(seen(shown), timeMs)) {
            if (event.type !== 'letter') throw new Error('no space was asked for');
            expect(event.letter).toBe(shown);
            expect(heldSince(log, options)).toBeLessThanOrEqual(timeMs - options.holdMs);
            if (last?.letter === shown) {
              const since = last.timeMs;
              const gone = log.filter((frame) => frame.timeMs >= since && frame.letter !== shown);
              const isReleased = gone.some(({ timeMs: goneMs }) => timeMs - goneMs >= options.releaseMs);
              expect(isReleased, 'it was gone in between').toBe(true);
            }
            last = { letter: event.letter, timeMs };
          }
          const { candidate } = speller;
          if (candidate) expect(candidate.progress).toBeGreaterThanOrEqual(0);
          if (candidate) expect(candidate.progress).toBeLessThanOrEqual(1);
        }
      }),
    );
  });

  it('counts frames, not times: of two that come at one time the second is not the first of a drop-out', () => {
    const speller = new FingerspellSpeller({ labels, holdMs: 300, flickerMs: 100 });
    const frames = [
      ['a', 0],
      ['b', 0],
      ['b', 200],
      ['a', 300],
    ] as const;
    for (const [letter, timeMs] of frames) speller.push(seen(letter), timeMs);
    expect(speller.text).toBe('');
  });

  it('reads clearly held and parted signs as they are, at any frame rate', () => {
    const word = fc.array(fc.constantFrom(...labels), { maxLength: 6 });
    fc.assert(
      fc.property(word, fc.integer({ min: 5, max: 240 }), (signs, stepMs) => {
        const speller = new FingerspellSpeller({ labels });
        const shown = signs.flatMap(
          (sign) =>
            [
              [sign, 1000],
              [null, 900],
            ] as const,
        );
        show(speller, shown, { stepMs });
        expect(speller.text).toBe(signs.join(''));
      }),
    );
  });

  it('depends on differences of time alone', () => {
    fc.assert(
      fc.property(frames, fc.integer({ min: -1e6, max: 1e6 }), (steps, shiftMs) => {
        const texts = [0, shiftMs].map((fromMs) => {
          const speller = new FingerspellSpeller({ labels, spaceMs: 700 });
          let timeMs = fromMs;
          for (const [shown, stepMs] of steps) {
            timeMs += stepMs;
            speller.push(seen(shown), timeMs);
          }
          return speller.text;
        });
        expect(texts[0]).toBe(texts[1]);
      }),
    );
  });
});
