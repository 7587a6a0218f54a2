import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { build } from 'esbuild';

type Core = typeof import('@tensorflow/tfjs-core');

const VERSION = '3.21.0';
const root = path.resolve(import.meta.dirname, '../..');
const home = path.join(root, '.cache', `tfjs-${VERSION}`);
const PACKAGES = ['core', 'backend-cpu', 'backend-wasm', 'backend-webgl'].map((name) => `@tensorflow/tfjs-${name}`);

/**
 * An old tfjs, as an app may have it, in a folder of its own that is filled once. npm allows no alias beside ours: its
 * backends want a core of their version under the plain name.
 */
export function installOldTfjs(): string {
  if (existsSync(home)) return home;
  mkdirSync(path.dirname(home), { recursive: true });
  const folder = mkdtempSync(`${home}-`);
  try {
    writeFileSync(path.join(folder, 'package.json'), JSON.stringify({ name: 'old-app', private: true }));
    const options = ['--prefer-offline', '--no-audit', '--no-fund', '--ignore-scripts'];
    const names = PACKAGES.map((name) => `${name}@${VERSION}`);
    execFileSync('npm', ['install', ...options, ...names], { cwd: folder, stdio: ['ignore', 'ignore', 'inherit'] });
    renameSync(folder, home);
  } catch (error) {
    rmSync(folder, { recursive: true, force: true });
    // Another test may have been faster.
    if (!existsSync(home)) throw error;
  }
  return home;
}

/** The old tfjs in this process. */
export function requireOldTfjs(): Core {
  const require = createRequire(path.join(installOldTfjs(), 'index.js'));
  const [core] = PACKAGES.filter((name) => !name.endsWith('webgl')).map((name) => require(name));
  return core as Core;
}

/** The old tfjs as one module for a page; its address under the project's root, and that of its `.wasm` files. */
export async function bundleOldTfjs(): Promise<{ readonly module: string; readonly wasm: string }> {
  const folder = installOldTfjs();
  const outfile = path.join(folder, 'page.mjs');
  const names = PACKAGES.map((name) => (name.endsWith('wasm') ? `export { setWasmPaths } from '${name}'` : name));
  const lines = names.map((name) =>
    name.startsWith('export') ? name : name.endsWith('core') ? `export * from '${name}'` : `import '${name}'`,
  );
  await build({
    stdin: { contents: lines.join(';\n'), resolveDir: folder },
    outfile,
    bundle: true,
    format: 'esm',
    platform: 'browser',
    mainFields: ['module', 'main'],
    minify: true,
    logLevel: 'error',
  });
  const served = (file: string): string => `/${path.relative(root, file).replaceAll('\\', '/')}`;
  return {
    module: served(outfile),
    wasm: served(path.join(folder, 'node_modules/@tensorflow/tfjs-backend-wasm/dist/')),
  };
}
