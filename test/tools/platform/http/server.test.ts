// SPDX-License-Identifier: Apache-2.0

import { once } from 'node:events';
import { Agent } from 'node:http';
import { connect, createServer, type Socket } from 'node:net';
import test from 'ava';
import type { Fault } from '../../../../tools/platform/faults.ts';
import { createOperation } from '../../../../tools/platform/operator.ts';
import { machineOptions, type RunningServer, startServer } from '../../../../tools/platform/server.ts';
import { until, within } from '../../../support/until.ts';
import { bayeux, device, operator, send, start, subscribe } from './wire.ts';

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
  await until(() => session?.hold === undefined, 'the poll is still held');
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
  const whole = new Promise<string>((resolve, reject) => {
    let answer = '';
    const socket = connect(Number(new URL(server.url).port), '127.0.0.1', () => socket.write(text));
    socket.setEncoding('utf8');
    socket.on('data', (piece: string) => {
      answer += piece;
    });
    socket.on('error', reject);
    socket.on('close', () => resolve(answer));
  });
  return within(whole, 'the server does not close the connection');
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
    await within(once(socket, 'close'), 'the server does not close the connection');
    t.deepEqual(
      server.platform.breaches.map(({ rule }) => rule),
      [...rules],
      text,
    );
  }
});

test('what arrived while the machine was busy comes before a timer that is late', async (t) => {
  const { scheduler } = machineOptions();
  const listener = createServer().listen(0, '127.0.0.1');
  t.teardown(() => listener.close());
  await once(listener, 'listening');
  const client = connect((listener.address() as { port: number }).port, '127.0.0.1');
  const [served] = (await once(listener, 'connection')) as [Socket];
  t.teardown(() => client.destroy());
  const order: string[] = [];
  served.on('data', () => order.push('data'));
  scheduler.set(() => order.push('timer'), 20);
  scheduler.clear(scheduler.set(() => order.push('cleared'), 20));
  client.write('x');
  const busyUntilMs = performance.now() + 60;
  while (performance.now() < busyUntilMs);
  await until(() => order.length === 2, 'something does not come');
  t.deepEqual(order, ['data', 'timer']);
});
