// npm start: builds what is needed, serves the page of examples/vanilla on localhost and prints its address.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { buildDemo } from './build-demo.mjs';
import { CONTENT_SECURITY_POLICY, serve } from './serve.mjs';

const folder = await mkdtemp(path.join(tmpdir(), 'asl-fingerspell-'));
const remove = () => rm(folder, { recursive: true, force: true });
try {
  await buildDemo(folder);
  const { url, close } = await serve(folder, {
    port: readPort(process.env.PORT),
    headers: { 'content-security-policy': CONTENT_SECURITY_POLICY },
  });
  console.log(`\n  asl-fingerspell reads your hand at\n\n    ${url}\n\n  Ctrl-C ends it.\n`);
  for (const signal of ['SIGINT', 'SIGTERM']) {
    process.once(signal, () => void Promise.all([close(), remove()]).then(() => process.exit(0)));
  }
} catch (error) {
  await remove();
  console.error(error.message);
  process.exitCode = 1;
}

function readPort(text = '5173') {
  const port = Number(text);
  if (Number.isInteger(port) && port >= 0 && port < 65_536) return port;
  throw new Error(`PORT must be a number from 0 to 65535, but is "${text}".`);
}
