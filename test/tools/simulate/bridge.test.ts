// SPDX-License-Identifier: Apache-2.0

import test, { type ExecutionContext } from 'ava';
import type { ByteStream } from '../../../hal/hal.ts';
import type { JsonObject } from '../../../tools/platform/model.ts';
import { createDeviceUser, createObject, createOperation, registerDevice } from '../../../tools/platform/operator.ts';
import { World, type WorldOptions } from '../../../tools/simulate/machine/world.ts';

const bootstrap = 'management/devicebootstrap:the-bootstrap-password';

/** A client that sends what it is told and keeps what comes back, with the moment of each piece. */
class Client {
  text = '';
  end: string | undefined;
  readonly moments: number[] = [];
  readonly #stream: ByteStream;
  readonly #world: World;
  #unsent: Buffer = Buffer.alloc(0);
  #credit = 0;

  constructor(world: World) {
    this.#world = world;
    const hal = world.device.machine.hal ?? world.device.machine.boot();
    const into = new Uint8Array(65_536);
    this.#stream = hal.network.connect(
      { host: 'platform.test', port: 443, tls: {} },
      {
        onOpen: () => {},
        onReadable: (count) => {
          this.text += Buffer.from(into.subarray(0, this.#stream.read(into, 0, count))).toString('latin1');
          this.moments.push(world.time.nowMs);
        },
        onWritable: (count) => {
          this.#credit = count;
          this.#pump();
        },
        onEnd: () => {
          this.end = 'end';
        },
        onError: (kind) => {
          this.end = kind;
        },
      },
    );
  }

  send(text: string): void {
    this.#unsent = Buffer.concat([this.#unsent, Buffer.from(text, 'latin1')]);
    this.#pump();
  }

  /** A POST with the media type of credentials, or as plain JSON. */
  post(path: string, body: string, login = bootstrap): void {
    const type = login === bootstrap ? 'application/vnd.com.nsn.cumulocity.devicecredentials+json' : 'application/json';
    const authorization = `Authorization: Basic ${btoa(login)}`;
    const fields = `Host: platform.test\r\n${authorization}\r\nAccept: ${type}\r\nContent-Type: ${type}`;
    this.send(`POST ${path} HTTP/1.1\r\n${fields}\r\nContent-Length: ${body.length}\r\n\r\n${body}`);
    this.#world.run(1000);
  }

  close(): void {
    this.#stream.close();
  }

  #pump(): void {
    if (this.#credit === 0 || this.#unsent.length === 0) return;
    const taken = this.#stream.write(this.#unsent, 0, this.#unsent.length);
    this.#credit -= taken;
    this.#unsent = this.#unsent.subarray(taken);
  }
}

/** A world whose device is silent: the test speaks for it. */
function createDesk(t: ExecutionContext, options: WorldOptions = {}): { world: World; client: Client } {
  const platform = { accept: false, ...options.platform };
  const world = new World({ ...options, config: { bootstrapPassword: undefined }, platform });
  t.teardown(() => world.finish());
  world.start();
  return { world, client: new Client(world) };
}

const path = '/devicecontrol/deviceCredentials';

test('answers come in one piece with a length and the date of the world', (t) => {
  const { world, client } = createDesk(t);
  client.post(path, '{"id":"d1"}');
  t.regex(client.text, /^HTTP\/1\.1 404 Not Found\r\n/);
  t.regex(client.text, /\r\nDate: Sun, 04 Jan 2026 10:00:0\d GMT\r\n/);
  const length = Number(/Content-Length: (\d+)/.exec(client.text)?.[1]);
  t.is(client.text.length - client.text.indexOf('\r\n\r\n') - 4, length);
  t.is(client.moments.length, 1);
  registerDevice(world.platform, 'd1');
  client.post(path, '{"id":"d1"}');
  t.is(client.text.match(/HTTP\/1\.1/g)?.length, 2, 'keep-alive');
  t.is(world.connections, 1);
  t.deepEqual(
    world.exchanges.map(({ number, connection, status, body }) => [number, connection, status, body]),
    [
      [1, 1, 404, '{"id":"d1"}'],
      [2, 1, 404, '{"id":"d1"}'],
    ],
  );
});

test('what the platform orders happens on the wire', (t) => {
  const { world, client } = createDesk(t);
  world.platform.order({ kind: 'truncate', path, bytes: 10 });
  client.post(path, '{"id":"d1"}');
  const body = client.text.slice(client.text.indexOf('\r\n\r\n') + 4);
  t.is(body.length, 10);
  t.is(client.end, 'end');
  t.is(world.exchanges.at(-1)?.status, 0);

  const dropped = new Client(world);
  world.platform.order({ kind: 'dropAfter', path });
  dropped.post(path, '{"id":"d1"}');
  t.is(dropped.text, '');
  t.is(dropped.end, 'reset');

  const slow = new Client(world);
  world.platform.order({ kind: 'trickle', path, ms: 100, bytes: 40 });
  slow.post(path, '{"id":"d1"}');
  t.true(slow.moments.length > 3);
});

test('what is no HTTP is answered with 400, is a breach and ends the connection', (t) => {
  const world = new World({ config: { bootstrapPassword: undefined } });
  world.start();
  const client = new Client(world);
  client.send('GET / HTTP/9\r\n\r\n');
  world.run(1000);
  t.regex(client.text, /^HTTP\/1\.1 400 /);
  t.is(client.end, 'end');
  t.throws(() => world.finish(), { message: /breach of header: no request line/ });
});

test('a request before the last one is answered is a breach', (t) => {
  const world = new World({ config: { bootstrapPassword: undefined } });
  world.start();
  const client = new Client(world);
  world.platform.order({ kind: 'delay', path, ms: 5000 });
  client.post(path, '{"id":"d1"}');
  client.post(path, '{"id":"d1"}');
  t.throws(() => world.finish(), { message: /a request before the last one was answered/ });
});

test('a secret in a target is found', (t) => {
  const world = new World({ config: { bootstrapPassword: undefined } });
  world.start();
  const client = new Client(world);
  client.post(`${path}?p=the-bootstrap-password`, '{"id":"d1"}');
  t.throws(() => world.finish(), { message: /a secret in a request target/ });
});

for (const how of ['end', 'reset', 'vanish'] as const) {
  test(`connections are cut (${how}); what was under way meets nobody`, (t) => {
    const { world, client } = createDesk(t);
    client.post(path, '{"id":"d1"}');
    const { text } = client;
    world.cutConnections(how);
    client.post(path, '{"id":"d1"}');
    t.is(client.text, text);
    t.is(client.end, how === 'vanish' ? undefined : how);
    t.is(world.requests, 1);
    t.is(world.platform.core.connections.open, 0);
  });
}

test('a held poll shows its head at once, is kept alive by blanks and ends in chunks', (t) => {
  const { world, client } = createDesk(t, { platform: { settings: { heartbeatMs: 10_000 } } });
  const { platform } = world;
  const { tenantId, username, password } = createDeviceUser(platform, 'd1');
  const { id } = createObject(platform, { name: 'd1', com_cumulocity_model_Agent: {} }, username);
  const say = (messages: JsonObject[]) => {
    client.text = '';
    client.post('/notification/operations', JSON.stringify(messages), `${tenantId}/${username}:${password}`);
  };
  say([{ channel: '/meta/handshake', version: '1.0', supportedConnectionTypes: ['long-polling'] }]);
  const clientId = /"clientId":"(\w+)"/.exec(client.text)?.[1] ?? '';
  say([{ channel: '/meta/subscribe', clientId, subscription: `/${id}` }]);
  say([{ channel: '/meta/connect', clientId, connectionType: 'long-polling' }]);
  const head = client.text;
  t.regex(head, /^HTTP\/1\.1 200 OK\r\n.*\r\nTransfer-Encoding: chunked\r\n\r\n$/s);
  world.run(8000);
  t.is(client.text, head);
  world.run(12_000);
  t.is(client.text, `${head}1\r\n \r\n1\r\n \r\n`);
  createOperation(platform, id, { c8y_Restart: {} });
  world.run(1000);
  const [, size = '', body = ''] =
    /^([0-9a-f]+)\r\n(.*)\r\n0\r\n\r\n$/s.exec(client.text.slice(head.length + 12)) ?? [];
  t.is(Number.parseInt(size, 16), body.length);
  t.is((JSON.parse(body) as JsonObject[]).length, 2);
});

test('a device that closes its connection ends what it waits for', (t) => {
  const { world, client } = createDesk(t);
  world.platform.order({ kind: 'delay', path, ms: 5000, after: true });
  client.post(path, '{"id":"d1"}');
  client.close();
  world.run(100);
  t.is(world.exchanges.at(-1)?.status, 0);
  t.is(world.platform.core.connections.open, 0);
});
