// Builds the library into dist/ if it is missing or older than its sources. Also a command of its own.
import { spawn } from 'node:child_process';
import { readdir, stat } from 'node:fs/promises';
import path from 'node:path';
import process from 'node:process';
import { fileURLToPath, pathToFileURL } from 'node:url';

export const ROOT = fileURLToPath(new URL('..', import.meta.url));

const SOURCES = ['src', 'adapters', 'model', 'tsup.config.ts', 'package-lock.json', 'scripts'];
const OUTPUTS = [
  ...['index', 'dom', 'element', 'react'].flatMap((name) => [`${name}.js`, `node/${name}.js`, `node/${name}.cjs`]),
  'asl-fingerspell.global.js',
  'asl-fingerspell.esm.js',
  'backends.js',
  'kernels.js',
  'layers-runtime.js',
  'prepare.js',
  'shipped.js',
  'worker.js',
  'model.bin',
  'tfjs-backend-wasm.wasm',
  'tfjs-backend-wasm-simd.wasm',
].map((name) => path.join('dist', name));

/** What only the whole build, `npm run build`, writes: for tools that read types. */
const TYPES = ['index.d.ts', 'index.d.cts', 'react.d.cts'].map((name) => path.join('dist', name));

/** Builds if needed, without type declarations (a few seconds). Resolves to whether it built. */
export async function ensureBuild({ log = console.error } = {}) {
  if (await isFresh()) return false;
  log('Building the library …');
  await run(process.execPath, [path.join('node_modules', 'tsup', 'dist', 'cli-default.js'), '--no-dts', '--silent']);
  // Chunks of the build before would stay, and be counted and packed.
  await run(process.execPath, [path.join('scripts', 'finish-build.mjs')]);
  return true;
}

/** Whether every file of the build is there and newer than everything it is made of; `types`: its declarations too. */
export async function isFresh({ types = false } = {}) {
  const outputs = types ? [...OUTPUTS, ...TYPES] : OUTPUTS;
  const builtMs = await Promise.all(outputs.map((file) => newestMs(file)));
  const changedMs = await Promise.all(SOURCES.map((file) => newestMs(file)));
  return Math.min(...builtMs) > Math.max(...changedMs);
}

/** When the newest file of a file or folder was written; −∞ if there is none. */
async function newestMs(name) {
  const file = path.join(ROOT, name);
  const stats = await stat(file).catch(() => null);
  if (stats === null) return Number.NEGATIVE_INFINITY;
  if (!stats.isDirectory()) return stats.mtimeMs;
  const names = await readdir(file);
  return Math.max(...(await Promise.all(names.map((child) => newestMs(path.join(name, child))))));
}

function run(command, args) {
  return new Promise((resolve, reject) => {
    // What it prints goes to stderr: stdout belongs to the command that needed the build.
    const child = spawn(command, args, { cwd: ROOT, stdio: ['ignore', process.stderr, process.stderr] });
    child.on('error', reject);
    child.on('exit', (code) =>
      code === 0 ? resolve() : reject(new Error(`The build failed (exit code ${code}). Did "npm ci" run?`)),
    );
  });
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  await ensureBuild().catch((error) => {
    console.error(error.message);
    process.exitCode = 1;
  });
}
