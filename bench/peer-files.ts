import { execFileSync } from 'node:child_process';
import { copyFileSync, cpSync, existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { readHandNetworks } from './hand-task';

const FOLDER = path.resolve('bench/peers');

/** What is measured beside us is installed in a folder of its own: nobody else needs it. */
export function installPeers(): void {
  if (existsSync(path.join(FOLDER, 'node_modules/.package-lock.json'))) return;
  execFileSync('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund'], { cwd: FOLDER, stdio: 'inherit' });
}

/** Copies onnxruntime-web to `ort/` of a site, and MediaPipe's task with its networks to `mediapipe/`. */
export function copyPeers(site: string): void {
  const modules = path.join(FOLDER, 'node_modules');
  mkdirSync(path.join(site, 'ort'));
  for (const name of ['ort.wasm.min.mjs', 'ort-wasm-simd-threaded.mjs', 'ort-wasm-simd-threaded.wasm']) {
    copyFileSync(path.join(modules, 'onnxruntime-web/dist', name), path.join(site, 'ort', name));
  }
  const mediapipe = path.join(site, 'mediapipe');
  cpSync(path.join(modules, '@mediapipe/tasks-vision/wasm'), path.join(mediapipe, 'wasm'), { recursive: true });
  copyFileSync(
    path.join(modules, '@mediapipe/tasks-vision/vision_bundle.mjs'),
    path.join(mediapipe, 'vision_bundle.mjs'),
  );
  const { zipSync } = createRequire(path.join(FOLDER, 'package.json'))('fflate') as {
    zipSync(files: Record<string, Uint8Array>, options: { level: 0 }): Uint8Array;
  };
  writeFileSync(path.join(mediapipe, 'hand.task'), zipSync(readHandNetworks(), { level: 0 }));
}
