// After tsup: type declarations for require(), no file of an earlier build left among those of this one, and a folder for
// each entry, for tools that do not read package.json's "exports" (TypeScript's "node10", Jest 27, Browserify).
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';

// Types are written once, so that a class is the same one for `import` and `require` in one program.
for (const file of readdirSync('dist').filter((name) => name.endsWith('.d.ts'))) {
  const [name] = file.split('.');
  const text = readFileSync(`dist/${file}`, 'utf8');
  // A build without types keeps those of the last one.
  if (text === reexport(name)) continue;
  writeFileSync(`dist/${name}.d.cts`, text.replaceAll(/(from '\.[^']*)\.js'/g, "$1.cjs'"));
  writeFileSync(`dist/${file}`, reexport(name));
}
for (const folder of ['dist', 'dist/node']) removeUnreached(folder);
shareChunks();
for (const entry of ['dom', 'element', 'react']) writeStub(entry);

/** Removes chunks that no entry names any more, directly or through other chunks: their names change with content. */
function removeUnreached(folder) {
  const files = readdirSync(folder).filter((name) => /\.c?js$/.test(name));
  const reached = new Set();
  const waiting = files.filter((name) => !isChunk(name));
  while (waiting.length > 0) {
    const name = waiting.pop();
    if (reached.has(name)) continue;
    reached.add(name);
    const text = readFileSync(path.join(folder, name), 'utf8');
    waiting.push(...files.filter((other) => !reached.has(other) && text.includes(`./${other}`)));
  }
  for (const name of files) if (!reached.has(name)) rmSync(path.join(folder, name));
}

/** Keeps chunks once that Node has in common with browsers. The hash in a name is of all that a chunk imports, too. */
function shareChunks() {
  const ofBrowsers = new Set(readdirSync('dist'));
  const files = readdirSync('dist/node').filter((name) => name.endsWith('.js'));
  const shared = files.filter((name) => isChunk(name) && ofBrowsers.has(name));
  for (const name of shared) rmSync(`dist/node/${name}`);
  for (const file of files.filter((name) => !shared.includes(name))) {
    const text = readFileSync(`dist/node/${file}`, 'utf8');
    writeFileSync(
      `dist/node/${file}`,
      shared.reduce((code, name) => code.replaceAll(`"./${name}"`, `"../${name}"`), text),
    );
  }
}

/** @param {string} name */
function isChunk(name) {
  return /-[0-9A-Z]{8}\.c?js$/.test(name);
}

/** @param {string} name */
function reexport(name) {
  return `export * from './${name}.cjs';\n`;
}

/** @param {string} entry */
function writeStub(entry) {
  const [main, module, types] = [`node/${entry}.cjs`, `${entry}.js`, `${entry}.d.ts`].map((file) => `../dist/${file}`);
  mkdirSync(entry, { recursive: true });
  writeFileSync(`${entry}/package.json`, `${JSON.stringify({ main, module, types, sideEffects: false })}\n`);
}
