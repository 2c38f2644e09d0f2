// SPDX-License-Identifier: Apache-2.0

import { once } from 'node:events';
import { type AddressInfo, connect, createServer, isIP, Socket, type TcpNetConnectOpts } from 'node:net';
import test, { type ExecutionContext } from 'ava';
import { Race } from '../../../hal/node/race.ts';
import { within } from '../../support/until.ts';

/* RFC 8305 §5, with addresses of the documentation (RFC 5737) for whose behaviour the test itself stands. */

const GOOD = '192.0.2.1';
const SILENT = '192.0.2.2';
const SLOW = '192.0.2.3';
const DEAD = '192.0.2.4';

class Track {
  readonly server = createServer();
  /** The addresses that were tried, in this order. */
  readonly tried: string[] = [];
  readonly #attempts = new Map<string, Socket>();

  static async build(t: ExecutionContext): Promise<Track> {
    const track = new Track();
    track.server.listen(0, '127.0.0.1');
    t.teardown(() => track.server.close());
    await once(track.server, 'listening');
    return track;
  }

  /** Resolves with the address that has won, or why none has. */
  run(...addresses: string[]): Promise<string> {
    const outcome = new Promise<string>((resolve) => {
      new Race({
        host: 'name.test',
        port: (this.server.address() as AddressInfo).port,
        socket: { highWaterMark: 1024 },
        lookup: (_host, _options, callback) =>
          callback(
            null,
            addresses.map((address) => ({ address, family: isIP(address) })),
          ),
        connect: (options) => this.#connect(options),
        onConnected: (socket) => {
          socket.destroy();
          resolve([...this.#attempts].find(([, each]) => each === socket)?.[0] ?? 'another socket');
        },
        onFailed: ({ message }) => resolve(message),
      });
    });
    return within(outcome, () => `no end after ${this.tried}`);
  }

  /** Those that were begun and are not ended. */
  get open(): string[] {
    return [...this.#attempts].filter(([, socket]) => !socket.destroyed).map(([address]) => address);
  }

  #connect(options: TcpNetConnectOpts): Socket {
    const address = options.host ?? '';
    const socket = address === GOOD ? connect({ ...options, host: '127.0.0.1' }) : new Socket();
    if (address === DEAD) setImmediate(() => socket.destroy(new Error(`${DEAD} is dead`)));
    this.tried.push(address);
    this.#attempts.set(address, socket);
    // Once the next one has been tried, there was time enough for it to be given up.
    const slow = this.#attempts.get(SLOW);
    if (address !== SLOW && slow?.destroyed === false) slow.connect(options.port, '127.0.0.1');
    return socket;
  }
}

test('the next address is tried beside one that does not answer, and what has lost is closed', async (t) => {
  const track = await Track.build(t);
  t.is(await track.run(SILENT, GOOD), GOOD);
  t.deepEqual(track.tried, [SILENT, GOOD]);
  t.deepEqual(track.open, []);
});

test('an address that answers is the only one that is tried', async (t) => {
  const track = await Track.build(t);
  t.is(await track.run(GOOD, SILENT), GOOD);
  t.deepEqual(track.tried, [GOOD]);
});

test('after an address that is dead comes the next one, at once', async (t) => {
  const track = await Track.build(t);
  t.is(await track.run(DEAD, SILENT, GOOD), GOOD);
  t.deepEqual(track.tried, [DEAD, SILENT, GOOD]);
  t.deepEqual(track.open, []);
});

test('a slow address is not given up for one that is dead or silent', async (t) => {
  for (const other of [DEAD, SILENT]) {
    const track = await Track.build(t);
    t.is(await track.run(SLOW, other), SLOW);
    t.deepEqual(track.tried, [SLOW, other]);
    t.deepEqual(track.open, []);
  }
});

test('the last dead one ends it, and only then', async (t) => {
  const track = await Track.build(t);
  t.is(await track.run(DEAD), `${DEAD} is dead`);
  t.deepEqual(track.open, []);
});
