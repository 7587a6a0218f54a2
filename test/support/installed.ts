import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { ModelFiles } from 'asl-fingerspell';

const root = path.resolve(import.meta.dirname, '../..');

/** What `npm pack` says of the tarball. */
export interface Packed {
  readonly filename: string;
  readonly unpackedSize: number;
  readonly files: readonly { readonly path: string }[];
}

/** Makes `project` an app that has the packed library installed, and further packages of the registry. */
export function installPacked(project: string, others: readonly string[] = []): Packed {
  const pack = ['pack', '--ignore-scripts', '--json', '--pack-destination', project];
  const [packed] = JSON.parse(
    execFileSync('npm', pack, { cwd: root, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }),
  ) as [Packed];
  writeFileSync(path.join(project, 'package.json'), JSON.stringify({ name: 'app', private: true, version: '1.0.0' }));
  const install = ['install', '--prefer-offline', '--no-audit', '--no-fund', '--ignore-scripts'];
  const names = [path.join(project, packed.filename), ...others];
  execFileSync('npm', [...install, ...names], { cwd: project, stdio: 'ignore' });
  return packed;
}

/** Adds a package that depends on another version of the library, which npm puts below it. */
export function installOtherVersion(project: string, name: string, version: string): void {
  const widget = path.join(project, 'node_modules', name);
  const copied = path.join(widget, 'node_modules/asl-fingerspell');
  cpSync(path.join(project, 'node_modules/asl-fingerspell'), copied, { recursive: true });
  const manifest = JSON.parse(readFileSync(path.join(copied, 'package.json'), 'utf8')) as object;
  writeFileSync(path.join(copied, 'package.json'), JSON.stringify({ ...manifest, version }));
  const about = { name, version: '1.0.0', type: 'module', exports: './index.js', sideEffects: false };
  writeFileSync(path.join(widget, 'package.json'), JSON.stringify(about));
  writeFileSync(path.join(widget, 'index.js'), `export * from 'asl-fingerspell';\n`);
}

/** Writes a model folder as a converter does: `model.json`, weights and `metadata.json`. */
export function writeModel(folder: string, { modelJson, metadata, weights }: ModelFiles): void {
  mkdirSync(folder, { recursive: true });
  const { weightsManifest } = modelJson as { weightsManifest: readonly { paths: readonly string[] }[] };
  writeFileSync(path.join(folder, 'model.json'), JSON.stringify(modelJson));
  writeFileSync(path.join(folder, 'metadata.json'), JSON.stringify(metadata));
  for (const [i, name] of weightsManifest.flatMap(({ paths }) => paths).entries()) {
    writeFileSync(path.join(folder, name), new Uint8Array(weights[i] as ArrayBuffer));
  }
}

/** The program of a page that shows as JSON what its `report()` resolves with, or its error. */
export function showReport(): string {
  return `
    const show = (value) => { document.getElementById('answer').textContent = JSON.stringify(value); };
    report().then(show, (error) => show({ code: error.code, message: String(error.stack) }));`;
}

/** A page with nothing in it but a script and what that answers. */
export function answerPage(script: string): string {
  const head = '<meta charset="utf-8"><link rel="icon" href="./icon.png"><title>t</title>';
  return `<!doctype html><html lang="en"><head>${head}</head><body><pre id="answer"></pre>${script}</body></html>`;
}
