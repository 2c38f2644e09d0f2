// SPDX-License-Identifier: Apache-2.0

import test from 'ava';
import { DEADLINES } from '../../src/http/exchange.ts';
import { Method } from '../../src/http/request.ts';
import fc from '../support/property.ts';
import { OK, Recorder, setUp } from './recorder.ts';
import type { Peer } from './scripted.ts';

/** What a test may do to two channels and their peers; numbers choose among what is possible. */
const action = fc.record({
  what: fc.constantFrom(
    'send',
    'send',
    'send',
    'open',
    'open',
    'writable',
    'bytes',
    'bytes',
    'bytes',
    'end',
    'fail',
    'wait',
    'giveUp',
    'close',
  ),
  which: fc.nat(3),
  size: fc.oneof(fc.nat(30), fc.nat(2000)),
  bytes: fc.constantFrom(
    OK,
    OK,
    OK.slice(0, 25),
    OK.slice(25),
    'HTTP/1.1 200 OK\r\n\r\n',
    'HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n',
    'HTTP/1.1 100 Continue\r\n\r\n',
    'x',
    '\r\n',
  ),
  ms: fc.constantFrom(0, 1, 1000, 29_000, 30_000, 200_000),
  idempotent: fc.boolean(),
  silent: fc.boolean(),
  again: fc.boolean(),
});

test('one connection at a time is set up; the others wait in line', (t) => {
  const { network, create } = setUp();
  const channels = [create(), create(), create()] as const;
  const exchanges = [new Recorder(), new Recorder(), new Recorder()] as const;
  for (const [i, channel] of channels.entries()) channel.send(exchanges[i] ?? new Recorder());
  t.is(network.peers.length, 1);
  network.last.open();
  t.is(network.peers.length, 2);
  network.last.fail('refused');
  t.deepEqual(exchanges[1].events, ['fail Refused unsent']);
  t.is(network.peers.length, 3);
  network.last.open().send(OK);
  t.deepEqual(exchanges[2].events, ['head 200', 'done 200 hi']);
});

test('a channel that gives up while it waits or connects makes room for the next', (t) => {
  const { clock, network, create } = setUp();
  const channels = [create(), create(), create(), create()] as const;
  const exchanges = [new Recorder(), new Recorder(), new Recorder(), new Recorder()] as const;
  for (const [i, channel] of channels.entries()) channel.send(exchanges[i] ?? new Recorder());
  channels[1].close();
  channels[0].close();
  t.is(network.peers.length, 2, 'the third is next');
  clock.advance(DEADLINES.connectMs);
  t.deepEqual(exchanges[2].events, ['fail Timeout unsent']);
  t.is(network.peers.length, 3);
  network.last.open().send(OK);
  t.deepEqual(exchanges[3].events, ['head 200', 'done 200 hi']);
  t.deepEqual(exchanges[1].events, []);
  channels[0].send(exchanges[0]);
  t.is(network.peers.length, 4);
});

test('a repeated request waits for its turn like any other, and time does not run meanwhile', (t) => {
  const { clock, network, create } = setUp();
  const used = create();
  const first = new Recorder();
  used.send(first);
  network.last.open().send(OK);
  const busy = create();
  const again = new Recorder();
  const slow = new Recorder();
  used.send(again);
  busy.send(slow);
  const slowPeer = network.last;
  network.peers[0]?.end();
  t.is(network.peers.length, 2);
  clock.advance(DEADLINES.connectMs - 1);
  t.deepEqual(again.events, []);
  slowPeer.open();
  t.is(network.peers.length, 3);
  clock.advance(DEADLINES.connectMs - 1);
  network.last.open().send(OK);
  t.deepEqual(again.events, ['head 200', 'done 200 hi']);
});

test('one request buffer serves all channels: a request waits until the one before is sent', (t) => {
  const { network, channel, create, exchange } = setUp();
  const other = create();
  const second = new Recorder();
  exchange.content = 'y'.repeat(800);
  exchange.method = Method.Put;
  channel.send(exchange);
  const slow = network.last.open(100);
  other.send(second);
  const quick = network.last.open(4096);
  t.is(quick.received, '', 'the buffer is in use');
  for (let i = 0; i < 20; i++) slow.writable(100);
  t.true(slow.received.endsWith(exchange.content));
  t.true(quick.received.startsWith('GET /a '));
  quick.send(OK);
  slow.send(OK);
  t.is(second.events.at(-1), 'done 200 hi');
  t.is(exchange.events.at(-1), 'done 200 hi');
});

