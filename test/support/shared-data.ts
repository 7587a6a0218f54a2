import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';

/** A picture that the model was not trained on. */
export interface DevImage {
  /** Absolute path of a JPEG file. */
  readonly file: string;
  readonly letter: string;
  readonly signer: string;
}

/** Where the training data is, beside the repository; it is no part of it. */
export const DATA_FOLDER = path.resolve(import.meta.dirname, '../../../shared/data');

/** Why tests that need the data are skipped. */
export const WITHOUT_DATA = `${DATA_FOLDER} is not on this machine`;

/** `count` pictures of letters spread evenly over the dev split, or `null` where the data is absent. */
export function devImages(count: number): DevImage[] | null {
  const manifest = path.join(DATA_FOLDER, 'manifest.csv');
  if (!existsSync(manifest)) return null;
  const rows = readFileSync(manifest, 'utf8').trim().split('\n');
  const dev = rows.map((row) => row.split(',')).filter(([, split, letter]) => split === 'dev' && letter?.length === 1);
  return Array.from({ length: count }, (_, i) => {
    const [file = '', , letter = '', signer = ''] = dev[Math.floor((i * dev.length) / count)] ?? [];
    return { file: path.join(DATA_FOLDER, file), letter, signer };
  });
}
