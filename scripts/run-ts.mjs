// Runs a TypeScript script of this project: node scripts/run-ts.mjs FILE [ARGUMENT…]
// Bundled first, as the library's node build is, so that a script may use the library's inner parts.
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import process from 'node:process';
import { pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import { kernelsPlugin } from './kernels-plugin.mjs';
import { tfjsPlugin } from './tfjs-plugin.mjs';

const [file, ...rest] = process.argv.slice(2);
const folder = path.resolve('.cache/scripts');
const outfile = path.join(folder, `${file.replaceAll(/[\\/]/g, '-')}-${process.pid}.mjs`);
await mkdir(folder, { recursive: true });
await build({
  entryPoints: [file],
  outfile,
  bundle: true,
  platform: 'node',
  format: 'esm',
  target: 'node20',
  sourcemap: 'inline',
  conditions: ['node'],
  // Packages stay where they are, except kernels, whose deep paths do not load in Node.
  plugins: [tfjsPlugin, kernelsPlugin, { name: 'packages', setup: keepPackages }],
});
process.argv = [process.argv[0], path.resolve(file), ...rest];
await import(pathToFileURL(outfile).href);

function keepPackages(builder) {
  builder.onResolve({ filter: /^[^./#]/ }, ({ path: name, kind }) => {
    if (kind === 'entry-point' || path.isAbsolute(name)) return undefined;
    return /^@tensorflow\/tfjs-backend-[^/]+\//.test(name) ? undefined : { external: true };
  });
}
