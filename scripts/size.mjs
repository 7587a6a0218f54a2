// Bytes that users download, against the limits of bench/size-limits.json.
//
//   npm run size
//
// Scripts are counted as a bundler delivers them: split, minified, tfjs-core within, gzip.
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';

const root = path.resolve(import.meta.dirname, '..');
const file = (/** @type {string} */ name) => readFileSync(path.join(root, 'dist', name));
const gzip = (/** @type {Uint8Array} */ bytes) => gzipSync(bytes, { level: 9 }).length;

/** What a page does not fetch, by the dist file that a chunk is made from. */
const WEBGL = /^webgl-[0-9A-Z]{8}\.js$/;
const KERNELS = /^kernels(-[0-9A-Z]{8})?\.js$/;
// The WASM of TensorFlow.js is for processors without SIMD.
const RARE = /^(cpu|wasm|client|start|layers[a-z-]*)-[0-9A-Z]{8}\.js$/;

const sizes = {
  'scripts of a page that classifies on WASM, gzip': await scripts([WEBGL, RARE]),
  'scripts of a page that classifies on WebGL, gzip': await scripts([KERNELS, RARE]),
  'asl-fingerspell.global.js, gzip': gzip(file('asl-fingerspell.global.js')),
  'worker.js, gzip': gzip(file('worker.js')),
  'tfjs-backend-wasm-simd.wasm, gzip': gzip(file('tfjs-backend-wasm-simd.wasm')),
  'model, gzip': gzip(file('model.bin')) + gzip(file('model.json')) + gzip(file('metadata.json')),
  'model.bin': file('model.bin').length,
  'package, unpacked': unpackedSize(),
};

const limits = JSON.parse(readFileSync(path.join(root, 'bench/size-limits.json'), 'utf8'));
for (const [name, size] of Object.entries(sizes)) {
  const limit = limits[name];
  const isGood = size <= limit;
  if (!isGood) process.exitCode = 1;
  console.log(`${isGood ? '✓' : '✗'} ${name}: ${size} of ${limit} bytes`);
}
if (process.argv.includes('--record')) {
  writeFileSync(path.join(root, 'bench/results/size.json'), `${JSON.stringify(sizes, null, 1)}\n`);
}

/**
 * Bytes of all chunks that a page reaches from `import … from 'asl-fingerspell'`, but for those made from `without`.
 *
 * @param {readonly RegExp[]} without
 */
async function scripts(without) {
  const { outputFiles, metafile } = await build({
    stdin: { contents: "export { FingerspellRecognizer } from './dist/index.js';", resolveDir: root },
    bundle: true,
    splitting: true,
    format: 'esm',
    minify: true,
    outdir: path.join(root, 'temp'),
    write: false,
    metafile: true,
    logLevel: 'error',
    absWorkingDir: root,
  });
  const contents = new Map(outputFiles.map(({ path: name, contents }) => [path.relative(root, name), contents]));
  const [entry] = Object.entries(metafile.outputs).find(([, { entryPoint }]) => entryPoint === '<stdin>') ?? [];
  const waiting = [entry ?? ''];
  const reached = new Set();
  let size = 0;
  for (let name = waiting.pop(); name !== undefined; name = waiting.pop()) {
    const output = metafile.outputs[name];
    const made = path.basename(output?.entryPoint ?? '');
    const bytes = contents.get(name);
    if (!output || !bytes || reached.has(name)) continue;
    // Two modules have the base name "wasm"; the one that only fetches the binary is always there.
    const isSmallWasm = RARE.test(made) && made.startsWith('wasm-') && bytes.length < 1000;
    if (without.some((pattern) => pattern.test(made)) && !isSmallWasm) continue;
    reached.add(name);
    size += gzip(bytes);
    waiting.push(...output.imports.map((imported) => imported.path));
  }
  return size;
}

function unpackedSize() {
  const { stdout } = spawnSync('npm', ['pack', '--dry-run', '--json', '--ignore-scripts'], {
    cwd: root,
    encoding: 'utf8',
  });
  return JSON.parse(stdout)[0].unpackedSize;
}
