import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readingCosts, WordList } from '../../src/spell/words';

const labels = [...'abcdefghiklmnopqrstuvwxy'];

/** Every letter is read right nine times in ten but for the pairs given: shown, read, share. */
function confusion(...pairs: readonly [string, string, number][]) {
  const rates = labels.map((shown) => labels.map((read): number => (shown === read ? 0.9 : 0)));
  for (const [shown, read, share] of pairs) {
    const row = rates[labels.indexOf(shown)];
    if (!row) continue;
    row[labels.indexOf(read)] = share;
    row[labels.indexOf(shown)] = 0.9 - share;
  }
  return { labels, rates };
}

const shipped = { labels, rates: JSON.parse(readFileSync('model/metadata.json', 'utf8')).confusion as number[][] };

describe('WordList', () => {
  it('suggests the words that begin like the letters read, in the order of the list', () => {
    const list = new WordList(['hello', 'help', 'house', 'hero', 'held'], labels, null);
    expect(list.suggest('hel', 5)).toEqual(['hello', 'help', 'held', 'hero']);
    expect(list.suggest('hel', 2)).toEqual(['hello', 'help']);
    expect(list.suggest('', 5)).toEqual([]);
    expect(list.suggest('xq', 5)).toEqual([]);
  });

  it('ranks a likely misreading before an unlikely one', () => {
    const words = ['cat', 'cut', 'crt'];
    expect(new WordList(words, labels, confusion(['r', 'u', 0.2])).suggest('cut', 2)).toEqual(['cut', 'crt']);
    expect(new WordList(words, labels, confusion(['a', 'u', 0.3])).suggest('cut', 2)).toEqual(['cut', 'cat']);
  });

  it('goes by the shipped confusion for forms of a letter that few people use: an n like an m, a p like a k', () => {
    const words = ['horse', 'bank', 'hamster', 'planet', 'orange', 'apple', 'open', 'oven', 'omen'];
    const list = new WordList(words, shipped.labels, shipped);
    expect(list.suggest('bamk', 1)).toEqual(['bank']);
    expect(list.suggest('klamet', 1)).toEqual(['planet']);
    expect(list.suggest('okem', 1)).toEqual(['open']);
    const blind = new WordList(words, labels, null);
    expect(blind.suggest('okem', 1)).not.toEqual(['open']);
  });

  it('ranks no word before the one that was read, also not for a letter that is mostly misread', () => {
    const list = new WordList(['bat', 'cat'], labels, confusion(['c', 'b', 0.8]));
    expect(list.suggest('bat', 2)).toEqual(['bat', 'cat']);
  });

  it('finds a word whose double letter was read once', () => {
    // A letter that was missed costs more.
    expect(new WordList(['help', 'helmo', 'hello'], labels, null).suggest('helo', 1)).toEqual(['hello']);
  });

  it('finds words with letters that the model cannot read, read as another one or missed', () => {
    const list = new WordList(['jazz', 'maze'], labels, null);
    expect(list.suggest('ia', 5)).toContain('jazz');
    expect(list.suggest('mae', 5)[0]).toBe('maze');
    // Before a letter that could have been read, and before another likely misreading of what J looks like on the way.
    expect(new WordList(['mate', 'maze'], labels, null).suggest('mae', 1)).toEqual(['maze']);
    expect(new WordList(['rob', 'job'], labels, confusion(['r', 'i', 0.3])).suggest('iob', 1)).toEqual(['job']);
  });

  it('prefers the word that is nearest its end, of those that were misread alike', () => {
    expect(new WordList(['catalogue', 'cat'], labels, null).suggest('cxt', 1)).toEqual(['cat']);
    expect(new WordList(['catalogue', 'cat'], labels, null).suggest('cat', 1)).toEqual(['catalogue']);
  });

  it('suggests no word that would take two unlikely misreadings, however long it is', () => {
    const list = new WordList(['handwriting'], labels, null);
    expect(list.suggest('xandwriting', 1)).toEqual(['handwriting']);
    expect(list.suggest('xyndwriting', 1)).toEqual([]);
  });

  it('compares without capitals, apostrophes and hyphens, and answers as the caller wrote it', () => {
    const upper = labels.map((label) => label.toUpperCase());
    const list = new WordList(['Don’t', "O'Hara", 'x-ray', 'x-ray'], upper, null);
    expect(list.suggest('DONT', 5)).toEqual(['Don’t']);
    expect(list.suggest('OH', 1)).toEqual(["O'Hara"]);
    expect(list.suggest('XR', 5)).toEqual(['x-ray']);
  });

  it('gives the same first words however many are asked for', () => {
    const word = fc.string({ unit: fc.constantFrom(...'abcdemnst'), minLength: 1, maxLength: 7 });
    fc.assert(
      fc.property(
        fc.uniqueArray(word, { minLength: 1, maxLength: 40 }),
        word,
        fc.integer({ min: 1, max: 8 }),
        (...args) => {
          const [words, read, limit] = args;
          const list = new WordList(words, labels, confusion(['m', 'n', 0.2], ['a', 's', 0.1]));
          expect(list.suggest(read, limit)).toEqual(list.suggest(read, words.length).slice(0, limit));
        },
      ),
    );
  });

  it('always suggests a word of which any beginning was read without a mistake, before all that need one', () => {
    const word = fc
      .array(fc.constantFrom(...labels), { minLength: 1, maxLength: 8 })
      .map((letters) => letters.join(''));
    fc.assert(
      fc.property(fc.uniqueArray(word, { minLength: 1, maxLength: 12 }), fc.nat(), fc.nat(), (words, pick, cut) => {
        const chosen = words[pick % words.length] ?? '';
        const read = chosen.slice(0, 1 + (cut % chosen.length));
        const suggestions = new WordList(words, labels, confusion(['r', 'u', 0.2])).suggest(read, words.length);
        const exact = words.filter((candidate) => candidate.startsWith(read));
        expect(suggestions.slice(0, exact.length)).toEqual(exact);
        expect(new Set(suggestions).size).toBe(suggestions.length);
      }),
    );
  });
});

