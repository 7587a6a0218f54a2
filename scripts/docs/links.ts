import { existsSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';

/** `[text](target)`, `![text](target)`, `href="target"`, `src="target"`. */
const LINK = /\]\(\s*<?([^)\s>]+)>?(?:\s+"[^"]*")?\s*\)|\b(?:href|src)="([^"]+)"/g;
const HEADING = /^#{1,6}\s+(.+?)\s*#*$/gm;
const ANCHOR = /<a\s+(?:id|name)="([^"]+)"/g;

/** Links of Markdown files that lead nowhere, each in words. Addresses of the web are only looked at for their form. */
export function deadLinks(files: ReadonlyMap<string, string>): readonly string[] {
  return [...files].flatMap(([file, text]) =>
    targets(text).flatMap((target) => {
      const fault = faultOf(file, target, files);
      return fault === null ? [] : [`${file}: ${target} ${fault}`];
    }),
  );
}

function faultOf(file: string, target: string, files: ReadonlyMap<string, string>): string | null {
  if (/^[a-z][a-z+.-]*:/i.test(target)) return isAddress(target) ? null : 'is no address';
  const [place = '', anchor] = target.split('#');
  const name = place === '' ? file : path.posix.join(path.posix.dirname(file), decodeURIComponent(place));
  if (name.startsWith('..')) return 'leads out of the repository';
  if (!files.has(name) && !existsSync(name)) return 'does not exist';
  if (anchor === undefined) return null;
  const text = files.get(name) ?? (statSync(name).isFile() ? readFileSync(name, 'utf8') : '');
  return anchorsOf(text).has(decodeURIComponent(anchor)) ? null : 'names no heading there';
}

function isAddress(target: string): boolean {
  return URL.canParse(target) && ['https:', 'http:', 'mailto:'].includes(new URL(target).protocol);
}

function targets(text: string): readonly string[] {
  return [...withoutCode(text).matchAll(LINK)].map(([, inText, inTag]) => inText ?? inTag ?? '');
}

/** The anchors of a page: its headings as GitHub names them, and those that it sets itself. */
function anchorsOf(text: string): ReadonlySet<string> {
  const anchors = new Set([...text.matchAll(ANCHOR)].map(([, id = '']) => id));
  const counts = new Map<string, number>();
  for (const [, heading = ''] of text.replaceAll(/^(```|~~~)[\s\S]*?^\1/gm, '').matchAll(HEADING)) {
    const slug = slugOf(heading);
    const count = counts.get(slug) ?? 0;
    counts.set(slug, count + 1);
    anchors.add(count === 0 ? slug : `${slug}-${count}`);
  }
  return anchors;
}

function slugOf(heading: string): string {
  const text = heading.replaceAll(/\[([^\]]*)\]\([^)]*\)/g, '$1').replaceAll(/<[^>]+>|\\/g, '');
  return text
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}\p{M}_ -]/gu, '')
    .replaceAll(' ', '-');
}

/** What stands in code is no link. */
function withoutCode(text: string): string {
  return text.replaceAll(/^(```|~~~)[\s\S]*?^\1/gm, '').replaceAll(/`[^`\n]*`/g, '');
}
