import { afterEach, describe, expect, it, vi } from 'vitest';
import { withDeadline } from '../../src/load';

afterEach(() => vi.unstubAllGlobals());

async function adviceFor(cause: Error | Event): Promise<string> {
  return withDeadline({}, 1000, () => Promise.reject(cause)).then(String, ({ message }) => message);
}

describe('the advice of a load that failed', () => {
  it('sends a service worker, which may import nothing later, to a page', async () => {
    vi.stubGlobal('ServiceWorkerGlobalScope', class {});
    const cause = new TypeError('import() is disallowed on ServiceWorkerGlobalScope');
    expect(await adviceFor(cause)).toMatch(/load in a page; an extension has offscreen documents\.$/);
  });

  it.each([
    ['ERR_VM_DYNAMIC_IMPORT_CALLBACK_MISSING_FLAG', /--experimental-vm-modules/],
    ['ERR_VM_MODULE_LINK_FAILURE', /use Node 24, or createRequire/],
    ['ERR_OTHER', /Try another backend\.$/],
  ])('knows test runners by %s', async (code, advice) => {
    expect(await adviceFor(Object.assign(new Error('No.'), { code }))).toMatch(advice);
  });

  it('sends a test whose document lacks what Node and browsers have to the environment of Node', async () => {
    vi.stubGlobal('TextDecoder', undefined);
    expect(await adviceFor(new ReferenceError('TextDecoder is not defined'))).toMatch(/environment `node`\.$/);
  });

  it.each([
    ['Chromium', new TypeError('Failed to fetch dynamically imported module: http://localhost/kernels.js')],
    ['Firefox', new TypeError('error loading dynamically imported module: http://localhost/kernels.js')],
    ['Safari', new TypeError('Importing a module script failed.')],
    ['webpack', Object.assign(new Error('Loading chunk 7 failed.'), { name: 'ChunkLoadError' })],
    ['Metro', new Error('Loading module http://localhost/kernels.js failed.')],
    ['Farm, by the event of its script element', new Event('error')],
  ])('asks for a whole deployment where a script did not come, in the words of %s', async (_, cause) => {
    expect(await adviceFor(cause)).toMatch(
      /Deploy all files of one build together, under their own names, and reload the page\.$/,
    );
  });
});
