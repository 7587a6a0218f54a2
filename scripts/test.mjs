// npm test: everything that must hold, on a fresh clone after `npm ci` alone.
//
//   npm test                    all of it but packaging-full
//   npm test -- unit browser    some parts: unit, browser, e2e, packaging, training, lint, types, docs, api,
//                               size, package
//   npm test -- --full          all of it and packaging-full: every example and bundler, installed from the registry
//   npm test -- --record        writes anew the results that tests compare with (test/fixtures)
//
// The last line is `N passed, N failed, N skipped`, over all parts; a check such as the linter counts as one.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { provideChromium } from './chromium.mjs';
import { isFresh } from './ensure-build.mjs';

const root = path.resolve(import.meta.dirname, '..');
const temp = mkdtempSync(path.join(os.tmpdir(), 'asl-fingerspell-test-'));
process.chdir(root);

const PARTS = {
  unit: () => vitest('unit'),
  browser: () => vitest('browser'),
  e2e: () => vitest('e2e'),
  packaging: () => vitest('packaging'),
  'packaging-full': () => vitest('packaging-full'),
  training,
  lint: () => check('biome', ['check', '.']),
  types: () => check('tsc', ['--noEmit']),
  docs: () => verdict('docs', node(['scripts/run-ts.mjs', 'scripts/docs.ts', '--check'])),
  api: () => verdict('api', node(['scripts/api-report.mjs'])),
  size: () => verdict('size', node(['scripts/size.mjs'])),
  package: () => sum([check('publint', ['--strict']), checkTypesOfEntries()]),
};
const NEED_BUILD = ['unit', 'browser', 'e2e', 'packaging', 'packaging-full', 'api', 'package', 'size', 'types'];
const NEED_CHROMIUM = ['browser', 'e2e', 'packaging', 'packaging-full'];

const words = process.argv.slice(2);
if (words.includes('--record')) process.env.RECORD = '1';
const chosen = words.filter((word) => !word.startsWith('-'));
const unknown = chosen.filter((name) => !Object.hasOwn(PARTS, name));
if (unknown.length > 0) {
  console.error(`There is no part named ${unknown.join(', ')}. There are: ${Object.keys(PARTS).join(', ')}.`);
  process.exit(2);
}
const usual = Object.keys(PARTS).filter((name) => name !== 'packaging-full' || words.includes('--full'));
const parts = chosen.length > 0 ? chosen : usual;

try {
  process.env.CHROMIUM ??= parts.some((name) => NEED_CHROMIUM.includes(name)) ? provideChromium() : '';
  if (parts.some((name) => NEED_BUILD.includes(name)) && !(await isFresh({ types: true }))) {
    console.log('\n— build');
    if (spawnSync('npm', ['run', 'build', '--silent'], { stdio: 'inherit' }).status !== 0) {
      throw new Error('The package could not be built.');
    }
  }
  const results = parts.map((name) => {
    console.log(`\n— ${name}`);
    return PARTS[name]();
  });
  finish(sum(results));
} catch (error) {
  console.error(`\n${error instanceof Error ? error.message : String(error)}`);
  finish({ passed: 0, failed: 1, skipped: 0, failures: [] });
} finally {
  rmSync(temp, { recursive: true, force: true });
}

/** A log may keep only its end: what failed is named there once more. */
function finish({ passed, failed, skipped, failures }) {
  for (const failure of failures) console.log(`\n✗ ${failure}`);
  console.log(`\n${passed} passed, ${failed} failed, ${skipped} skipped`);
  process.exitCode = failed > 0 ? 1 : 0;
}

function sum(results) {
  const add = (key) => results.reduce((total, result) => total + result[key], 0);
  const failures = results.flatMap((result) => result.failures);
  return { passed: add('passed'), failed: add('failed'), skipped: add('skipped'), failures };
}

function node(args, options = {}) {
  return spawnSync(process.execPath, args, { stdio: 'inherit', ...options });
}

