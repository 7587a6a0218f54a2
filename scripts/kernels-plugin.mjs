// Compiles the kernels of src/kernels, which are written in AssemblyScript, for builds and tests: a plugin of esbuild and
// one of Vite that give the module `#kernels`, two texts with a WebAssembly binary each.
import { mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';

// Relative to the repository, where all of its programs run; a bundled configuration does not know where this file was.
const SOURCES = 'src/kernels';
const CACHE = '.cache/kernels.js';
const VARIANTS = { simd: [], relaxed: ['--enable', 'relaxed-simd'] };
const OPTIONS = [
  ['--enable', 'simd,threads', '--disable', 'mutable-globals'],
  // Where what is in memory, and how much there is of it, is for the caller to say.
  ['--runtime', 'stub', '--importMemory', '--noExportMemory', '--initialMemory', '1', '--maximumMemory', '65536'],
  ['--sharedMemory', '-O3', '--converge', '--noAssert'],
].flat();

/** @type {Promise<string> | null} */
let compiling = null;

/** The module's text; several builds at a time wait for the same. */
export function compileKernels() {
  compiling ??= compileAll();
  return compiling;
}

/** What was compiled is kept until a source or the compiler changes. */
async function compileAll() {
  const sources = (await readdir(SOURCES)).map((name) => path.join(SOURCES, name));
  const inputs = [...sources, 'package-lock.json', 'scripts/kernels-plugin.mjs'];
  const changed = await Promise.all(inputs.map(async (file) => (await stat(file)).mtimeMs));
  const cachedMs = await stat(CACHE).then(
    ({ mtimeMs }) => mtimeMs,
    () => 0,
  );
  if (cachedMs > Math.max(...changed)) return readFile(CACHE, 'utf8');
  const lines = [];
  for (const [name, options] of Object.entries(VARIANTS)) {
    lines.push(`export const ${name} = '${(await compile(options)).toString('base64')}';\n`);
  }
  await mkdir(path.dirname(CACHE), { recursive: true });
  await writeFile(CACHE, lines.join(''));
  return lines.join('');
}

/**
 * @param {readonly string[]} options
 * @returns {Promise<Buffer>}
 */
async function compile(options) {
  const { default: asc } = await import('assemblyscript/asc');
  let binary = null;
  const { error, stderr } = await asc.main([`${SOURCES}/index.ts`, '-o', 'out.wasm', ...OPTIONS, ...options], {
    readFile: (name, base) => readFile(path.resolve(base, name), 'utf8').catch(() => null),
    writeFile: (_, contents) => {
      binary = contents;
    },
    listFiles: () => [],
  });
  if (error || binary === null) throw new Error(`The kernels do not compile.\n${stderr.toString()}`);
  return Buffer.from(binary);
}

const NAME = /^#kernels$/;

export const kernelsPlugin = {
  name: 'kernels',
  setup(build) {
    build.onResolve({ filter: NAME }, () => ({ path: 'kernels', namespace: 'kernels' }));
    build.onLoad({ filter: /.*/, namespace: 'kernels' }, async () => ({
      contents: await compileKernels(),
      loader: 'js',
    }));
  },
};

export const kernelsVitePlugin = {
  name: 'kernels',
  enforce: 'pre',
  resolveId: (name) => (NAME.test(name) ? '\0kernels' : undefined),
  load: (id) => (id === '\0kernels' ? compileKernels() : undefined),
};
