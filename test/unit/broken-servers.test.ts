import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import type { ServerResponse } from 'node:http';
import os from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { FingerspellRecognizer, type ModelFiles, type RecognizerOptions } from 'asl-fingerspell';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Allowance, fetchBytes } from '../../src/model/fetch';
import { faultOf } from '../support/errors';
import { type Answer, serveFiles, WEB_PAGE } from '../support/file-server';
import { planFolders } from '../support/folders';
import { drawPicture } from '../support/pictures';

const { files: model } = planFolders().find(({ name }) => name === 'uint16 weights in 4 files') as {
  files: ModelFiles;
};
const NAMES = ['model.json', 'metadata.json', 'group1-shard3of4.bin'] as const;
const whole: Record<string, Uint8Array> = {
  'model.json': new TextEncoder().encode(JSON.stringify(model.modelJson)),
  'metadata.json': new TextEncoder().encode(JSON.stringify(model.metadata)),
};
for (const [i, bytes] of model.weights.entries()) whole[`group1-shard${i + 1}of4.bin`] = new Uint8Array(bytes);

const redirect = (to: string) => (response: ServerResponse) => void response.writeHead(302, { location: to }).end();
const endless = (response: ServerResponse) => {
  response.writeHead(200);
  const more = () => {
    if (!response.destroyed) response.write(new Uint8Array(1 << 20), () => setImmediate(more));
  };
  more();
};
const stalled = (response: ServerResponse) => void response.writeHead(200, { 'content-length': '5000' }).write('{');
const late = (response: ServerResponse) => void setTimeout(() => response.writeHead(404).end(), 100);
const breaking = (response: ServerResponse) => {
  response.writeHead(200, { 'content-length': '5000' }).write('{');
  setTimeout(() => response.destroy(), 20);
};

