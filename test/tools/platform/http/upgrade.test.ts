// SPDX-License-Identifier: Apache-2.0
/** Upgrades on real sockets: clients of `ws`, and some that nobody should be. */

import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import test, { type ExecutionContext } from 'ava';
import { WebSocket } from 'ws';
import type { Operation } from '../../../../tools/platform/model.ts';
import { openSession } from '../../../../tools/platform/operations/remote-access.ts';
import { createDeviceUser, createObject } from '../../../../tools/platform/operator.ts';
import { Platform } from '../../../../tools/platform/platform.ts';
import { machineOptions, startServer } from '../../../../tools/platform/server.ts';
import { until } from '../../../support/until.ts';

const KEY = 'dGhlIHNhbXBsZSBub25jZQ==';

async function start(t: ExecutionContext) {
  const platform = new Platform(machineOptions());
  const server = await startServer({ platform });
  t.teardown(() => server.close());
  const { tenantId, username, password } = createDeviceUser(platform, 'd1');
  const object = createObject(platform, { c8y_IsDevice: {}, com_cumulocity_model_Agent: {} }, username);
  const authorization = `Basic ${Buffer.from(`${tenantId}/${username}:${password}`).toString('base64')}`;
  const received: string[] = [];
  const closes: string[] = [];
  const call = () => {
    const opened = openSession(
      platform.core,
      object.id,
      { hostname: 'plc', port: 1 },
      {
        send(bytes, onSent) {
          received.push(Buffer.from(bytes).toString());
          onSent();
        },
        close: (code, reason) => void closes.push(`${code} ${reason}`.trim()),
      },
    );
    // As a device has it by now.
    (opened.operation as { -readonly [Key in keyof Operation]: Operation[Key] }).status = 'EXECUTING';
    return opened;
  };
  const url = (key: string) => `${server.url.replace('http', 'ws')}/service/remoteaccess/device/${key}`;
  const device = (key: string) => new WebSocket(url(key), ['binary'], { headers: { Authorization: authorization } });
  /** What a device writes byte by byte, once it is up. */
  const raw = async (key: string): Promise<Socket> => {
    const socket = connect(Number(new URL(server.url).port), '127.0.0.1');
    t.teardown(() => socket.destroy());
    socket.on('error', () => {});
    const lines = [
      `GET /service/remoteaccess/device/${key} HTTP/1.1`,
      `Host: ${new URL(server.url).host}`,
      `Authorization: ${authorization}`,
      'Upgrade: websocket',
      'Connection: Upgrade',
      'Sec-WebSocket-Version: 13',
      `Sec-WebSocket-Key: ${KEY}`,
    ];
    socket.write(`${lines.join('\r\n')}\r\n\r\n`);
    const [answer] = (await once(socket, 'data')) as [Buffer];
    t.regex(answer.toString('latin1'), /^HTTP\/1\.1 101 /);
    t.regex(answer.toString('latin1'), /Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK\+xOo=/);
    return socket;
  };
  return { platform, server, call, device, raw, received, closes, authorization };
}

test('bytes both ways, and one end for both', async (t) => {
  const { platform, call, device, received, closes } = await start(t);
  const { session, listener } = call();
  const socket = device(session.key);
  const [first] = (await Promise.all([
    once(socket, 'message'),
    once(socket, 'open').then(() => listener.onMessage(Buffer.from('hello'), () => {})),
  ])) as [[Buffer], unknown];
  t.is(String(first[0]), 'hello');
  t.is(socket.protocol, 'binary');
  socket.send(Buffer.from('hi'));
  await until(() => received.length === 1, 'nothing came');
  t.deepEqual(received, ['hi']);
  socket.close(1000);
  await once(socket, 'close');
  await until(() => closes.length === 1, 'the operator is not told');
  t.deepEqual(closes, ['1000']);
  t.deepEqual(platform.breaches, []);
});