test('a connection that fails while it waits for the request buffer, or holds it, gives its place away', (t) => {
  const { clock, network, channel, create, exchange } = setUp();
  exchange.content = 'y'.repeat(800);
  exchange.method = Method.Put;
  channel.send(exchange);
  network.last.open(100);
  const waiting = create();
  const second = new Recorder();
  waiting.send(second);
  network.last.open(4096).fail('reset');
  t.is(second.events.at(-1), 'fail Reset unsent');
  const third = create();
  const last = new Recorder();
  third.send(last);
  const peer = network.last.open(4096);
  t.is(peer.received, '');
  clock.advance(DEADLINES.responseMs);
  t.is(exchange.events.at(-1), 'fail NoAnswer sent');
  t.true(peer.received.startsWith('GET /a '));
});

test('a line that straddles two events is put together, whatever another channel receives meanwhile', (t) => {
  const { network, channel, create, exchange } = setUp();
  channel.send(exchange);
  const first = network.last.open();
  const other = create();
  const second = new Recorder();
  other.send(second);
  const peer = network.last.open();
  first.send('HTTP/1.1 200 OK\r\nContent-Le');
  peer.send(OK);
  first.send('ngth: 2\r\n\r\nhi');
  t.deepEqual(exchange.events, ['head 200', 'done 200 hi']);
  t.deepEqual(second.events, ['head 200', 'done 200 hi']);
});

test('a request that cannot be sent when its turn comes is not told of from within another’s', (t) => {
  const { clock, network, channel, create, exchange } = setUp();
  exchange.content = 'y'.repeat(800);
  exchange.method = Method.Put;
  channel.send(exchange);
  const slow = network.last.open(100);
  const other = create();
  const second = new Recorder();
  second.path = '/a b';
  other.send(second);
  network.last.open();
  for (let i = 0; i < 20; i++) slow.writable(100);
  t.true(slow.received.endsWith(exchange.content));
  t.deepEqual(second.events, []);
  clock.advance(0);
  t.deepEqual(second.events, ['fail Overflow unsent']);
});

test('whatever happens, each exchange ends once, nobody waits for ever, and the HAL’s rules are kept', (t) => {
  const ends = new Map<string, number>();
  t.notThrows(() =>
    fc.assert(
      fc.property(fc.array(action, { maxLength: 60, size: 'max' }), (actions) => {
        const { clock, network, channel, create } = setUp();
        const channels = [channel, create()];
        const running: (Recorder | undefined)[] = [undefined, undefined];
        const opened = new Set<Peer>();
        const start = (index: number, idempotent: boolean, silent: boolean, again: boolean) => {
          const exchange = new Recorder();
          exchange.idempotent = idempotent;
          exchange.silenceMs = silent ? 100_000 : 0;
          exchange.content = idempotent ? undefined : 'z'.repeat(500);
          exchange.method = idempotent ? Method.Get : Method.Post;
          exchange.afterwards = () => {
            running[index] = undefined;
            const end = exchange.events.at(-1)?.split(' ').slice(0, 2).join(' ') ?? '';
            ends.set(end, (ends.get(end) ?? 0) + 1);
            t.true(exchange.events.length <= 2, exchange.events.join());
            if (again) start(index, idempotent, silent, false);
          };
          running[index] = exchange;
          channels[index]?.send(exchange);
        };
        for (const { what, which, size, bytes, ms, idempotent, silent, again } of actions) {
          const index = which % 2;
          const alive = network.peers.filter((peer) => !peer.over);
          const peer = alive[which % Math.max(1, alive.length)];
          const isOpen = peer !== undefined && opened.has(peer);
          if (what === 'send' && running[index] === undefined) start(index, idempotent, silent, again);
          else if (what === 'giveUp' || what === 'close') {
            if (what === 'close' || running[index] !== undefined) channels[index]?.close();
            running[index] = undefined;
          } else if (what === 'wait') clock.advance(ms);
          else if (what === 'open' && peer !== undefined && !isOpen) {
            opened.add(peer);
            peer.open(size);
          } else if (what === 'fail') peer?.fail('reset');
          else if (!isOpen) continue;
          else if (what === 'writable') peer.writable(size);
          else if (what === 'bytes') peer.send(bytes);
          else if (what === 'end') peer.end();
          const setUps = network.peers.filter((each) => !each.closed && !opened.has(each)).length;
          if (setUps > 1) throw new Error('two connections are being set up');
          if (network.peers.filter((each) => !each.closed).length > 2)
            throw new Error('more connections than channels');
        }
        clock.advance(2_000_000);
        for (const [index, each] of channels.entries()) {
          if (each.busy || running[index] !== undefined) throw new Error(`channel ${index} waits for ever`);
        }
      }),
      { numRuns: 3000 },
    ),
  );
  for (const end of [
    'done 200',
    'done 204',
    'fail Closed',
    'fail Reset',
    'fail Timeout',
    'fail NoAnswer',
    'fail Stalled',
    'fail Malformed',
  ]) {
    t.true((ends.get(end) ?? 0) > 20, `${end}: ${ends.get(end)}`);
  }
});