describe('a model folder on a server', () => {
  let server: Awaited<ReturnType<typeof serveFiles>>;
  let foreign: Awaited<ReturnType<typeof serveFiles>>;
  const files: Record<string, Answer> = {};
  const at = (folder: string) => `${server.url}/${folder}/model.json`;
  beforeAll(async () => {
    foreign = await serveFiles(Object.fromEntries(Object.entries(whole).map(([name, bytes]) => [`/${name}`, bytes])));
    server = await serveFiles(files);
  });
  afterAll(() => Promise.all([server.close(), foreign.close()]));

  /** Serves the folder with one file answered in another way. */
  const serve = (folder: string, changes: Record<string, Answer> = {}): string => {
    for (const [name, bytes] of Object.entries(whole)) files[`/${folder}/${name}`] = changes[name] ?? bytes;
    return at(folder);
  };
  const fault = (url: string, options: RecognizerOptions = {}) =>
    faultOf(() => FingerspellRecognizer.load({ model: url, backend: 'cpu', ...options }));

  it('is loaded from four files, also where the server redirects within its origin', async () => {
    const bytes = whole['group1-shard3of4.bin'] as Uint8Array;
    files['/moved.bin'] = bytes;
    for (const url of [serve('good'), serve('moved', { 'group1-shard3of4.bin': redirect('/moved.bin') })]) {
      const recognizer = await FingerspellRecognizer.load({ model: url, backend: 'cpu' });
      expect((await recognizer.classify(drawPicture(40, 30, 1))).probabilities).toHaveLength(24);
      recognizer.dispose();
    }
  });

  it('is asked for with the query of its model.json, which may hold a signature', async () => {
    const signed = (bytes: Uint8Array) => (response: ServerResponse) => {
      if (response.req.url?.endsWith('?sig=1')) response.end(bytes);
      else response.writeHead(403).end();
    };
    const changes = Object.entries(whole).map(([name, bytes]) => [name, signed(bytes)]);
    const url = serve('signed', Object.fromEntries(changes));
    expect(await fault(url)).toBe('asset-missing');
    (await FingerspellRecognizer.load({ model: `${url}?sig=1`, backend: 'cpu' })).dispose();
    // A weight file that model.json names with a query of its own is asked for with that.
    const json = JSON.stringify(model.modelJson).replace('shard3of4.bin', 'shard3of4.bin?own=1');
    const owned = (response: ServerResponse) => {
      if (response.req.url?.endsWith('?own=1')) response.end(whole['group1-shard3of4.bin']);
      else response.writeHead(403).end();
    };
    const other = serve('owned', { 'model.json': json, 'group1-shard3of4.bin': owned });
    expect(await fault(`${other}?sig=1`)).toBe('none');
  });

  const answers: Record<string, readonly [answer: (name: string) => Answer, code: string]> = {
    'status 404': [() => 404, 'asset-missing'],
    'status 403': [() => 403, 'asset-missing'],
    'status 500': [() => 500, 'asset-missing'],
    'status 204': [() => 204, 'asset-invalid'],
    'a web page': [() => WEB_PAGE, 'asset-invalid'],
    'JSON of something else': [() => '{"error":"not found"}', 'asset-invalid'],
    'an empty list': [() => '[]', 'asset-invalid'],
    'a number': [() => '5', 'asset-invalid'],
    nothing: [() => '', 'asset-invalid'],
    'half of it': [(name) => (whole[name] as Uint8Array).subarray(0, 50), 'asset-invalid'],
    'bytes that are no text': [() => new Uint8Array([0xff, 0xfe, 0, 1, 2, 3]), 'asset-invalid'],
    'a redirect to another origin': [(name) => redirect(`${foreign.url}/${name}`), 'asset-missing'],
    'a redirect to itself': [(name) => redirect(`/redirect-to-itself/${name}`), 'asset-missing'],
    'more than there can be': [() => endless, 'asset-invalid'],
    'a part and then nothing': [() => stalled, 'timeout'],
    'a part and then the end': [() => breaking, 'asset-missing'],
  };
  for (const [what, [answer, code]] of Object.entries(answers)) {
    it(`is refused with ${code} when a file of it is ${what}`, async () => {
      for (const name of NAMES) {
        const folder = what.replaceAll(' ', '-').replace('a-redirect-to-itself', 'redirect-to-itself');
        const url = serve(folder, { [name]: answer(name) });
        const start = performance.now();
        expect(await fault(url, code === 'timeout' ? { timeoutMs: 150 } : {}), name).toBe(code);
        expect(performance.now() - start).toBeLessThan(5000);
      }
    });
  }

  it('is not waited for any more once the load has failed or taken too long', async () => {
    for (const [code, answer] of [['asset-missing', late] as const, ['timeout', stalled] as const]) {
      let url = '';
      const closed = new Promise((resolve) => {
        const waiting = (response: ServerResponse) => stalled(response.on('close', resolve));
        url = serve('given-up', { 'model.json': answer, 'metadata.json': waiting });
      });
      expect(await fault(url, { timeoutMs: code === 'timeout' ? 150 : 5000 })).toBe(code);
      await closed;
    }
  });

  it('is not waited for where the backend is not there', async () => {
    const url = serve('slow', { 'model.json': stalled });
    expect(await fault(url, { backend: 'webgl', timeoutMs: 20_000 })).toBe('backend-unavailable');
  });

  it('keeps no connection with an answer that is refused', async () => {
    const { signal } = new AbortController();
    const refusals: [status: number, on: typeof server, why: string][] = [
      [200, server, 'goes beyond the 10 bytes expected'],
      [404, server, 'could not be loaded (HTTP status 404)'],
      [200, foreign, `could not be loaded (it redirects to another origin, ${foreign.url}; name that address itself)`],
    ];
    for (const [status, { url, files }, why] of refusals) {
      const closed = new Promise((resolve) => {
        files['/refused'] = (response) => {
          response.on('close', resolve).writeHead(status).write(new Uint8Array(100));
        };
      });
      server.files['/asked'] = redirect(`${url}/refused`);
      const asked = new URL('/asked', server.url);
      await expect(fetchBytes(asked, () => true, signal, new Allowance(10))).rejects.toThrow(`${asked} ${why}`);
      await closed;
    }
  });

  it('is said to be a web page, however that begins', async () => {
    for (const page of [
      WEB_PAGE,
      '\n <HTML lang="en">',
      '<head>',
      '<body class="app">',
      '<?xml version="1.0"?><html>',
    ]) {
      for (const name of NAMES) {
        const url = serve('page', { [name]: page });
        await expect(FingerspellRecognizer.load({ model: url })).rejects.toThrow(' but is a web page (status 200, ');
      }
    }
  });

  it('is given up as soon as a weight file is longer than all should be', async () => {
    const url = serve('longer', { 'group1-shard3of4.bin': endless });
    const bytes = model.weights.reduce((sum, { byteLength }) => sum + byteLength, 0);
    await expect(FingerspellRecognizer.load({ model: url })).rejects.toThrow(`goes beyond the ${bytes} bytes expected`);
  });

  it('is given up as soon as its weight files together are longer than all should be', async () => {
    const bytes = model.weights.reduce((sum, { byteLength }) => sum + byteLength, 0);
    // Each of them may be as long; all four of them may not.
    const most = (response: ServerResponse) => void response.end(new Uint8Array(bytes));
    const names = Object.keys(whole).filter((name) => name.endsWith('.bin'));
    const url = serve('long', Object.fromEntries(names.map((name) => [name, most])));
    await expect(FingerspellRecognizer.load({ model: url })).rejects.toThrow(`goes beyond the ${bytes} bytes expected`);
  });

  it('is named in errors without the password and the signature in its address', async () => {
    const json = JSON.stringify(model.modelJson).replace('group1-shard3of4.bin', '//127.0.0.1:9/x.bin');
    for (const answer of [404, WEB_PAGE, '[', json]) {
      const url = serve('secret', { 'model.json': answer });
      const secret = `${url.replace('://', '://me:pass@')}?signature=abc#part`;
      const error = await FingerspellRecognizer.load({ model: secret }).catch((error: Error) => error);
      expect(String(error)).toContain(`${url}?…`);
      expect(String(error)).not.toMatch(/me:|pass@|abc|#part/);
    }
  });

  it('is refused with the address that was asked for where nothing is there, whichever answer comes first', async () => {
    for (const name of ['model.json', 'metadata.json']) {
      const url = serve('nothing', { 'model.json': 404, 'metadata.json': 404, [name]: late });
      await expect(FingerspellRecognizer.load({ model: url })).rejects.toThrow(`${url} could not be loaded`);
    }
  });

  it('may not name weight files of other servers or of this machine', async () => {
    const paths = ['http://127.0.0.1:9/x.bin', '//127.0.0.1:9/x.bin', 'file:///etc/passwd', 'data:,x', 'http://['];
    // The same server without its encryption, or with one.
    paths.push(server.url.replace('http:', 'https:'));
    for (const path of paths) {
      const json = structuredClone(model.modelJson) as { weightsManifest: { paths: string[] }[] };
      (json.weightsManifest[0] as { paths: string[] }).paths[2] = path;
      expect(await fault(serve('strange', { 'model.json': JSON.stringify(json) })), path).toBe('asset-invalid');
    }
    const many = { weightsManifest: [{ paths: Array(5000).fill('x.bin'), weights: [] }] };
    const before = server.requests.length;
    expect(await fault(serve('many', { 'model.json': JSON.stringify(many) }))).toBe('asset-invalid');
    expect(server.requests.length - before).toBeLessThanOrEqual(2);
  });

  it('is told by its size where it is something else, such as a pointer of Git LFS', async () => {
    const pointer = new TextEncoder().encode('version https://git-lfs.github.com/spec/v1');
    files['/pointer.bin'] = pointer;
    const loaded = FingerspellRecognizer.load({ assets: { weights: `${server.url}/pointer.bin` }, backend: 'cpu' });
    await expect(loaded).rejects.toThrow(new RegExp(`weights, ${pointer.length} bytes, .* \\(no Git LFS pointers\\)`));
  });

  it('is refused when its hash is of other weights', async () => {
    const metadata = { ...model.metadata, weights_sha256: '0'.repeat(64) };
    expect(await fault(serve('hash', { 'metadata.json': JSON.stringify(metadata) }))).toBe('asset-invalid');
    const digest = await crypto.subtle.digest('SHA-256', await new Blob([...model.weights]).arrayBuffer());
    metadata.weights_sha256 = Buffer.from(digest).toString('hex').toUpperCase();
    expect(await fault(serve('right-hash', { 'metadata.json': JSON.stringify(metadata) }))).toBe('none');
  });
});

describe('a model folder on disk', () => {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'asl-fingerspell-folder-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  for (const [name, bytes] of Object.entries(whole)) writeFileSync(path.join(folder, name), bytes);
  const withShard = (shard: string): URL => {
    const json = new TextDecoder().decode(whole['model.json']).replace('group1-shard3of4.bin', shard);
    writeFileSync(path.join(folder, 'other.json'), json);
    return pathToFileURL(path.join(folder, 'other.json'));
  };
  const fault = (shard: string) =>
    faultOf(() => FingerspellRecognizer.load({ model: withShard(shard), backend: 'cpu', timeoutMs: 5000 }));

  it('is loaded from four files', async () => {
    expect(await fault('group1-shard3of4.bin')).toBe('none');
  });

  it('may not name what is no file, or is longer than all should be', async () => {
    expect(await fault('.')).toBe('asset-missing');
    if (process.platform !== 'win32') expect(await fault('/dev/zero')).toBe('asset-missing');
    writeFileSync(path.join(folder, 'long.bin'), new Uint8Array(1 << 20));
    expect(await fault('long.bin')).toBe('asset-invalid');
  });
});
