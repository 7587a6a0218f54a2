// Compares the public types of each entry with its report in etc/; with --local, writes the reports anew.
import path from 'node:path';
import process from 'node:process';
import { Extractor, ExtractorConfig } from '@microsoft/api-extractor';

const root = path.resolve(import.meta.dirname, '..');
const isLocal = process.argv.includes('--local');
const ENTRIES = {
  index: 'asl-fingerspell',
  dom: 'asl-fingerspell-dom',
  element: 'asl-fingerspell-element',
  react: 'asl-fingerspell-react',
};

let isGood = true;
for (const [entry, report] of Object.entries(ENTRIES)) {
  const file = path.join(root, 'api-extractor.json');
  const configObject = ExtractorConfig.loadFile(file);
  configObject.mainEntryPointFilePath = path.join(root, `dist/${entry}.d.ts`);
  configObject.apiReport = { ...configObject.apiReport, enabled: true, reportFileName: `${report}.api.md` };
  const config = ExtractorConfig.prepare({
    configObject,
    configObjectFullPath: file,
    packageJsonFullPath: `${root}/package.json`,
  });
  const { succeeded, apiReportChanged } = Extractor.invoke(config, { localBuild: isLocal });
  if (!succeeded) isGood = false;
  if (apiReportChanged && !isLocal) {
    console.error(
      `The public types of "${entry}" are not those of etc/${report}.api.md. If that is meant: npm run api.`,
    );
  }
}
process.exitCode = isGood ? 0 : 1;
