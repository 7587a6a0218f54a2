import { type Comment, type DeclarationReflection, type ProjectReflection, ReflectionKind } from 'typedoc';
import { table } from './results';

interface Group {
  readonly title: string;
  readonly name: string;
  /** Names whose own tables have the rest. */
  readonly without: readonly string[];
}

/** Each option stands once, with the call that it belongs to. */
const GROUPS: readonly Group[] = [
  { title: '`classify()`, and as defaults for it `load()`', name: 'ClassifyOptions', without: [] },
  { title: '`FingerspellRecognizer.load()`', name: 'RecognizerOptions', without: ['ClassifyOptions'] },
  {
    title: '`FingerspellReader`: all of the above, and',
    name: 'ReaderOptions',
    without: ['ClassifyOptions', 'RecognizerOptions'],
  },
  { title: '`useFingerspell()`: all of a reader, and', name: 'UseFingerspellOptions', without: ['ReaderOptions'] },
  { title: '`camera` of a reader, `openCamera()`', name: 'CameraOptions', without: [] },
  { title: '`speller` of a reader, `FingerspellSpeller`', name: 'SpellerOptions', without: [] },
  { title: '`assets`', name: 'AssetOverrides', without: [] },
];

/** What the attributes of the element say begins with this. */
const ATTRIBUTE = /^Attribute `([a-z-]+)`: /;

/** Every option with its default and what it does, as the TSDoc has it, in one fold for each call. */
export function optionsTable(project: ProjectReflection): string {
  const groups = GROUPS.map(({ title, name, without }) => {
    // By what they say, too: each call has a `signal` of its own, that means something else.
    const meaning = (property: DeclarationReflection) => `${property.name}: ${firstSentences(property)}`;
    const known = new Set(without.flatMap((other) => propertiesOf(project, other).map(meaning)));
    const rows = propertiesOf(project, name)
      .filter((property) => !known.has(meaning(property)))
      .map((property) => [`\`${property.name}\``, defaultOf(property), firstSentences(property)]);
    return fold(title, table(['option', 'default', 'what it does'], rows));
  });
  return [...groups, fold('attributes of `<asl-fingerspell>`', attributes(project))].join('\n\n');
}

function attributes(project: ProjectReflection): string {
  const rows = propertiesOf(project, 'FingerspellElement').flatMap((property) => {
    const text = plain(property.comment?.summary ?? []);
    const name = text.match(ATTRIBUTE)?.[1];
    if (name === undefined) return [];
    const [value, meaning] = [defaultOf(property), capital(text.replace(ATTRIBUTE, ''))];
    // An attribute that is there is true, whatever it says.
    if (value === '`false`') return [[`\`${name}\``, 'absent', `If present: ${meaning.replace(/^Whether /, '')}`]];
    return [[`\`${name}\``, value.replace('`null`', 'absent'), meaning.replace('`null`: ', 'Absent: ')]];
  });
  return table(['attribute', 'default', 'what it does'], rows);
}

function propertiesOf(project: ProjectReflection, name: string): readonly DeclarationReflection[] {
  const [found] = project.getReflectionsByKind(ReflectionKind.Interface).filter((one) => one.name === name);
  const properties = (found as DeclarationReflection | undefined)?.children?.filter(
    ({ kind }) => kind === ReflectionKind.Property,
  );
  if (!properties?.length) throw new Error(`${name} is no public interface with properties.`);
  return properties;
}

function fold(title: string, body: string): string {
  const summary = title.replaceAll(/`([^`]+)`/g, (_, code: string) => `<code>${code.replaceAll('<', '&lt;')}</code>`);
  return `<details><summary>${summary}</summary>\n\n${body}\n\n</details>`;
}

function defaultOf({ comment }: DeclarationReflection): string {
  const text = plain(comment?.blockTags.find(({ tag }) => tag === '@defaultValue')?.content ?? []);
  if (text === '') return '–';
  // Values are code, words are words.
  return /^('[^']*'|[\d.]+|true|false|null)$/.test(text) ? `\`${text}\`` : text;
}

/** The summary up to its second full stop: the rest is in the reference. */
function firstSentences({ comment }: DeclarationReflection): string {
  const sentences = plain(comment?.summary ?? []).split(/(?<=[.:]) (?=[A-Z])/);
  const [first = ''] = sentences;
  return first.length < 60 && sentences[1] !== undefined ? `${first} ${sentences[1]}` : first;
}

function plain(parts: Comment['summary']): string {
  const text = parts.map(({ kind, text }) => (kind === 'inline-tag' ? `\`${text}\`` : text)).join('');
  return text
    .replaceAll(/```\w*\n|```/g, '')
    .replaceAll(/\s+/g, ' ')
    .replaceAll('|', '\\|')
    .trim();
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