/** Runs a program of node_modules/.bin, as one check. */
function check(program, args) {
  return verdict(program, spawnSync('npx', ['--no-install', program, ...args], { stdio: 'inherit' }));
}

/** The files for plain pages have no types to resolve: one defines a global, the other is imported by its address. */
function checkTypesOfEntries() {
  const noTypes = ['asl-fingerspell.global.js', 'asl-fingerspell.esm.js'];
  return check('attw', ['--pack', '.', '--format', 'ascii', '--exclude-entrypoints', ...noTypes]);
}

function verdict(name, { status }) {
  console.log(`${status === 0 ? '✓' : '✗'} ${name}`);
  const failures = status === 0 ? [] : [name];
  return { passed: 1 - failures.length, failed: failures.length, skipped: 0, failures };
}

function vitest(project) {
  const report = path.join(temp, `${project}.json`);
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`];
  const { status } = spawnSync('npx', ['--no-install', 'vitest', 'run', '--project', project, ...reporters], {
    stdio: 'inherit',
    env: { ...process.env, NODE_ENV: 'test' },
  });
  if (!existsSync(report)) return { passed: 0, failed: 1, skipped: 0, failures: [project] };
  const { numPassedTests, numFailedTests, numPendingTests, numTodoTests, testResults } = JSON.parse(
    readFileSync(report, 'utf8'),
  );
  // A file that could not be loaded, or an error outside any test, fails the run without failing a test.
  const failed = Math.max(numFailedTests, status === 0 ? 0 : 1);
  const failures = failed > 0 ? [project, ...testResults.flatMap(failuresOf)] : [];
  return { passed: numPassedTests, failed, skipped: numPendingTests + numTodoTests, failures };
}

/** What failed in one test file, and why. */
function failuresOf({ name, message, status, assertionResults }) {
  const file = path.relative(root, name);
  const tests = assertionResults.filter((test) => test.status === 'failed');
  if (tests.length === 0) return status === 'failed' ? [`${file}: ${message}`] : [];
  return tests.map(({ fullName, failureMessages }) => `${file}: ${fullName}\n${failureMessages.join('\n')}`);
}

/** The tests of the training code, with any Python that has PyTorch; Debian's own first, which another may hide. */
function training() {
  const folder = 'test/training';
  const files = existsSync(folder) ? readdirSync(folder).filter((name) => /^test_.*\.py$/.test(name)) : [];
  const tests = files.map(
    (name) => readFileSync(path.join(folder, name), 'utf8').match(/^\s+def test_/gm)?.length ?? 0,
  );
  const count = tests.reduce((a, b) => a + b, 0);
  const hasTorch = (python) => spawnSync(python, ['-c', 'import torch, PIL'], { stdio: 'ignore' }).status === 0;
  const python = [process.env.PYTHON, '/usr/bin/python3', 'python3', 'python'].find((name) => name && hasTorch(name));
  if (!python) {
    console.log(
      `${count} tests skipped: they need Python with PyTorch and Pillow. On Debian: apt-get install python3-torch ` +
        'libopenblas0-pthread python3-pil. Elsewhere: pip install torch pillow numpy. The variable PYTHON names it.',
    );
    return { passed: 0, failed: 0, skipped: count, failures: [] };
  }
  const { status, stderr } = spawnSync(python, ['-m', 'unittest', 'discover', '-s', folder], {
    stdio: ['ignore', 'inherit', 'pipe'],
    encoding: 'utf8',
    maxBuffer: 1 << 28,
  });
  process.stdout.write(stderr);
  const number = (pattern) => Number(stderr.match(pattern)?.[1] ?? 0);
  const skipped = number(/\bskipped=(\d+)/);
  const broken = number(/\bfailures=(\d+)/) + number(/\berrors=(\d+)/);
  const failed = Math.max(broken, status === 0 ? 0 : 1);
  const failures = failed > 0 ? ['training', ...(stderr.match(/^(?:FAIL|ERROR): .*$/gm) ?? [])] : [];
  return { passed: Math.max(0, number(/^Ran (\d+) test/m) - skipped - broken), failed, skipped, failures };
}
