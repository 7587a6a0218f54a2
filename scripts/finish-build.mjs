// After tsup: type declarations for require(), and stub folders for tools that ignore "exports".
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';

for (const file of readdirSync('dist').filter((name) => name.endsWith('.d.ts'))) {
  const text = readFileSync(`dist/${file}`, 'utf8').replaceAll(/(from '\.[^']*)\.js'/g, "$1.cjs'");
  writeFileSync(`dist/${file.replace(/\.d\.ts$/, '.d.cts')}`, text);
}
