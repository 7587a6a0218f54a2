import { execFileSync } from 'node:child_process';
import { mkdtempSync, realpathSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import type { TestProject } from 'vitest/node';

/** What `npm pack` says of the tarball. */
export interface Packed {
  /** Absolute path of the tarball. */
  readonly tarball: string;
  readonly unpackedSize: number;
  readonly files: readonly string[];
  /** Where apps are made: outside the repository, so that nothing of it is found by accident. */
  readonly workshop: string;
}

declare module 'vitest' {
  interface ProvidedContext {
    packed: Packed;
  }
}

/** Packs the package once for all tests of the project, and takes away what they made. */
export default function setup(project: TestProject): () => void {
  const workshop = realpathSync(mkdtempSync(path.join(os.tmpdir(), 'asl-fingerspell-packed-')));
  const root = path.resolve(import.meta.dirname, '../../..');
  const answer = execFileSync('npm', ['pack', '--ignore-scripts', '--json', '--pack-destination', workshop], {
    cwd: root,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const [{ filename, unpackedSize, files }] = JSON.parse(answer) as [
    { filename: string; unpackedSize: number; files: { path: string }[] },
  ];
  const tarball = path.join(workshop, filename);
  project.provide('packed', { tarball, unpackedSize, files: files.map((file) => file.path), workshop });
  return () => rmSync(workshop, { recursive: true, force: true, maxRetries: 5 });
}
