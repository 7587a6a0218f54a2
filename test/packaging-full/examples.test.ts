import { spawnSync } from 'node:child_process';
import { cpSync, readFileSync, renameSync } from 'node:fs';
import path from 'node:path';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CONTENT_SECURITY_POLICY, serve } from '../../scripts/serve.mjs';
import { App, freePort } from '../packaging/support/app';
import { DRAWN_LETTER, startWithDrawing, startWithPhotographs } from '../packaging/support/camera';
import { withoutTimings } from '../packaging/support/warnings';
import { FIXTURES } from '../support/recorded';
import { WITHOUT_DATA } from '../support/shared-data';
import { type Controls, ELEMENT, readDrawing, readPhotographs } from './letters';
import { ESBUILD, NEXT, PARCEL, REACT_19, TRACER, VITES, WEBPACK } from './versions';

const HOOK: Controls = { start: 'button', letter: '[data-letter]' };
const SERVED_HOOK: Controls = { ...HOOK, hydrated: true };
const DEMO: Controls = { start: '#toggle', letter: '#letter' };

let browser: Browser;
let photographs: Awaited<ReturnType<typeof startWithPhotographs>>;
beforeAll(async () => {
  browser = await startWithDrawing();
  photographs = await startWithPhotographs();
});
afterAll(async () => {
  await browser.close();
  await photographs?.browser.close();
});

/** A folder of static files: at the root, and below a path under a policy. */
async function readStatic(folder: string, controls: Controls, policy = CONTENT_SECURITY_POLICY): Promise<void> {
  const headers = { 'content-security-policy': policy };
  for (const options of [{}, { base: '/app/', headers }]) {
    const server = await serve(folder, options);
    await readDrawing(browser, server.url, controls).finally(server.close);
  }
}

describe.each([
  ['vanilla', DEMO],
  ['react', HOOK],
] as const)('examples/%s', (example, controls) => {
  describe.each(VITES)('with Vite $major', ({ major, versions, overrides }) => {
    let app: App;
    beforeAll(async () => {
      const all = example === 'react' ? { ...versions, ...REACT_19 } : { vite: versions['vite'] as string };
      app = await App.make(`${example}-vite-${major}`, { example, versions: all, ...(overrides && { overrides }) });
    });

    it('reads the letter in development', async () => {
      const server = await app.start('vite', ['--port', '0', '--host', 'localhost']);
      try {
        await readDrawing(browser, server.url, controls);
        expect(server.output()).not.toMatch(/error|warn/i);
      } finally {
        await server.stop();
      }
    });

    it('reads the letter when built, from the root and below a path', async () => {
      const { stderr } = await app.build('npm', ['run', '--silent', 'build', '--', '--logLevel', 'warn']);
      expect(withoutTimings(stderr)).toBe('');
      await readStatic(app.path('dist'), controls);
    });

    it('reads photographs', async ({ skip }) => {
      if (!photographs) return skip(WITHOUT_DATA);
      const server = await serve(app.path('dist'));
      await readPhotographs(photographs.browser, server.url, controls, photographs.letters).finally(server.close);
    });
  });
});

describe('examples/next', () => {
  let app: App;
  beforeAll(async () => {
    app = await App.make('next', { example: 'next', versions: NEXT });
  });

  it.each(['--turbopack', '--webpack'])('reads the letter when built with %s', async (bundler) => {
    await app.build('next', ['build', bundler]);
    const server = await app.start('next', ['start', '--port', '0']);
    await readDrawing(browser, server.url, SERVED_HOOK).finally(server.stop);
  });

  it.each(['--turbopack', '--webpack'])('reads the letter in development with %s', async (bundler) => {
    const server = await app.start('next', ['dev', bundler, '--port', '0']);
    await readDrawing(browser, server.url, SERVED_HOOK).finally(server.stop);
  });
});

/** A server's own answer to a picture. */
const ROUTE = `import { PNG } from 'pngjs';
import { FingerspellRecognizer } from 'asl-fingerspell';
export async function POST(request) {
  const { data, width, height } = PNG.sync.read(Buffer.from(await request.arrayBuffer()));
  const recognizer = await FingerspellRecognizer.load();
  return new Response((await recognizer.classify({ data, width, height })).letter);
}`;

describe('a server of Next.js', () => {
  // With webpack a package has to be named.
  it.each([
    ['--turbopack', []],
    ['--turbopack', ['asl-fingerspell']],
    ['--webpack', ['asl-fingerspell']],
  ])('built with %s has all that it needs beside it, with serverExternalPackages: %j', async (bundler, packages) => {
    const config = { output: 'standalone', serverExternalPackages: packages };
    const files = {
      'app/layout.jsx': 'export default ({ children }) => <html lang="en"><body>{children}</body></html>;',
      'app/read/route.js': ROUTE,
      'next.config.mjs': `export default ${JSON.stringify(config)};`,
    };
    const app = await App.make(`next-server${bundler}-${packages.length}`, {
      files,
      versions: { ...NEXT, pngjs: '7.0.0' },
    });
    await app.build('next', ['build', bundler]);
    renameSync(app.path('node_modules/asl-fingerspell'), app.path('moved'));
    const port = String(await freePort());
    const server = await app.start('node', ['.next/standalone/server.js'], { PORT: port, HOSTNAME: '127.0.0.1' });
    const body = readFileSync(path.join(FIXTURES, 'hand-l.png'));
    const read = async () => (await fetch(`http://127.0.0.1:${port}/read`, { method: 'POST', body })).text();
    expect(await read().finally(server.stop)).toBe(DRAWN_LETTER);
  });
});

