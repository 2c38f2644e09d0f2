import { constants } from 'node:crypto';
import { Agent, type IncomingMessage, request } from 'node:http';
import { request as requestTls } from 'node:https';
import { connect } from 'node:net';
import { connect as connectTls } from 'node:tls';
import test, { type ExecutionContext } from 'ava';
import {
  chainHeader,
  createAuthority,
  createDeviceCertificate,
  type Identity,
} from '../../../../tools/platform/certificates.ts';
import type { Fault } from '../../../../tools/platform/faults.ts';
import {
  createDeviceUser,
  createObject,
  createOperation,
  trustAuthority,
} from '../../../../tools/platform/operator.ts';
import {
  createCertificates,
  type RunningServer,
  type ServerOptions,
  startServer,
} from '../../../../tools/platform/server.ts';
import { until } from '../../../support/until.ts';
import { handshakeMessage } from '../desk.ts';

async function start(t: ExecutionContext, options: ServerOptions = {}): Promise<RunningServer> {
  const server = await startServer(options);
  t.teardown(() => server.close());
  return server;
}

interface Response {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  readonly text: string;
}

interface RequestOptions {
  readonly method?: string;
  readonly body?: string;
  readonly headers?: Record<string, string>;
  readonly agent?: Agent;
  readonly tls?: { readonly ca: string; readonly identity?: Identity };
  /** Told of the head as soon as it is there, and of each piece of the body. */
  readonly onHead?: (status: number) => void;
  readonly onPiece?: (piece: string) => void;
}

