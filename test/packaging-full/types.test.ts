import { beforeAll, describe, expect, it } from 'vitest';
import { App } from '../packaging/support/app';

let app: App;
beforeAll(async () => {
  const versions = {
    'typescript-5-0': 'npm:typescript@5.0.4',
    'typescript-5-9': 'npm:typescript@5.9.3',
    'typescript-7-0': 'npm:typescript@7.0.2',
    '@types/react': '19.3.0',
    '@types/node': '20.19.25',
  };
  app = await App.make('types', { versions, type: 'module', files: { 'app.tsx': SOURCE, 'app.cts': COMMONJS } });
});

/** Every entry, used as an app would; what is wrong is marked and must be seen. */
const SOURCE = `
import { FingerspellRecognizer, FingerspellSpeller, isFingerspellError, type Classification } from 'asl-fingerspell';
import { FingerspellReader } from 'asl-fingerspell/dom';
import { defineFingerspellElement, type FingerspellElement } from 'asl-fingerspell/element';
import { useFingerspell } from 'asl-fingerspell/react';

export async function read(image: ImageData, topK?: number | undefined): Promise<string | null> {
  const recognizer = await FingerspellRecognizer.load({ topK, signal: undefined });
  const result: Classification = await recognizer.classify(image, { topK });
  new FingerspellSpeller({ labels: recognizer.labels }).push(result, 0);
  // @ts-expect-error There is no such region.
  await recognizer.classify(image, { region: 'left' });
  return result.letter;
}
export function watch(video: HTMLVideoElement): FingerspellReader {
  const reader = new FingerspellReader(video, { region: 'hand' });
  reader.addEventListener('text', ({ detail }) => detail.text.toUpperCase());
  return reader;
}
export function define(): void {
  defineFingerspellElement();
  const element = document.querySelector<FingerspellElement>('asl-fingerspell');
  element?.addEventListener('letter', ({ detail }) => detail.letter.toUpperCase());
}
export function Speller() {
  const { videoRef, letter, error } = useFingerspell({ onError: (e) => isFingerspellError(e) });
  return <p><video ref={videoRef} muted />{error?.code ?? letter}</p>;
}
`;
const NODE = `
import { FingerspellRecognizer } from 'asl-fingerspell';
const recognizer = await FingerspellRecognizer.load();
await recognizer.classify({ data: new Uint8Array(4), width: 1, height: 1 });
// @ts-expect-error A path is no picture.
await recognizer.classify('hand.png');
`;
const COMMONJS = `
import core = require('asl-fingerspell');
import react = require('asl-fingerspell/react');
export const letters = async (): Promise<readonly string[]> => (await core.FingerspellRecognizer.load()).labels;
export const hook: () => react.UseFingerspellResult = react.useFingerspell;
`;

const COMPILERS: [typescript: string, resolutions: string[]][] = [
  ['typescript-5-0', ['bundler', 'node16', 'node10']],
  ['typescript-5-9', ['bundler', 'node16', 'node10']],
  // It knows the way of old Node no longer.
  ['typescript-7-0', ['bundler', 'node16']],
];

describe.each(COMPILERS)('%s without the types of browsers', (typescript) => {
  it('takes pixels and nothing else for a picture', async () => {
    app.write('node.ts', NODE);
    const compilerOptions = {
      target: 'ES2022',
      lib: ['ES2022'],
      module: 'Node16',
      moduleResolution: 'Node16',
      strict: true,
      noEmit: true,
      skipLibCheck: true,
      types: ['node'],
    };
    app.write('tsconfig.json', JSON.stringify({ compilerOptions, files: ['node.ts'] }));
    const { stdout, stderr } = await app.run('node', [`node_modules/${typescript}/bin/tsc`, '-p', '.']);
    expect(stdout + stderr).toBe('');
  });
});

describe.each(COMPILERS)('%s', (typescript, resolutions) => {
  describe.each(resolutions)('moduleResolution %s', (moduleResolution) => {
    it.each([true, false])('exactOptionalPropertyTypes %s', async (exactOptionalPropertyTypes) => {
      const compilerOptions = {
        target: 'ES2022',
        lib: ['ES2022', 'DOM', 'DOM.Iterable'],
        module: moduleResolution === 'node16' ? 'Node16' : 'ESNext',
        moduleResolution,
        jsx: 'react-jsx',
        strict: true,
        noEmit: true,
        // Our declarations are checked too, not only their use.
        skipLibCheck: false,
        types: [],
        exactOptionalPropertyTypes,
      };
      // `import … = require()` belongs to Node's own resolution.
      const files = moduleResolution === 'node16' ? ['app.tsx', 'app.cts'] : ['app.tsx'];
      app.write('tsconfig.json', JSON.stringify({ compilerOptions, files }));
      const tsc = `node_modules/${typescript}/bin/tsc`;
      const { stdout, stderr } = await app.run('node', [tsc, '-p', '.']);
      expect(stdout + stderr).toBe('');
    });
  });
});
