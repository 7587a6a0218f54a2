// Writes what documents have from elsewhere: recorded figures, options from the TSDoc, the API reference (docs/api).
//   npm run docs              writes them
//   npm run docs -- --check   says what is stale, undocumented, or a dead link, and fails then
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import { confusionDiagram, curveDiagram, reliabilityDiagram } from '../training/evaluation/diagrams';
import { readApi } from './docs/api-reference';
import { deadLinks } from './docs/links';
import { modelCard } from './docs/model-card';
import { optionsTable } from './docs/options-table';
import { readmeFigures } from './docs/readme-figures';
import { readResults } from './docs/results';

const REFERENCE = 'docs/api';

const isCheck = process.argv.includes('--check');
const results = readResults();
const { project, pages, warnings } = await readApi();
const written = new Map([
  [
    'README.md',
    fill(readFileSync('README.md', 'utf8'), { figures: readmeFigures(results), options: optionsTable(project) }),
  ],
  ['MODEL_CARD.md', modelCard(results)],
  ['training/results/confusion.svg', confusionDiagram(results.evaluation)],
  ['training/results/reliability.svg', reliabilityDiagram(results.evaluation)],
  ['bench/results/accuracy-curve.svg', curveDiagram(results.curve)],
  ...[...pages].map(([name, text]) => [`${REFERENCE}/${name}`, text] as const),
]);
const existing = markdown(REFERENCE, { recursive: true });

const faults = [...(warnings > 0 ? [`TypeDoc has ${warnings} warnings.`] : []), ...deadLinks(documents())];
if (isCheck) {
  for (const [file, text] of written) if (read(file) !== text) faults.push(`${file} is stale. Run: npm run docs`);
  for (const file of existing) if (!written.has(file)) faults.push(`${file} describes no name. Run: npm run docs`);
} else {
  rmSync(REFERENCE, { recursive: true, force: true });
  for (const [file, text] of written) {
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, text);
  }
}
for (const fault of faults) console.error(fault);
if (faults.length > 0) process.exitCode = 1;

/** Puts texts between their markers, `<!-- name:start -->` and `<!-- name:end -->`. */
function fill(document: string, texts: Readonly<Record<string, string>>): string {
  return Object.entries(texts).reduce((whole, [name, text]) => {
    const marked = new RegExp(`(<!-- ${name}:start -->\\n)[\\s\\S]*?(<!-- ${name}:end -->)`);
    if (!marked.test(whole)) throw new Error(`README.md has no markers for ${name}.`);
    return whole.replace(marked, (_, start, end) => `${start}\n${text}\n\n${end}`);
  }, document);
}

/** Every document that people read, as it is once written. */
function documents(): ReadonlyMap<string, string> {
  const examples = readdirSync('examples').map((name) => `examples/${name}`);
  const names = ['.', 'docs', 'training', 'training/results', ...examples].flatMap((folder) => markdown(folder));
  return new Map([
    ...names.map((name) => [name, readFileSync(name, 'utf8')] as const),
    ...[...written].filter(([name]) => name.endsWith('.md')),
  ]);
}

function markdown(folder: string, options: { readonly recursive?: boolean } = {}): readonly string[] {
  if (!existsSync(folder)) return [];
  const names = readdirSync(folder, { ...options, encoding: 'utf8' }).filter((name) => name.endsWith('.md'));
  return names.map((name) => path.posix.join(folder, name.split(path.sep).join('/')));
}

function read(file: string): string | null {
  return existsSync(file) ? readFileSync(file, 'utf8') : null;
}
