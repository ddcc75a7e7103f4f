/** Servers on the loopback for http.request to talk to: each keeps what it was sent and answers as the test says. */
import { once } from 'node:events';
import http from 'node:http';
import https from 'node:https';
import net from 'node:net';
import tls from 'node:tls';
import type { Certificate } from './certificate.ts';

export interface Received {
  readonly method: string | undefined;
  readonly url: string | undefined;
  /** Names as they were sent, with their values. */
  readonly headers: readonly (readonly [string, string])[];
  readonly body: string;
  /** The name that was asked for in the handshake; null in plain HTTP. */
  readonly serverName: string | null;
}

export interface Target {
  readonly port: number;
  readonly received: Received[];
  /** How many connections were accepted. */
  connections: number;
  answer: http.RequestListener;
  stop(): Promise<void>;
}

export async function startTarget(certificate: Certificate | null): Promise<Target> {
  const listener: http.RequestListener = (request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const raw = request.rawHeaders;
      const headers = raw.flatMap((name, index) =>
        index % 2 === 0 ? [[name, raw[index + 1] ?? ''] as const] : [],
      );
      const { method, url, socket } = request;
      const serverName = socket instanceof tls.TLSSocket ? socket.servername || null : null;
      target.received.push({ method, url, headers, body: Buffer.concat(chunks).toString(), serverName });
      target.answer(request, response);
    });
  };
  const server =
    certificate === null ? http.createServer(listener) : https.createServer(certificate, listener);
  const target: Target = {
    port: await listen(server),
    received: [],
    connections: 0,
    answer: (_, response) => response.end('ok'),
    stop: () => stop(server),
  };
  server.on('connection', () => {
    target.connections += 1;
  });
  return target;
}

export interface RawTarget {
  readonly port: number;
  connections: number;
  stop(): Promise<void>;
}

/** Says whatever the test wants to be said, HTTP or not, once a whole head has come. */
export async function startRaw(
  certificate: Certificate,
  say: (socket: net.Socket) => void,
): Promise<RawTarget> {
  const server = tls.createServer(certificate, (socket) => {
    target.connections += 1;
    socket.on('error', () => socket.destroy());
    let head = '';
    socket.on('data', (chunk) => {
      if (head.includes('\r\n\r\n')) return;
      head += chunk.toString('latin1');
      if (head.includes('\r\n\r\n')) say(socket);
    });
  });
  const target: RawTarget = { port: await listen(server), connections: 0, stop: () => stop(server) };
  return target;
}

/** Accepts connections and says nothing at all. */
export async function startSilent(): Promise<RawTarget> {
  const server = net.createServer((socket) => {
    target.connections += 1;
    socket.on('error', () => socket.destroy());
  });
  const target: RawTarget = { port: await listen(server), connections: 0, stop: () => stop(server) };
  return target;
}

const open = new WeakMap<net.Server, Set<net.Socket>>();

async function listen(server: net.Server): Promise<number> {
  const sockets = new Set<net.Socket>();
  open.set(server, sockets);
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}

async function stop(server: net.Server): Promise<void> {
  const closed = once(server, 'close');
  server.close();
  for (const socket of open.get(server) ?? []) socket.destroy();
  await closed;
}
