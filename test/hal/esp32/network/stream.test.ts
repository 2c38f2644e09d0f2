// SPDX-License-Identifier: Apache-2.0

import type TCP from 'embedded:io/socket/tcp';
import test from 'ava';
import { PlainStream } from '../../../../hal/esp32/network/plain-stream.ts';
import { type Esp32Stream, SocketEvent, type StreamOwner } from '../../../../hal/esp32/network/stream.ts';
import { Views } from '../../../../hal/esp32/views.ts';
import { DnsWorld, foundFor } from './dns-world.ts';

const ONE = '10.0.0.1';
const TWO = '10.0.0.2';
const THREE = '10.0.0.3';
const TARGET = { host: 'a.example', port: 80 };

/** What becomes of a connection to an address; `mute` never answers. */
type Fate = 'accepts' | 'refuses' | 'mute' | { readonly throws: string };

/** A network of sockets that do what is told of their address. */
class StreamWorld extends DnsWorld {
  readonly fates = new Map<string, Fate>();
  readonly tried: string[] = [];
  readonly events: string[] = [];
  openSockets = 0;
  readonly sockets: TCP<Esp32Stream>[] = [];
  readonly owner: StreamOwner = {
    views: new Views(),
    resolve: (host, user) => this.resolver.resolve(host, user),
    forget: (user) => this.resolver.forget(user),
    worked: (host, address) => this.resolver.worked(host, address),
    failed: (host, address) => this.resolver.failed(host, address),
    openSocket: (stream, address) => this.#connect(stream, address),
    createTimer: (onTimeout) => this.createTimer(onTimeout),
    soon: (act) => this.createTimer(act).start(0),
    onThrown: (error) => this.thrown.push(error),
    release: () => {},
  };

  constructor(fates: Readonly<Record<string, Fate>>) {
    super(foundFor(3600, ...Object.keys(fates)));
    for (const [address, fate] of Object.entries(fates)) this.fates.set(address, fate);
  }

  connect(target = TARGET): PlainStream {
    const { events } = this;
    const stream = new PlainStream(this.owner, target, {
      onOpen: () => events.push('open'),
      onReadable: (count) => events.push(`readable ${count}`),
      onWritable: (count) => events.push(`writable ${count}`),
      onEnd: () => events.push('end'),
      onError: (kind, detail) => events.push(`${kind}: ${detail}`),
    });
    stream.open();
    return stream;
  }

  /** Connects, waits for what comes of it, and closes. */
  attempt(): string[] {
    const { length } = this.events;
    const stream = this.connect();
    this.time.run(60_000);
    stream.close();
    return this.events.slice(length);
  }

  #connect(stream: Esp32Stream, address: string): TCP<Esp32Stream> {
    this.tried.push(address);
    const fate = this.fates.get(address) ?? 'mute';
    if (typeof fate === 'object') throw new Error(fate.throws);
    this.openSockets += 1;
    let isOpen = true;
    const socket = {
      target: stream,
      read: (into: Uint8Array) => into.length,
      write: () => 1000,
      close: () => {
        if (isOpen) this.openSockets -= 1;
        isOpen = false;
      },
    } satisfies TCP<Esp32Stream>;
    this.sockets.push(socket);
    // Whatever comes after `close` comes nevertheless, as on Linux.
    if (fate === 'refuses') this.time.schedule(10, () => stream.guard(socket, SocketEvent.Lost, 0));
    if (fate === 'accepts') this.time.schedule(10, () => stream.guard(socket, SocketEvent.Writable, 1000));
    return socket;
  }
}

const UP = ['open', 'writable 1000'];

test('the addresses are tried in turn, and nothing is told of those that refuse', (t) => {
  const world = new StreamWorld({ [ONE]: 'refuses', [TWO]: { throws: 'connect error' }, [THREE]: 'accepts' });
  t.deepEqual(world.attempt(), UP);
  t.deepEqual(world.tried, [ONE, TWO, THREE]);
  t.is(world.openSockets, 0);
  t.true(world.isIdle);
});

test('one that does not answer gets five seconds while there is another one; the last as long as it takes', (t) => {
  const world = new StreamWorld({ [ONE]: 'mute', [TWO]: 'mute', [THREE]: 'mute' });
  const stream = world.connect();
  world.time.run(5000);
  t.deepEqual(world.tried, [ONE]);
  world.time.run(100);
  t.deepEqual(world.tried, [ONE, TWO]);
  t.is(world.openSockets, 1, 'one at a time');
  world.time.run(5000);
  t.deepEqual(world.tried, [ONE, TWO, THREE]);
  world.time.run(600_000);
  t.deepEqual(world.events, []);
  t.is(world.runningTimers, 0);
  stream.close();
  t.is(world.openSockets, 0);
});

