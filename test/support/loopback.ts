/** A real HTTP server on this machine that stands in for one on the internet. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export type Handler = (url: URL, request: IncomingMessage, response: ServerResponse) => void;

export interface Seen { readonly method: string; readonly path: string; readonly query: string; readonly authorization?: string }

export class Loopback {
  /** Every request, in order. */
  readonly seen: Seen[] = [];
  /** What it doesn't answer is not found. */
  handle: Handler = (_url, _request, response) => json(response, 404, { message: 'Not Found' });
  #server?: Server;
  url = '';

  async start(): Promise<void> {
    this.seen.length = 0;
    this.#server = createServer((request, response) => {
      const url = new URL(request.url ?? '/', 'http://x');
      this.seen.push({ method: request.method ?? '', path: url.pathname, query: url.search, authorization: request.headers.authorization });
      this.handle(url, request, response);
    });
    await new Promise<void>(done => this.#server?.listen(0, '127.0.0.1', done));
    this.url = `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async stop(): Promise<void> {
    this.#server?.closeAllConnections();
    await new Promise(done => this.#server?.close(done));
  }
}

export function json(response: ServerResponse, status: number, body: unknown, headers: Record<string, string> = {}): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body));
}
