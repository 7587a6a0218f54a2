import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import metadata from '../../model/metadata.json';

/** Results that tests compare with, and the pictures they belong to: committed, written by `npm test -- e2e --record`. */
export const FIXTURES = path.resolve(import.meta.dirname, '../fixtures');

/** Whether results are to be written instead of compared. */
export const isRecording = process.env['RECORD'] === '1';

type Shares = readonly { readonly letter: string; readonly probability: number }[];

/** How far a probability may be from the recorded one: pages and Node resize and round in their own ways. */
const TOLERANCE = 0.03;

/**
 * What differs between `shares` and what was recorded under `name` with this model: an empty list is good. In a
 * recording, writes them.
 */
export function compareWithRecorded(name: string, shares: Shares): string[] {
  const file = path.join(FIXTURES, `${name}.json`);
  const { weights_sha256 } = metadata;
  if (isRecording) {
    mkdirSync(FIXTURES, { recursive: true });
    const rounded = shares.map(({ letter, probability }) => ({ letter, probability: Number(probability.toFixed(4)) }));
    writeFileSync(file, `${JSON.stringify({ weights_sha256, shares: rounded }, null, 2)}\n`);
    return [];
  }
  const again = 'Record anew with: npm test -- e2e --record';
  if (!existsSync(file)) return [`${file} is missing. ${again}`];
  const recorded = JSON.parse(readFileSync(file, 'utf8')) as { weights_sha256: string; shares: Shares };
  if (recorded.weights_sha256 !== weights_sha256) return [`${file} was recorded with another model. ${again}`];
  return recorded.shares.flatMap(({ letter, probability }) => {
    const now = shares.find((share) => share.letter === letter)?.probability;
    // The last of the five may change places with the sixth.
    if (now === undefined && probability <= TOLERANCE) return [];
    const isNear = now !== undefined && Math.abs(now - probability) <= TOLERANCE;
    return isNear ? [] : [`${letter}: ${now} instead of ${probability}`];
  });
}
