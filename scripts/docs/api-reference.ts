import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { Application, Converter, LogLevel, type ProjectReflection } from 'typedoc';

/** The entries by the names that one imports. */
const ENTRIES: Readonly<Record<string, string>> = {
  'src/index.ts': 'asl-fingerspell',
  'adapters/dom/index.ts': 'asl-fingerspell/dom',
  'adapters/element/index.ts': 'asl-fingerspell/element',
  'adapters/react/index.ts': 'asl-fingerspell/react',
};

/** The public names as TypeDoc sees them, and the pages it writes of them. */
export interface ApiReference {
  readonly project: ProjectReflection;
  /** Markdown by its path below the reference's folder. */
  readonly pages: ReadonlyMap<string, string>;
  /** Names without a description, links that lead nowhere: how many; TypeDoc has printed them. */
  readonly warnings: number;
}

/** Reads the TSDoc of all entries. */
export async function readApi(): Promise<ApiReference> {
  const app = await Application.bootstrapWithPlugins({
    name: 'API reference',
    entryPoints: Object.keys(ENTRIES),
    logLevel: LogLevel.Warn,
    plugin: ['typedoc-plugin-markdown'],
    readme: 'none',
    disableGit: true,
    disableSources: true,
    excludeInternal: true,
    excludePrivate: true,
    excludeExternals: true,
    gitRevision: 'main',
    validation: { notExported: true, invalidLink: true, invalidPath: true, notDocumented: true },
    // Of typedoc-plugin-markdown: one page a name, readable as it is wherever Markdown is shown.
    ...({
      router: 'member',
      entryFileName: 'README',
      hidePageHeader: true,
      useCodeBlocks: true,
      indexFormat: 'table',
      parametersFormat: 'table',
      propertiesFormat: 'table',
      interfacePropertiesFormat: 'table',
      typeAliasPropertiesFormat: 'table',
      tableColumnSettings: { hideModifiers: true, hideInherited: true, hideOverrides: true, leftAlignHeaders: true },
    } as object),
  });
  app.converter.on(Converter.EVENT_RESOLVE_BEGIN, ({ project }) => nameEntries(project));
  const project = await app.convert();
  if (project === undefined) throw new Error('TypeDoc could not read the entries; it has said why.');
  app.validate(project);
  const folder = mkdtempSync(path.join(os.tmpdir(), 'asl-fingerspell-docs-'));
  try {
    app.options.setValue('out', folder);
    await app.generateOutputs(project);
    return { project, pages: readPages(folder), warnings: app.logger.warningCount + app.logger.errorCount };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** TypeDoc names an entry after its folder. */
function nameEntries(project: ProjectReflection): void {
  const names = Object.values(ENTRIES);
  for (const module of project.children ?? []) {
    const short = module.name.replace(/^(src|adapters)$|^(src|adapters)\//, '').replace(/\/?index$/, '');
    const name = short === '' ? names[0] : names.find((candidate) => candidate.endsWith(`/${short}`));
    if (name === undefined) throw new Error(`No entry is known for TypeDoc's module "${module.name}".`);
    module.name = name;
  }
}

function readPages(folder: string): ReadonlyMap<string, string> {
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.md'));
  return new Map(
    files.sort().map((name) => {
      const text = readFileSync(path.join(folder, name), 'utf8');
      // An option without a default has none; that it is then `undefined` tells nobody anything.
      return [name.split(path.sep).join('/'), text.replaceAll('| `undefined` |', '| – |')];
    }),
  );
}