test('where it has worked is tried first the next time', (t) => {
  const world = new StreamWorld({ [ONE]: 'refuses', [TWO]: 'accepts' });
  world.attempt();
  world.tried.length = 0;
  t.deepEqual(world.attempt(), UP);
  t.deepEqual(world.tried, [TWO]);
  t.is(world.asked.length, 1, 'what has worked is in no doubt');
});

test('an address that somebody gave up on comes last the next time', (t) => {
  const world = new StreamWorld({ [ONE]: 'mute', [TWO]: 'accepts' });
  const stream = world.connect();
  world.time.run(1000);
  stream.close();
  world.tried.length = 0;
  t.deepEqual(world.attempt(), UP);
  t.deepEqual(world.tried, [TWO]);
});

test('all addresses refuse: one error, the last one', (t) => {
  const world = new StreamWorld({ [ONE]: 'mute', [TWO]: 'refuses' });
  t.deepEqual(world.attempt(), ['refused: a.example:80 takes no connection']);
  const noWay = new StreamWorld({ [ONE]: 'refuses', [TWO]: { throws: 'connect error' } });
  t.deepEqual(noWay.attempt(), [`unreachable: ${TWO}: connect error`]);
  for (const each of [world, noWay]) {
    t.true(each.isIdle);
    t.is(each.openSockets, 0);
  }
});

test('without memory for a socket, others are not tried', (t) => {
  for (const throws of ['no memory', 'no socket']) {
    const world = new StreamWorld({ [ONE]: { throws }, [TWO]: 'accepts' });
    t.deepEqual(world.attempt(), [`no-memory: ${ONE}: ${throws}`]);
    t.deepEqual(world.tried, [ONE]);
    world.attempt();
    t.deepEqual(world.tried, [ONE, ONE], 'the address is not to blame');
    t.is(world.asked.length, 1, 'nor is it in doubt, which would cost memory for a question');
  }
});

test('a name without an address fails with the reason', (t) => {
  const world = new StreamWorld({});
  t.deepEqual(world.attempt(), ['dns: there is no address of a.example']);
});

test('a connection that ends after it was up is not taken up again elsewhere', (t) => {
  const world = new StreamWorld({ [ONE]: 'accepts', [TWO]: 'accepts' });
  const stream = world.connect();
  world.time.run(100);
  world.fates.set(ONE, 'mute');
  stream.fail('closed', 'the link went down');
  world.time.run(60_000);
  t.deepEqual(world.tried, [ONE]);
  t.deepEqual(world.events, [...UP, 'closed: the link went down']);
});

test('events of a socket that was given up are ignored', (t) => {
  const world = new StreamWorld({ [ONE]: 'mute', [TWO]: 'mute' });
  const stream = world.connect();
  world.time.run(6000);
  const [first, second] = world.sockets;
  if (first === undefined || second === undefined) return t.fail();
  stream.guard(first, SocketEvent.Writable, 1000);
  stream.guard(first, SocketEvent.Lost, 0);
  t.deepEqual(world.events, []);
  stream.guard(second, SocketEvent.Writable, 1000);
  t.deepEqual(world.events, UP);
});

test('bytes may come before the word that there is a connection', (t) => {
  const world = new StreamWorld({ [ONE]: 'mute', [TWO]: 'accepts' });
  const stream = world.connect();
  world.time.run(100);
  const [socket] = world.sockets;
  if (socket === undefined) return t.fail();
  stream.guard(socket, SocketEvent.Readable, 5);
  stream.guard(socket, SocketEvent.Writable, 1000);
  t.deepEqual(world.events, ['open', 'readable 5', 'writable 1000']);
  world.time.run(60_000);
  t.deepEqual(world.tried, [ONE]);
});

test('close() at any moment leaves no socket and no timer, and nothing is called', (t) => {
  for (const ms of [0, 10, 25, 500, 5100, 5500, 10_200]) {
    const world = new StreamWorld({ [ONE]: 'mute', [TWO]: 'mute', [THREE]: 'refuses' });
    const stream = world.connect();
    world.time.run(ms);
    stream.close();
    t.is(world.openSockets, 0, `${ms} ms`);
    world.resolver.reset();
    t.true(world.isIdle, `${ms} ms`);
    world.time.run(60_000);
    t.deepEqual(world.events.slice(ms > 10_100 ? 1 : 0), []);
  }
});
