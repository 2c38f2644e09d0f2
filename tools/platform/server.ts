// SPDX-License-Identifier: Apache-2.0
/** HTTP and HTTPS servers for the core. */

import { randomBytes } from 'node:crypto';
import { createServer as createHttpServer, type Server, type ServerResponse } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import { type AddressInfo, isIP, type Socket } from 'node:net';
import type { TLSSocket, Server as TlsServer } from 'node:tls';
import { createAuthority, createServerCertificate, type Identity } from './certificates.ts';
import { type Arrival, platformRequest } from './http/arrival.ts';
import { answerBrowser, isBrowser, type PageFiles } from './http/browser.ts';
import { hostName } from './http/hosts.ts';
import { HttpReply } from './http/http-reply.ts';
import type { PlatformOptions, Scheduler } from './model.ts';
import { Platform } from './platform.ts';
import { answerUpgrade, readBehind } from './upgrade.ts';

/** Certificate and key of the servers with the CA that devices must trust, PEM. */
export interface ServerCertificates {
  readonly authority: string;
  readonly server: Identity;
}

/** Options of the server. */
export interface ServerOptions {
  /** Default: a new platform with the machine's clock and random source. */
  readonly platform?: Platform;
  /** Default 127.0.0.1. */
  readonly host?: string;
  /** Default 0: any free port. */
  readonly port?: number;
  /** Port of the server with mutual TLS. Default 0. */
  readonly tokenPort?: number;
  /** The API uses HTTPS as well. Default false. */
  readonly tls?: boolean;
  /** Certificates of the servers; with them there is a token server. Default: created when `tls` is set. */
  readonly certificates?: ServerCertificates;
  /** The page for browsers. Without it they get the same answers as all clients. */
  readonly page?: PageFiles;
  /** Handles requests instead of the platform. */
  readonly handle?: Platform['handle'];
}

/** A running server. */
export interface RunningServer {
  readonly url: string;
  /** URL of the server with mutual TLS; undefined without certificates. */
  readonly tokenUrl: string | undefined;
  /** PEM of the CA that signed the servers' certificate. */
  readonly authority: string | undefined;
  /** Number of TLS connections of the API that have resumed a session. */
  readonly resumed: number;
  readonly platform: Platform;
  /** Cuts all connections and ends both servers. */
  close(): Promise<void>;
}

/** Platform options with this machine's time and random source. */
export function machineOptions(options: Omit<PlatformOptions, 'now' | 'random' | 'scheduler'> = {}): PlatformOptions {
  return {
    ...options,
    now: () => Date.now(),
    random: () => randomBytes(4).readUInt32LE() / 2 ** 32,
    scheduler: machineScheduler,
  };
}

interface MachineTimer {
  timeout: NodeJS.Timeout;
  immediate: NodeJS.Immediate | undefined;
}

/**
 * Timers of this machine, which do not keep the process alive. They fire after arrived data was read, so that a late
 * timer on a busy machine does not accuse a device of silence.
 */
const machineScheduler: Scheduler = {
  set: (callback, ms) => {
    const timer: MachineTimer = {
      timeout: setTimeout(() => {
        timer.immediate = setImmediate(callback);
      }, ms).unref(),
      immediate: undefined,
    };
    return timer;
  },
  clear: (handle) => {
    const { timeout, immediate } = handle as MachineTimer;
    clearTimeout(timeout);
    clearImmediate(immediate);
  },
};

/** Starts the API server and, with certificates, the token server. Rejects when a port is taken. */
export async function startServer(options: ServerOptions = {}): Promise<RunningServer> {
  const platform = options.platform ?? new Platform(machineOptions());
  const host = options.host ?? '127.0.0.1';
  const certificates =
    options.certificates ?? (options.tls === true ? await createCertificates(platform.settings.hosts) : undefined);
  const tlsOptions = certificates && {
    key: certificates.server.privateKey,
    cert: certificates.server.chain,
    minVersion: 'TLSv1.2' as const,
    ciphers,
  };
  const api = tlsOptions && options.tls === true ? createHttpsServer(tlsOptions) : createHttpServer();
  // The core verifies the certificate: each tenant has its own trusted CAs.
  const token = tlsOptions && createHttpsServer({ ...tlsOptions, requestCert: true, rejectUnauthorized: false });
  const resumption = 'setSecureContext' in api ? resumeSessions(api) : { count: 0 };
  const sockets = new Set<Socket>();
  const { page, handle = (request, reply) => platform.handle(request, reply) } = options;
  const common = { platform, handle, host, sockets };
  const url = await listen(api, { ...common, port: options.port ?? 0, kind: 'api', page });
  const tokenUrl =
    token === undefined
      ? undefined
      : await listen(token, { ...common, port: options.tokenPort ?? 0, kind: 'token', page: undefined });
  const servers = token === undefined ? [api] : [api, token];
  return {
    url,
    tokenUrl,
    authority: certificates?.authority,
    get resumed() {
      return resumption.count;
    },
    platform,
    close: async () => {
      const closed = servers.map((server) => new Promise<void>((resolve) => server.close(() => resolve())));
      for (const socket of sockets) socket.destroy();
      await Promise.all(closed);
    },
  };
}

