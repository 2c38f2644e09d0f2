// SPDX-License-Identifier: Apache-2.0
/** Our WebSocket against one that nobody here wrote, on real sockets. */

import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import test, { type ExecutionContext } from 'ava';
import { type WebSocket, WebSocketServer } from 'ws';
import { createNodeHal } from '../../hal/node/node.ts';
import { ascii, NO_BYTES } from '../../src/bytes/text.ts';
import { identityOf } from '../../src/http/request.ts';
import { Transport } from '../../src/http/transport.ts';
import { WebSocketClient, type WebSocketOwner } from '../../src/http/websocket.ts';
import { EventScope } from '../../src/timers/event-scope.ts';
import { Timers } from '../../src/timers/timers.ts';
import { until } from '../support/until.ts';

/** Sends back what comes, as far as there is room for it. */
class Echo implements WebSocketOwner {
  readonly said: string[] = [];
  readonly received: Buffer[] = [];
  bytes = 0;
  roomBytes = Number.POSITIVE_INFINITY;
  readonly #waiting: number[] = [];
  socket: WebSocketClient | undefined;

  onUp(): void {
    this.said.push('up');
  }

  onFree(): void {
    this.#send();
  }

  onData(bytes: Uint8Array, from: number, to: number): void {
    this.received.push(Buffer.from(bytes.subarray(from, to)));
    this.bytes += to - from;
    for (let i = from; i < to; i++) this.#waiting.push(bytes[i] as number);
    this.roomBytes = 4096 - this.#waiting.length;
    this.#send();
  }

  onOver(reason: string): void {
    this.said.push(reason);
  }

  #send(): void {
    const { socket } = this;
    const source = {
      read: (into: Uint8Array, from: number, to: number) => {
        const piece = this.#waiting.splice(0, to - from);
        into.set(piece, from);
        return piece.length;
      },
    };
    while (socket?.isFree === true && this.#waiting.length > 0) socket.sendFrom(source);
    this.roomBytes = 4096 - this.#waiting.length;
    if (this.roomBytes > 0 && socket !== undefined && socket.waitingBytes > 0) queueMicrotask(() => socket.take());
  }
}

async function connect(t: ExecutionContext, options: { protocols?: 'binary' | 'none' } = {}) {
  const handleProtocols = options.protocols === 'none' ? () => false as const : () => 'binary';
  const server = new WebSocketServer({ host: '127.0.0.1', port: 0, handleProtocols });
  await once(server, 'listening');
  const hal = createNodeHal({});
  const transport = new Transport({
    network: hal.network,
    timers: new Timers(hal, new EventScope()),
    receiveBytes: 512,
    requestBytes: 256,
    requestMaxBytes: 1024,
    userAgent: ascii('fractus'),
  });
  const owner = new Echo();
  const socket = new WebSocketClient({
    transport,
    target: { host: '127.0.0.1', port: (server.address() as AddressInfo).port },
    identity: identityOf(ascii('127.0.0.1'), NO_BYTES),
    path: ascii('/service/remoteaccess/device/k1'),
    fillRandom: (into) => hal.secureRandom(into),
    owner,
  });
  owner.socket = socket;
  t.teardown(() => {
    socket.stop();
    hal.close();
    for (const client of server.clients) client.terminate();
    server.close();
  });
  const opened = once(server, 'connection');
  socket.start();
  const [peer] = (await opened) as [WebSocket];
  await until(
    () => owner.said[0] === 'up',
    () => `not up: ${owner.said}`,
  );
  return { peer, owner, socket };
}

const pattern = (length: number) => Buffer.from(Uint8Array.from({ length }, (_, i) => (i * 7 + (i >> 8)) & 0xff));

test('messages of any size come back as they were; in parts, too', async (t) => {
  const { peer, owner } = await connect(t);
  t.is(peer.protocol, 'binary');
  const back: Buffer[] = [];
  peer.on('message', (data: Buffer) => back.push(data));
  const sent = [0, 1, 125, 126, 127, 65_535, 65_536, 200_000].map(pattern);
  for (const message of sent) peer.send(message);
  peer.send(pattern(300), { fin: false });
  peer.ping('in between');
  peer.send(pattern(70_000), { fin: true });
  const whole = Buffer.concat([...sent, pattern(300), pattern(70_000)]);
  const count = () => back.reduce((sum, { length }) => sum + length, 0);
  await until(
    () => count() === whole.length,
    () => `${count()} of ${whole.length} bytes: ${owner.said}`,
  );
  t.deepEqual(Buffer.concat(back), whole);
  t.deepEqual(Buffer.concat(owner.received), whole);
  t.true(back.every(({ length }) => length <= 1024));
  t.deepEqual(owner.said, ['up']);
});

test('pings are answered, and ours are', async (t) => {
  const { peer, socket } = await connect(t);
  const pong = once(peer, 'pong');
  peer.ping('are you there?');
  t.is(String(((await pong) as [Buffer])[0]), 'are you there?');
  const heard = socket.heardBytes;
  const ping = once(peer, 'ping');
  socket.ping();
  await ping;
  await until(
    () => socket.heardBytes === heard + 2,
    () => 'no pong',
  );
  t.pass();
});

test('whoever closes, both know why', async (t) => {
  const theirs = await connect(t);
  const closed = once(theirs.peer, 'close');
  theirs.peer.close(4001, 'enough');
  t.is(((await closed) as [number])[0], 4001);
  t.deepEqual(theirs.owner.said, ['up', 'the platform has closed it (4001)']);

  const ours = await connect(t);
  const told = once(ours.peer, 'close');
  ours.socket.close(1000);
  t.is(((await told) as [number])[0], 1000);
  await until(
    () => ours.owner.said.length === 2,
    () => 'not over',
  );
  t.deepEqual(ours.owner.said, ['up', 'the platform has closed it']);
});

test('a server without the protocol is accepted; a server that closes without a close frame is gone', async (t) => {
  const { peer, owner } = await connect(t, { protocols: 'none' });
  peer.terminate();
  await until(
    () => owner.said.length === 2,
    () => 'not over',
  );
  t.regex(owner.said[1] ?? '', /closed|reset/);
});

test('a text message is refused, with a close frame to ws', async (t) => {
  const { peer, owner } = await connect(t);
  const closed = once(peer, 'close');
  peer.send('text');
  t.is(((await closed) as [number])[0], 1003);
  t.regex(owner.said[1] ?? '', /a text/);
});
