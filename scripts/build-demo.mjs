// Bundles examples/vanilla with the built library into a folder of static files that works below any path:
// node scripts/build-demo.mjs [FOLDER]   (default: demo-dist)
import { copyFile, cp, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import process from 'node:process';
import { pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import { ensureBuild, ROOT } from './ensure-build.mjs';

const PAGE = path.join(ROOT, 'examples', 'vanilla');

/** Files that the library looks for beside its own code, and which esbuild does not copy. */
const ASSETS = ['model.bin', 'tfjs-backend-wasm.wasm', 'tfjs-backend-wasm-simd.wasm'];

/** The page is a package of its own, which has not installed us: we are found from the root instead. */
const ownLibrary = {
  name: 'own-library',
  setup(build) {
    build.onResolve({ filter: /^asl-fingerspell/ }, ({ path: name, kind, resolveDir }) =>
      path.resolve(resolveDir) === path.resolve(ROOT) ? undefined : build.resolve(name, { kind, resolveDir: ROOT }),
    );
  },
};

/** Writes the page into `outDir`, which is emptied before. Builds the library first if needed. */
export async function buildDemo(outDir) {
  await ensureBuild();
  await rm(outDir, { recursive: true, force: true });
  await mkdir(outDir, { recursive: true });
  await build({
    absWorkingDir: ROOT,
    entryPoints: [path.join(PAGE, 'main.ts'), path.join(PAGE, 'styles', 'main.css')],
    entryNames: '[name]',
    outdir: path.resolve(outDir),
    bundle: true,
    splitting: true,
    format: 'esm',
    target: 'es2022',
    minify: true,
    legalComments: 'none',
    logLevel: 'warning',
    // Chunks of a package without side effects name each other for their order alone.
    logOverride: { 'ignored-bare-import': 'silent' },
    plugins: [ownLibrary],
    // Without the paths of our tsconfig.json: the page gets the library as any other package does, by its exports.
    tsconfigRaw: { compilerOptions: { target: 'ES2022', verbatimModuleSyntax: true } },
  });
  await Promise.all([
    writePage(outDir),
    copyFile(path.join(PAGE, 'icon.svg'), path.join(outDir, 'icon.svg')),
    cp(path.join(PAGE, 'public'), outDir, { recursive: true }),
    ...ASSETS.map((name) => copyFile(path.join(ROOT, 'dist', name), path.join(outDir, name))),
  ]);
}

async function writePage(outDir) {
  const html = await readFile(path.join(PAGE, 'index.html'), 'utf8');
  await writeFile(
    path.join(outDir, 'index.html'),
    html.replace('./main.ts', './main.js').replace('./styles/main.css', './main.css'),
  );
}

export { CONTENT_SECURITY_POLICY, serve } from './serve.mjs';

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const outDir = path.resolve(process.argv[2] ?? path.join(ROOT, 'demo-dist'));
  await buildDemo(outDir);
  console.log(`The page is in ${path.relative(process.cwd(), outDir) || '.'}: static files for any web server.`);
}