describe('examples/webpack', () => {
  let app: App;
  beforeAll(async () => {
    app = await App.make('webpack', { example: 'webpack', versions: WEBPACK });
  });

  it('reads the letter when built', async () => {
    const { stdout } = await app.build('webpack', [
      '--mode',
      'production',
      '--stats',
      'errors-warnings',
      '--no-performance',
    ]);
    expect(stdout).not.toMatch(/warning|error/i);
    await readStatic(app.path('dist'), ELEMENT);
  });

  it('reads the letter in development', async () => {
    const server = await app.start('webpack', ['serve', '--mode', 'development', '--port', 'auto']);
    await readDrawing(browser, server.url, ELEMENT).finally(server.stop);
  });
});

describe('examples/parcel', () => {
  let app: App;
  beforeAll(async () => {
    app = await App.make('parcel', { example: 'parcel', versions: PARCEL });
  });

  it('reads the letter when built', async () => {
    await app.build('npm', ['run', 'build']);
    // Parcel writes its table of chunks into the page as an inline script.
    await readStatic(
      app.path('dist'),
      ELEMENT,
      "default-src 'self'; script-src 'self' 'unsafe-inline' 'wasm-unsafe-eval'",
    );
  });

  it('reads the letter in development', async () => {
    const port = String(await freePort());
    const server = await app.start('parcel', ['index.html', '--port', port, '--no-hmr', '--dist-dir', 'served']);
    await readDrawing(browser, server.url, ELEMENT).finally(server.stop);
  });
});

describe('examples/esbuild', () => {
  it('reads the letter when built', async () => {
    const app = await App.make('esbuild', { example: 'esbuild', versions: ESBUILD });
    await app.build('npm', ['run', 'build']);
    await readStatic(app.path('dist'), ELEMENT);
  });
});

describe('examples/script-tag', () => {
  it('reads the letter with a classic script and with a module', async () => {
    const app = await App.make('script-tag', { example: 'script-tag' });
    await readStatic(app.folder, ELEMENT);
    const server = await serve(app.folder, { base: '/app/' });
    const controls = { start: 'button', letter: 'output' };
    await readDrawing(browser, `${server.url}module.html`, controls).finally(server.close);
  });
});

describe('examples/node', () => {
  it('reads the letter of a picture file', async () => {
    const app = await App.make('node', { example: 'node' });
    const picture = path.join(FIXTURES, 'hand-l.png');
    const { stdout, stderr } = await app.build('npm', ['run', '--silent', 'classify', '--', picture]);
    expect(stderr).toBe('');
    expect(stdout).toContain(`${picture}: ${DRAWN_LETTER.toUpperCase()}\n`);
    const broken = spawnSync(process.execPath, ['classify.mjs', 'no-such-file.png'], { cwd: app.folder });
    expect(broken.status).toBe(1);
  });

  it('reads a letter where only the files are that a tracer finds', async () => {
    const read = `const { data, width, height } = PNG.sync.read(readFileSync(process.argv[2]));
      FingerspellRecognizer.load()
        .then((recognizer) => recognizer.classify({ data, width, height }))
        .then(({ letter }) => console.log(letter));`;
    const names = { readFileSync: 'node:fs', PNG: 'pngjs', FingerspellRecognizer: 'asl-fingerspell' };
    const from = (line: (name: string, module: string) => string) =>
      [...Object.entries(names).map(([name, module]) => line(name, module)), read].join('\n');
    const files = {
      'read.mjs': from((name, module) => `import { ${name} } from '${module}';`),
      'read.cjs': from((name, module) => `const { ${name} } = require('${module}');`),
      'trace.mjs': `import { nodeFileTrace } from '@vercel/nft';
        console.log(JSON.stringify([...(await nodeFileTrace([process.argv[2]])).fileList]));`,
    };
    const app = await App.make('traced', { files, versions: { ...TRACER, pngjs: '7.0.0' } });
    for (const entry of ['read.mjs', 'read.cjs']) {
      const { stdout } = await app.build('node', ['trace.mjs', entry]);
      const copy = path.join('..', `${path.basename(app.folder)}-${entry}`);
      for (const file of JSON.parse(stdout)) cpSync(app.path(file), app.path(copy, file));
      const picture = path.join(FIXTURES, 'hand-l.png');
      const answer = await app.build('node', [path.join(copy, entry), picture]);
      expect(answer.stdout).toBe(`${DRAWN_LETTER}\n`);
    }
  });
});