describe('readingCosts', () => {
  it('is 0 for a letter read right, never negative, and lower for what happens more often', () => {
    const cost = readingCosts(labels, confusion(['r', 'u', 0.2], ['m', 'n', 0.05]));
    fc.assert(
      fc.property(fc.constantFrom(...labels), fc.constantFrom(...labels), (shown, read) => {
        expect(cost(shown, read)).toBeGreaterThanOrEqual(0);
        if (shown === read) expect(cost(shown, read)).toBe(0);
        else expect(Number.isFinite(cost(shown, read))).toBe(true);
      }),
    );
    expect(cost('r', 'u')).toBeLessThan(cost('m', 'n'));
    expect(cost('m', 'n')).toBeLessThan(cost('a', 'x'));
  });

  it('takes a letter that was not evaluated for one that is read as most are', () => {
    const unseen = confusion();
    unseen.rates[labels.indexOf('r')] = labels.map(() => 0);
    expect(readingCosts(labels, unseen)('r', 'u')).toBeCloseTo(readingCosts(labels, null)('r', 'u'));
  });

  it('is that of people left out in training for the shipped model', () => {
    const crossval = JSON.parse(readFileSync('training/results/crossval.json', 'utf8'));
    for (const [row, shown] of shipped.labels.entries()) {
      const counts: Record<string, number> = crossval.confusion[shown];
      const total = Object.values(counts).reduce((sum, count) => sum + count, 0);
      for (const [column, read] of shipped.labels.entries()) {
        expect(shipped.rates[row]?.[column]).toBeCloseTo((counts[read] ?? 0) / total, 2);
      }
    }
  });
});
