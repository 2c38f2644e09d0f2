// SPDX-License-Identifier: Apache-2.0
/** `fractus remote`: opens a local port that leads to a host behind a device, through any platform. */

import { createServer, type Server, type Socket } from 'node:net';
import { parseArgs } from 'node:util';
import { createWebSocketStream } from 'ws';
import { LOGIN_OPTIONS, type Login, NO_LOGIN, readLogin } from '../operate/login.ts';
import { Tenant } from '../operate/tenant.ts';
import { runCommand } from '../terminal/command.ts';
import { plain } from '../terminal/plain.ts';

const USAGE = `usage: fractus remote [--url URL] [--listen PORT] DEVICE HOST:PORT

  DEVICE     an external id (of type c8y_Serial, or TYPE:ID), or the id of a managed object
  HOST:PORT  the host to which the device connects; the author of the device allows some hosts only
  --listen   port of 127.0.0.1 that leads to the host; default: any free port
  --url      root of the platform; default: C8Y_BASEURL

The login comes from the environment: C8Y_TENANT, C8Y_USER, C8Y_PASSWORD. The command runs until it is interrupted.`;

const OPERATION = 'c8y_RemoteAccessConnect';

interface Arguments extends Login {
  readonly help: boolean;
  readonly listen: number;
  readonly device: string;
  readonly host: string;
  readonly port: number;
}

/** Resolves with the exit code. */
export function remoteCommand(args: string[]): Promise<number> {
  return runCommand({ name: 'remote', usage: USAGE, read: () => readArguments(args), run: serve });
}

function readArguments(args: string[]): Arguments {
  const { values, positionals } = parseArgs({
    args,
    strict: true,
    allowPositionals: true,
    options: { ...LOGIN_OPTIONS, listen: { type: 'string', default: '0' } },
  });
  const { help, listen } = values;
  const [device = '', target = ''] = positionals;
  const match = /^(\[[0-9a-f:.]+\]|[\w.-]+):(\d{1,5})$/i.exec(target);
  if (!/^\d{1,5}$/.test(listen) || Number(listen) > 65_535)
    throw new Error(`--listen: "${listen}" is not allowed; allowed: a port`);
  if (!help && device === '') throw new Error('DEVICE: missing');
  if (!help && match === null) throw new Error('HOST:PORT: missing; allowed: for example 192.168.1.20:22');
  return {
    ...(help ? NO_LOGIN : readLogin(values.url)),
    help,
    listen: Number(listen),
    device,
    host: (match?.[1] ?? '').replace(/^\[|\]$/g, ''),
    port: Number(match?.[2] ?? 0),
  };
}

async function serve({ url, login, device, host, port, listen }: Arguments): Promise<number> {
  const tenant = new Tenant(url, login);
  const { id, name, operations } = await tenant.device(device);
  if (!operations.includes(OPERATION)) throw new Error(`${plain(name)} does not support ${OPERATION}`);
  const hostId = await tenant.saveHost(id, host, port);
  const sockets = new Set<Socket>();
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    carry(tenant, id, hostId, socket);
  });
  try {
    const bound = await listenOn(server, listen);
    console.log(`127.0.0.1:${bound} leads to ${host}:${port} behind ${plain(name)}`);
    await new Promise<void>((resolve) => {
      for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => resolve());
    });
  } finally {
    server.close();
    for (const socket of sockets) socket.destroy();
    await tenant.dropHost(id, hostId);
  }
  return 0;
}

function listenOn(server: Server, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => {
      const address = server.address();
      resolve(typeof address === 'object' && address !== null ? address.port : port);
    });
  });
}

/** Carries one connection. A device allows one at a time, and refuses others. */
function carry(tenant: Tenant, deviceId: string, hostId: string, socket: Socket): void {
  const opened = tenant.remote(deviceId, hostId);
  const stream = createWebSocketStream(opened);
  const end = (why: string) => {
    if (why !== '') console.error(why);
    socket.destroy();
    stream.destroy();
  };
  console.log('a connection begins');
  opened.on('close', (code, reason) => {
    const text = plain(reason.toString());
    console.log(text === '' ? 'the connection has ended' : `the connection has ended (${code}): ${text}`);
  });
  stream.on('error', (error) => end(error.message));
  socket.on('error', (error) => end(error.message));
  socket.on('close', () => end(''));
  socket.pipe(stream);
  stream.pipe(socket);
}
