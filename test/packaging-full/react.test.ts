import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { serve } from '../../scripts/serve.mjs';
import { App } from '../packaging/support/app';
import { startWithDrawing, visit } from '../packaging/support/camera';
import { REACT_18, REACT_19, VITES } from './versions';

const PAGE = `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>t</title></head>
<body><div id="root"></div><script type="module" src="./main.jsx"></script></body></html>`;

/** Mounts and unmounts as fast as React allows, and tells of every camera that is on. */
const MAIN = `
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { useFingerspell } from 'asl-fingerspell/react';

const tracks = [];
const devices = navigator.mediaDevices;
const open = devices.getUserMedia.bind(devices);
devices.getUserMedia = async (constraints) => {
  const stream = await open(constraints);
  tracks.push(...stream.getTracks());
  return stream;
};
let last;
function Speller() {
  last = useFingerspell();
  return <video ref={last.videoRef} muted />;
}
const root = createRoot(document.getElementById('root'));
const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
window.live = () => tracks.filter((track) => track.readyState === 'live').length;
window.readerStatus = () => last?.status;
window.mount = () => root.render(<StrictMode><Speller /></StrictMode>);
window.unmount = () => root.render(null);
window.rounds = async (count) => {
  for (let round = 0; round < count; round++) {
    window.mount();
    await sleep(round * 15);
    window.unmount();
    await sleep(round % 3);
  }
};
`;

interface TestWindow {
  live(): number;
  readerStatus(): string;
  mount(): void;
  unmount(): void;
  rounds(count: number): Promise<void>;
}
declare const window: TestWindow;

let browser: Browser;
beforeAll(async () => {
  browser = await startWithDrawing();
});
afterAll(() => browser.close());

describe.each([
  ['18', REACT_18],
  ['19', REACT_19],
])('React %s', (major, react) => {
  it('has one camera on while mounted and none after, twenty times in StrictMode', async () => {
    const vite = VITES.at(-1);
    const files = { 'index.html': PAGE, 'main.jsx': MAIN };
    const app = await App.make(`react-${major}`, { files, versions: { ...vite?.versions, ...react }, type: 'module' });
    app.write('vite.config.js', "import react from '@vitejs/plugin-react'; export default { plugins: [react()] };");
    // StrictMode mounts twice in development only.
    await app.build('vite', ['build', '--mode', 'development', '--logLevel', 'warn'], { NODE_ENV: 'development' });
    const server = await serve(app.path('dist'));
    const look = async (page: import('playwright-core').Page) => {
      await page.evaluate(() => window.rounds(20));
      await page.waitForTimeout(1000);
      expect(await page.evaluate(() => window.live())).toBe(0);
      await page.evaluate(() => window.mount());
      await page.waitForFunction(() => window.readerStatus() === 'running', null, { timeout: 240_000 });
      await page.waitForTimeout(500);
      expect(await page.evaluate(() => window.live())).toBe(1);
      await page.evaluate(() => window.unmount());
      await page.waitForTimeout(500);
      expect(await page.evaluate(() => window.live())).toBe(0);
    };
    // What unmounting interrupts is not downloaded to its end.
    const isForgiven = (fault: string) => fault.endsWith('net::ERR_ABORTED');
    await visit(browser, server.url, look, { isForgiven }).finally(server.close);
  });

  it('renders on a server and says nothing on stderr', async () => {
    const app = await App.make(`react-${major}-server`, { versions: react, type: 'module' });
    app.write(
      'render.js',
      `import { createElement } from 'react';
      import { renderToString } from 'react-dom/server';
      import { useFingerspell } from 'asl-fingerspell/react';
      const Speller = () => createElement('p', null, useFingerspell().status);
      console.log(renderToString(createElement(Speller)));`,
    );
    const { stdout, stderr } = await app.build('node', ['render.js'], { NODE_ENV: 'production' });
    expect([stdout, stderr]).toEqual(['<p>idle</p>\n', '']);
  });
});
