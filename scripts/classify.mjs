// npm run classify: examples/node on the library of this clone, as it would run on an installed one.
import { mkdir, symlink } from 'node:fs/promises';
import path from 'node:path';
import process from 'node:process';
import { ensureBuild, ROOT } from './ensure-build.mjs';

try {
  await ensureBuild();
  await linkPackage(path.join(ROOT, 'examples', 'node'));
  await import('../examples/node/classify.mjs');
} catch (error) {
  console.error(error.message);
  process.exitCode = 1;
}

/** What `npm install` does there with a package of a local folder: a link to it. */
async function linkPackage(example) {
  const modules = path.join(example, 'node_modules');
  await mkdir(modules, { recursive: true });
  await symlink(ROOT, path.join(modules, 'asl-fingerspell'), 'junction').catch((error) => {
    if (error.code !== 'EEXIST') throw error;
  });
}