/** A request whose promise rejects when the answer is cut. */
function send(url: string, options: RequestOptions = {}): Promise<Response> {
  return new Promise((resolve, reject) => {
    const { method = 'GET', body = '', headers = {}, agent, tls } = options;
    const make = tls === undefined ? request : requestTls;
    const made = make(
      url,
      {
        method,
        headers: { ...headers, ...(body === '' ? {} : { 'content-length': String(Buffer.byteLength(body)) }) },
        ...(agent === undefined ? {} : { agent }),
        ...(tls === undefined ? {} : { ca: tls.ca, cert: tls.identity?.certificate, key: tls.identity?.privateKey }),
      },
      (response) => {
        let text = '';
        options.onHead?.(response.statusCode ?? 0);
        response.setEncoding('utf8');
        response.on('data', (piece: string) => {
          text += piece;
          options.onPiece?.(piece);
        });
        response.on('error', reject);
        response.on('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers, text }));
      },
    );
    made.on('error', reject);
    made.end(body);
  });
}

function operator({ platform }: RunningServer): Record<string, string> {
  const { name, password, tenant } = platform.core.operator;
  return { authorization: `Basic ${btoa(`${tenant}/${name}:${password}`)}`, accept: 'application/json' };
}

/** A device with its object and its headers. */
function device({ platform }: RunningServer): { id: string; headers: Record<string, string>; user: string } {
  const { tenantId, username, password } = createDeviceUser(platform, 'd1');
  const { id } = createObject(platform, { name: 'd1', c8y_IsDevice: {}, com_cumulocity_model_Agent: {} }, username);
  const headers = { authorization: `Basic ${btoa(`${tenantId}/${username}:${password}`)}`, accept: 'application/json' };
  return { id, headers, user: username };
}

const bayeux = { 'content-type': 'application/json' };

async function subscribe(server: RunningServer, { id, headers }: ReturnType<typeof device>): Promise<string> {
  const url = `${server.url}/notification/operations`;
  const post = (message: object) =>
    send(url, { method: 'POST', headers: { ...headers, ...bayeux }, body: JSON.stringify([message]) });
  const [handshake] = JSON.parse((await post(handshakeMessage)).text) as {
    clientId: string;
  }[];
  const clientId = handshake?.clientId ?? '';
  await post({ channel: '/meta/subscribe', clientId, subscription: `/${id}` });
  return clientId;
}

test('real HTTP: answers with length, date and vendor type on kept connections', async (t) => {
  const server = await start(t);
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  t.teardown(() => agent.destroy());
  const headers = operator(server);
  const first = await send(`${server.url}/inventory/managedObjects`, { headers, agent });
  t.is(first.status, 200);
  t.is(first.headers['content-length'], String(first.text.length));
  t.true(Math.abs(Date.parse(first.headers.date ?? '') - Date.now()) < 60_000);
  await send(`${server.url}/tenant/currentTenant`, { headers, agent });
  t.deepEqual(server.platform.core.connections, { accepted: 1, open: 1 });
  const [a, b] = server.platform.requests;
  t.is(a?.connection, b?.connection);
  t.true((a?.sizeBytes ?? 0) > 100, 'head included');
});

test('a long poll shows its head and spaces before its end', async (t) => {
  const server = await start(t);
  server.platform.settings.heartbeatMs = 5;
  const there = device(server);
  const clientId = await subscribe(server, there);
  let heads = 0;
  let pieces = '';
  const message = [{ channel: '/meta/connect', clientId, connectionType: 'long-polling' }];
  const answer = await send(`${server.url}/notification/operations`, {
    method: 'POST',
    headers: { ...there.headers, ...bayeux },
    body: JSON.stringify(message),
    onHead: () => {
      heads += 1;
    },
    onPiece: (piece) => {
      pieces += piece;
      if (pieces === ' ') createOperation(server.platform, there.id, { c8y_Restart: {} });
    },
  });
  t.is(heads, 1);
  t.is(answer.headers['transfer-encoding'], 'chunked');
  t.regex(answer.text, /^ +\[/);
  t.is((JSON.parse(answer.text) as unknown[]).length, 2);
  t.deepEqual(server.platform.breaches, []);
});

test('a client that goes away during a long poll is noticed', async (t) => {
  const server = await start(t);
  const there = device(server);
  const clientId = await subscribe(server, there);
  const agent = new Agent();
  const body = JSON.stringify([{ channel: '/meta/connect', clientId, connectionType: 'long-polling' }]);
  const poll = send(`${server.url}/notification/operations`, {
    method: 'POST',
    headers: { ...there.headers, ...bayeux },
    body,
    agent,
    onHead: () => agent.destroy(),
  });
  await t.throwsAsync(poll);
  const session = server.platform.core.sessions.get(clientId);
  while (session?.hold !== undefined) await new Promise(setImmediate);
  t.is(server.platform.requests.at(-1)?.status, 0);
});

const faults: readonly [Fault, RegExp][] = [
  [{ kind: 'dropBefore' }, /socket hang up|ECONNRESET/],
  [{ kind: 'dropAfter' }, /socket hang up|ECONNRESET/],
  [{ kind: 'cut', ms: 1 }, /socket hang up|ECONNRESET/],
  [{ kind: 'truncate', bytes: 20 }, /aborted|ECONNRESET/],
  [{ kind: 'truncate', bytes: 0 }, /aborted|ECONNRESET/],
];
for (const [fault, message] of faults) {
  test(`over the wire: ${JSON.stringify(fault)} cuts the connection`, async (t) => {
    const server = await start(t);
    const { id, headers } = device(server);
    if (fault.kind === 'cut') server.platform.order({ kind: 'delay', ms: 60_000 });
    server.platform.order(fault);
    let text = '';
    const answer = send(`${server.url}/inventory/managedObjects/${id}`, {
      headers,
      onPiece: (piece) => {
        text += piece;
      },
    });
    await t.throwsAsync(answer, { message });
    t.is(text.length, fault.kind === 'truncate' ? fault.bytes : 0);
  });
}

test('over the wire: trickled, delayed and lying about the date', async (t) => {
  const server = await start(t);
  const { id, headers } = device(server);
  const url = `${server.url}/inventory/managedObjects/${id}`;
  const plain = await send(url, { headers });
  server.platform.order({ kind: 'trickle', ms: 1, bytes: 100 });
  server.platform.order({ kind: 'delay', ms: 1 });
  server.platform.order({ kind: 'date', skewMs: -86_400_000 });
  let pieces = 0;
  const slow = await send(url, {
    headers,
    onPiece: () => {
      pieces += 1;
    },
  });
  t.is(slow.text, plain.text);
  t.true(pieces > 1);
  t.true(Date.parse(slow.headers.date ?? '') < Date.now() - 80_000_000);
});

/** Sends raw bytes and returns all that comes back. */
function raw(server: RunningServer, text: string): Promise<string> {
  return new Promise((resolve, reject) => {
    let answer = '';
    const socket = connect(Number(new URL(server.url).port), '127.0.0.1', () => socket.write(text));
    socket.setEncoding('utf8');
    socket.on('data', (piece: string) => {
      answer += piece;
    });
    socket.on('error', reject);
    socket.on('close', () => resolve(answer));
  });
}

for (const [name, head] of [
  ['nonsense', 'HELLO\r\n\r\n'],
  [
    'both framings',
    'POST /event/events HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n',
  ],
  ['two lengths', 'POST /event/events HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n'],
] as const) {
  test(`a request that cannot be read is a breach: ${name}`, async (t) => {
    const server = await start(t);
    t.regex(await raw(server, head), /^HTTP\/1\.1 400 /);
    t.deepEqual(
      server.platform.breaches.map(({ rule }) => rule),
      ['header'],
    );
  });
}

test('repeated headers and absolute targets are seen', async (t) => {
  const server = await start(t);
  const { authorization = '' } = device(server).headers;
  const { host } = new URL(server.url);
  const head = `GET http://evil.test/user/currentUser HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n`;
  await raw(server, `${head}Authorization: ${authorization}\r\nAccept: a/b\r\nAccept: */*\r\n\r\n`);
  t.deepEqual(
    server.platform.breaches.map(({ rule }) => rule),
    ['header', 'host'],
  );
});

test('two servers on one port: the second is refused', async (t) => {
  const server = await start(t);
  await t.throwsAsync(startServer({ port: Number(new URL(server.url).port) }), { code: 'EADDRINUSE' });
});

test('closing cuts held polls and frees the port', async (t) => {
  const server = await startServer();
  const there = device(server);
  const clientId = await subscribe(server, there);
  const body = JSON.stringify([{ channel: '/meta/connect', clientId, connectionType: 'long-polling' }]);
  const poll = send(`${server.url}/notification/operations`, {
    method: 'POST',
    headers: { ...there.headers, ...bayeux },
    body,
    onHead: () => void server.close(),
  });
  await t.throwsAsync(poll);
  await t.throwsAsync(send(server.url), { code: 'ECONNREFUSED' });
});

test('mutual TLS: tokens for good chains only, and the token is good for the API', async (t) => {
  const certificates = await createCertificates();
  const server = await start(t, { tls: true, certificates });
  const root = await createAuthority('Root');
  const middle = await createAuthority('Middle', { issuer: root, key: 'EC' });
  const direct = await createDeviceCertificate(root, 'd1');
  const below = await createDeviceCertificate(middle, 'd2', { key: 'EC' });
  trustAuthority(server.platform, root.certificate);
  const ask = (identity: Identity | undefined, headers: Record<string, string> = {}) =>
    send(`${server.tokenUrl}/devicecontrol/deviceAccessToken`, {
      method: 'POST',
      headers: { accept: 'application/json', ...headers },
      tls: { ca: certificates.authority, ...(identity === undefined ? {} : { identity }) },
    });
  const granted = await ask(direct);
  t.is(granted.status, 200);
  t.is((await ask(below)).status, 401, 'the intermediate is missing');
  t.is((await ask(below, { 'x-ssl-cert-chain': chainHeader(below.chain) })).status, 200);
  t.is((await ask(undefined)).status, 401);
  const { accessToken } = JSON.parse(granted.text) as { accessToken: string };
  const headers = { authorization: `Bearer ${accessToken}`, accept: 'application/json' };
  const tls = { ca: certificates.authority };
  t.is((await send(`${server.url}/user/currentUser`, { headers, tls })).status, 200);
  t.is((await send(`${server.tokenUrl}/user/currentUser`, { headers, tls })).status, 404, 'not on this port');
  await t.throwsAsync(send(`${server.url}/user/currentUser`, { headers, tls: { ca: root.certificate } }));
});

test('with certificates alone the API stays plain and tokens are served', async (t) => {
  const server = await start(t, { certificates: await createCertificates() });
  t.regex(server.url, /^http:/);
  t.regex(server.tokenUrl ?? '', /^https:/);
  t.is((await start(t)).tokenUrl, undefined);
});

test('a device that goes away in the middle of a request breaks no rule; one that sends nonsense does', async (t) => {
  const server = await start(t);
  const half = 'PUT /inventory/managedObjects/1 HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 20\r\n\r\n{"a":';
  for (const [text, rules] of [
    [half, []],
    [half.slice(0, 30), []],
    ['NONSENSE\r\n\r\n', ['header']],
  ] as const) {
    const { hostname, port } = new URL(server.url);
    const socket = connect(Number(port), hostname);
    socket.end(text);
    socket.resume();
    await new Promise((resolve) => socket.once('close', resolve));
    t.deepEqual(
      server.platform.breaches.map(({ rule }) => rule),
      [...rules],
      text,
    );
  }
});

/** A connection over TLS 1.2 of a client without tickets, closed once it has its session. */
function takeSession(server: RunningServer, session?: Buffer): Promise<{ session: Buffer; resumed: boolean }> {
  const { hostname, port } = new URL(server.url);
  return new Promise((resolve, reject) => {
    const socket = connectTls({
      host: hostname,
      port: Number(port),
      ca: server.authority,
      maxVersion: 'TLSv1.2',
      secureOptions: constants.SSL_OP_NO_TICKET,
      ...(session === undefined ? {} : { session }),
    });
    socket.once('error', reject);
    socket.once('secureConnect', () => {
      const resumed = socket.isSessionReused();
      const kept = socket.getSession();
      socket.end();
      if (kept === undefined) reject(new Error('no session'));
      else resolve({ session: kept, resumed });
    });
  });
}

test('a TLS session can be taken up again by its id', async (t) => {
  const server = await start(t, { tls: true });
  const first = await takeSession(server);
  t.false(first.resumed);
  const second = await takeSession(server, first.session);
  t.true(second.resumed);
  await until(() => server.resumed > 0, 'the server has not seen it');
  t.is(server.resumed, 1);
});
