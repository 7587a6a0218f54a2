import { readFileSync } from 'node:fs';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** How a file is answered: its bytes, a status, or whatever a function does. */
export type Answer = Uint8Array | string | number | ((response: ServerResponse) => void);

/** A web server on a port of its own that answers paths as told and counts requests. */
export async function serveFiles(files: Record<string, Answer>): Promise<{
  readonly url: string;
  readonly files: Record<string, Answer>;
  readonly requests: string[];
  close(): Promise<void>;
}> {
  const requests: string[] = [];
  const server = createServer((request, response) => {
    const path = new URL(request.url ?? '/', 'http://localhost').pathname;
    requests.push(path);
    const answer = files[path] ?? 404;
    if (typeof answer === 'function') answer(response);
    else if (typeof answer === 'number') response.writeHead(answer).end();
    else response.end(answer);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    files,
    requests,
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}

/** What a development server answers for a file that it does not have. */
export const WEB_PAGE =
  '<!doctype html>\n<html><head><title>App</title></head><body><div id="root"></div></body></html>';

/** The first half of a file. */
export function half(file: string): Uint8Array {
  const bytes = readFileSync(file);
  return bytes.subarray(0, bytes.length >> 1);
}
