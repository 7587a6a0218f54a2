// Puts recorded results into the documents: npm run docs (or, to check that they are there, npm run docs -- --check).
import { readFileSync, writeFileSync } from 'node:fs';
import { confusionDiagram, reliabilityDiagram } from './docs/diagrams';
import { modelCard } from './docs/model-card';
import { readmeFigures } from './docs/readme-figures';
import { readResults } from './docs/results';

const MARKED = /(<!-- figures:start -->\n)[\s\S]*?(<!-- figures:end -->)/;

const results = readResults();
const documents: Readonly<Record<string, string>> = {
  'README.md': readFileSync('README.md', 'utf8').replace(
    MARKED,
    (_, start, end) => `${start}\n${readmeFigures(results)}\n\n${end}`,
  ),
  'MODEL_CARD.md': modelCard(results),
  'training/results/confusion.svg': confusionDiagram(results.evaluation),
  'training/results/reliability.svg': reliabilityDiagram(results.evaluation),
};

const isCheck = process.argv.includes('--check');
for (const [file, text] of Object.entries(documents)) {
  if (!isCheck) writeFileSync(file, text);
  else if (readFileSync(file, 'utf8') !== text) {
    console.error(`${file} does not say what was measured. Run: npm run docs`);
    process.exitCode = 1;
  }
}
