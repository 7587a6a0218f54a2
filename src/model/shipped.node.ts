import { readFileSync } from 'node:fs';
import { withPackageFile } from './package-file';
import type { PackageFile } from './package-files';

const read = (name: PackageFile): object => withPackageFile(name, (url) => JSON.parse(readFileSync(url, 'utf8')));

/** The shipped model's two JSON files, from the package's folder: Node can read them where they are. */
export const modelJson: object = read('model.json');
export const metadata: object = read('metadata.json');