/** Creates a CA with a certificate for this machine, and for the names in the setting `hosts`. */
export async function createCertificates(hosts: readonly string[] = []): Promise<ServerCertificates> {
  const authority = await createAuthority('fractus platform emulator');
  const others = hosts.map(hostName);
  const addresses = ['127.0.0.1', '::1', ...others.filter((name) => isIP(name) !== 0)];
  const names = ['localhost', ...others.filter((name) => isIP(name) === 0)];
  return { authority: authority.certificate, server: await createServerCertificate(authority, { addresses, names }) };
}

/** Lets clients without tickets resume sessions by their id (RFC 5246 §7.3). */
function resumeSessions(server: TlsServer): { count: number } {
  const sessions = new Map<string, Buffer>();
  const resumption = { count: 0 };
  server.on('newSession', (id: Buffer, session: Buffer, done: () => void) => {
    const oldest = sessions.keys().next().value;
    if (sessions.size >= maxSessions && oldest !== undefined) sessions.delete(oldest);
    sessions.set(id.toString('hex'), session);
    done();
  });
  server.on('resumeSession', (id: Buffer, done: (error: Error | null, session: Buffer | null) => void) => {
    done(null, sessions.get(id.toString('hex')) ?? null);
  });
  server.on('secureConnection', (socket: TLSSocket) => {
    if (socket.isSessionReused()) resumption.count += 1;
  });
  return resumption;
}

interface Listening extends Pick<Exchange, 'platform' | 'handle' | 'kind' | 'page'> {
  readonly host: string;
  readonly port: number;
  readonly sockets: Set<Socket>;
}

async function listen(server: Server, options: Listening): Promise<string> {
  const { platform, handle, host, port, kind, sockets, page } = options;
  // Idle connections of devices stay open without limit.
  server.keepAliveTimeout = 0;
  server.on('connection', (socket: Socket) => {
    platform.core.connections.accepted += 1;
    platform.core.connections.open += 1;
    sockets.add(socket);
    socket.on('close', () => {
      platform.core.connections.open -= 1;
      sockets.delete(socket);
    });
  });
  server.on('clientError', (error: NodeJS.ErrnoException, socket: Socket) => {
    // A request without its end is incomplete (RFC 9112 §8): its device has gone away, which is no breach.
    const isIncomplete = error.code === 'HPE_INVALID_EOF_STATE';
    if (error.code?.startsWith('HPE_') === true && !isIncomplete) {
      platform.malformed(`unreadable request: ${error.code}`);
    }
    if (socket.writable) socket.end('HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n');
    else socket.destroy();
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      resolve();
    });
  });
  const scheme = kind === 'token' || 'setSecureContext' in server ? 'https' : 'http';
  const origin = `${scheme}://${host.includes(':') ? `[${host}]` : host}:${(server.address() as AddressInfo).port}`;
  server.on('request', (request, response) => receive({ platform, handle, kind, origin, page, request, response }));
  server.on('upgrade', (request, socket, head) => {
    const exchange = { kind, origin, request };
    readBehind({ request, socket, head, maxBytes: maxBodyBytes }, (body) => {
      answerUpgrade({ platform, handle, asked: platformRequest(exchange, body), request, socket, head });
    });
  });
  return origin;
}

interface Exchange extends Arrival {
  readonly platform: Platform;
  readonly handle: Platform['handle'];
  readonly page: PageFiles | undefined;
  readonly response: ServerResponse;
}

function receive(exchange: Exchange): void {
  const { request, response } = exchange;
  const chunks: Buffer[] = [];
  let length = 0;
  request.on('data', (chunk: Buffer) => {
    length += chunk.length;
    if (length > maxBodyBytes) response.destroy();
    else chunks.push(chunk);
  });
  request.on('end', () => {
    const { platform, handle, page } = exchange;
    const asked = platformRequest(exchange, Buffer.concat(chunks));
    const reply = new HttpReply(response);
    if (page !== undefined && isBrowser(asked)) answerBrowser(asked, page, platform.settings.hosts, reply);
    else handle(asked, reply);
  });
}

/** The suites that the platform offers: RSA server authentication, no SHA-1, TLS 1.2 and 1.3. */
const ciphers = [
  'TLS_AES_256_GCM_SHA384',
  'TLS_CHACHA20_POLY1305_SHA256',
  'TLS_AES_128_GCM_SHA256',
  'ECDHE-RSA-AES256-GCM-SHA384',
  'ECDHE-RSA-CHACHA20-POLY1305',
  'ECDHE-RSA-AES128-GCM-SHA256',
  'ECDHE-RSA-AES256-SHA384',
  'ECDHE-RSA-AES128-SHA256',
  // Only for a certificate with an EC key, which the real platform does not have.
  'ECDHE-ECDSA-AES128-GCM-SHA256',
  'AES256-GCM-SHA384',
  'AES128-GCM-SHA256',
  'AES256-SHA256',
  'AES128-SHA256',
].join(':');
const maxBodyBytes = 64 * 1024 * 1024;
/** Number of sessions kept for resumption. */
const maxSessions = 1000;
