import { describeError, FingerspellError } from '../errors';
import { type PackageFile, packageFiles } from './package-files';

/**
 * Does something with the address of one of the package's files, which lie beside the folder of this one.
 *
 * @throws FingerspellError `asset-missing` where a bundler has moved this code away from them
 */
export function withPackageFile<Result>(name: PackageFile, use: (url: URL) => Result): Result {
  try {
    return use(packageFiles()[name]);
  } catch (cause) {
    const why = `The package's ${name} is not beside its code (${describeError(cause)}). A bundler may have moved the code:`;
    const advice =
      'leave asl-fingerspell out of bundles for Node ("external"), or pass as `model` the path of a copy of';
    const files = 'its dist/model.json, with metadata.json and model.bin beside it.';
    throw new FingerspellError('asset-missing', `${why} ${advice} ${files}`, { cause });
  }
}
