import { copyFile, mkdir } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

await build({
  entryPoints: ['main.js'],
  outdir: 'dist',
  bundle: true,
  splitting: true,
  format: 'esm',
  minify: true,
});

// esbuild copies no assets: they go beside the page.
await mkdir('dist', { recursive: true });
await copyFile('index.html', 'dist/index.html');
const library = path.dirname(fileURLToPath(import.meta.resolve('asl-fingerspell/package.json')));
for (const name of ['model.bin', 'worker.js', 'tfjs-backend-wasm-simd.wasm', 'tfjs-backend-wasm.wasm']) {
  await copyFile(path.join(library, 'dist', name), path.join('dist', name));
}
