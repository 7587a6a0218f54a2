import { readFileSync } from 'node:fs';

const read = (name: string): object => JSON.parse(readFileSync(new URL(`../${name}`, import.meta.url), 'utf8'));

/** The shipped model's two JSON files, from the package's folder: Node can read them where they are. */
export const modelJson: object = read('model.json');
export const metadata: object = read('metadata.json');
