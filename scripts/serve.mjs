import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import http from 'node:http';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';

const TYPES = {
  '.bin': 'application/octet-stream',
  '.css': 'text/css; charset=utf-8',
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.mjs': 'text/javascript; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.png': 'image/png',
  '.svg': 'image/svg+xml',
  '.wasm': 'application/wasm',
};

/** What the page runs under: no inline code, nothing from elsewhere. */
export const CONTENT_SECURITY_POLICY = "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'";

/** Headers of a page that is cross-origin isolated, and so may have threads. */
export const ISOLATION = {
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-embedder-policy': 'require-corp',
};

/**
 * Serves a folder of static files on localhost.
 *
 * `port`: 0 takes any free one, another number that one or the next free one. `base`: the path it appears below.
 * `headers` are added to each answer. Resolves to its address, its port and what ends it.
 */
export async function serve(dir, { port = 0, base = '/', headers = {} } = {}) {
  const root = path.resolve(dir);
  const server = http.createServer((request, response) => {
    answer(root, base, request, response, headers).catch(() => response.destroy());
  });
  const used = await listen(server, port);
  const close = () => {
    server.closeAllConnections();
    return new Promise((resolve) => server.close(() => resolve()));
  };
  return { url: `http://localhost:${used}${base}`, port: used, close };
}

async function answer(root, base, request, response, headers) {
  const { pathname } = new URL(request.url ?? '/', 'http://localhost');
  const file = pathname.startsWith(base) ? await findFile(root, pathname.slice(base.length)) : null;
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    response.writeHead(405, headers).end();
  } else if (file === null) {
    response.writeHead(404, { ...headers, 'content-type': 'text/plain; charset=utf-8' }).end('Not found\n');
  } else {
    const type = TYPES[path.extname(file.name)] ?? 'application/octet-stream';
    const common = { 'cache-control': 'no-cache', 'x-content-type-options': 'nosniff' };
    response.writeHead(200, { ...common, 'content-type': type, 'content-length': file.size, ...headers });
    if (request.method === 'HEAD') response.end();
    else await pipeline(createReadStream(file.name), response); // the file may go away before it is opened
  }
}

/** The file that a path names, or `null`; never one outside the folder. */
async function findFile(root, relative) {
  let name;
  try {
    name = path.join(root, decodeURIComponent(relative));
  } catch {
    return null;
  }
  if (name.includes('\0') || (name !== root && !name.startsWith(root + path.sep))) return null;
  const stats = await stat(name).catch(() => null);
  if (stats?.isDirectory()) return findFile(root, path.posix.join(relative, 'index.html'));
  return stats?.isFile() ? { name, size: stats.size } : null;
}

const TRIES = 20;

async function listen(server, first) {
  for (let port = first; ; port++) {
    try {
      return await listenOnce(server, port);
    } catch (error) {
      if (error.code !== 'EADDRINUSE' || port - first + 1 >= TRIES) throw error;
    }
  }
}

function listenOnce(server, port) {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, 'localhost', () => {
      server.off('error', reject);
      resolve(server.address().port);
    });
  });
}