test('what is refused gets an answer as any other request', async (t) => {
  const { platform, server, device, authorization } = await start(t);
  const unexpected = (socket: WebSocket) =>
    once(socket, 'unexpected-response').then(([, answer]) => (answer as { statusCode: number }).statusCode);
  t.is(await unexpected(device('nobody')), 404);
  t.is(await unexpected(new WebSocket(`${server.url.replace('http', 'ws')}/service/remoteaccess/device/x`)), 401);
  const rules = platform.breaches.map(({ rule }) => rule);
  t.deepEqual(rules.sort(), ['authorization', 'remote-access-key']);
  // An offer of another protocol changes nothing for who asks for something else.
  const socket = connect(Number(new URL(server.url).port), '127.0.0.1');
  t.teardown(() => socket.destroy());
  const { host } = new URL(server.url);
  socket.write(
    `GET /identity/externalIds/c8y_Serial/x HTTP/1.1\r\nHost: ${host}\r\nAuthorization: ${authorization}\r\nAccept: application/json\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n`,
  );
  const [answer] = (await once(socket, 'data')) as [Buffer];
  t.regex(answer.toString(), /^HTTP\/1\.1 404 [\s\S]*identity/);
});

for (const [what, bytes] of [
  ['a frame without a mask', [0x82, 0x01, 0x61]],
  ['a text', [0x81, 0x81, 0, 0, 0, 0, 0x61]],
  ['a reserved bit', [0xc2, 0x81, 0, 0, 0, 0, 0x61]],
  ['a ping that is too long', [0x89, 0xfe, 0, 126, 0, 0, 0, 0]],
  ['2 MB in one frame', [0x82, 0xff, 0, 0, 0, 0, 0, 0x20, 0, 0]],
] as const) {
  test(`a breach of a device: ${what}`, async (t) => {
    const { platform, call, raw } = await start(t);
    const socket = await raw(call().session.key);
    socket.write(Buffer.from(bytes));
    await until(() => platform.breaches.length > 0, 'no breach');
    t.deepEqual(
      platform.breaches.map(({ rule }) => rule),
      ['websocket'],
    );
  });
}

test('a device that is gone without a word ends the session; so does the end of the server', async (t) => {
  const { server, call, raw, closes } = await start(t);
  (await raw(call().session.key)).destroy();
  await until(() => closes.length === 1, 'the operator is not told');
  const left = await raw(call().session.key);
  const gone = once(left, 'close');
  await server.close();
  await gone;
  t.pass();
});

test('clients that are gone when they are refused end nobody else', async (t) => {
  const { server } = await start(t);
  const { host, port } = new URL(server.url);
  for (let i = 0; i < 5; i++) {
    const socket = connect(Number(port), '127.0.0.1');
    socket.on('error', () => {});
    socket.write(`GET /x HTTP/1.1\r\nHost: ${host}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n`);
    socket.once('data', () => socket.resetAndDestroy());
    await once(socket, 'close');
  }
  t.is((await fetch(server.url)).status, 401);
});

test('a request that would rather speak HTTP/2 keeps its content, however it comes', async (t) => {
  const { platform, server, authorization } = await start(t);
  const { host, port } = new URL(server.url);
  const body = JSON.stringify({ name: 'pump' });
  const text = `POST /inventory/managedObjects HTTP/1.1\r\nHost: ${host}\r\nAuthorization: ${authorization}\r\nContent-Type: application/json\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABk\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
  for (const cut of [text.length, text.length - 5]) {
    const socket = connect(Number(port), '127.0.0.1');
    t.teardown(() => socket.destroy());
    socket.write(text.slice(0, cut));
    if (cut < text.length) setTimeout(() => socket.write(text.slice(cut)), 20);
    const [answer] = (await once(socket, 'data')) as [Buffer];
    t.regex(answer.toString('latin1'), /^HTTP\/1\.1 201 /);
  }
  const pumps = [...platform.core.objects.values()].filter(({ fragments }) => fragments['name'] === 'pump');
  t.is(pumps.length, 2);
});
