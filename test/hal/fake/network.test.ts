// SPDX-License-Identifier: Apache-2.0

import test from 'ava';
import type { FakePeer } from '../../../hal/fake/connection.ts';
import { FakeMachine } from '../../../hal/fake/machine.ts';
import { FakeNetwork, type Verdict } from '../../../hal/fake/network.ts';
import { VirtualTime } from '../../../hal/fake/time.ts';
import type { Target } from '../../../hal/hal.ts';

const TARGET: Target = { host: 'host', port: 80 };
const SECURE: Target = { ...TARGET, tls: { ca: 'ca' } };

/** A machine, and the peers of the connections that came up at `host:80`. */
function createWorld(tls = false) {
  const machine = new FakeMachine();
  const hal = machine.boot();
  const peers: FakePeer[] = [];
  const heard: string[] = [];
  const unlisten = machine.network.listen(
    'host',
    80,
    (peer) => {
      peers.push(peer);
      peer.onData = (bytes) => heard.push(`data ${bytes.length}`);
      peer.onClose = () => heard.push('close');
    },
    { tls },
  );
  return { machine, hal, peers, heard, unlisten, network: machine.network, time: machine.time };
}

type World = ReturnType<typeof createWorld>;

/** Connects and records what comes, reading at once. */
function connect({ hal, time }: World, target: Target = TARGET) {
  const events: string[] = [];
  const into = new Uint8Array(10_000);
  const stream = hal.network.connect(target, {
    onOpen: () => events.push(`${time.nowMs} open`),
    onReadable: (count) => {
      stream.read(into, 0, count);
      events.push(`${time.nowMs} ${count}`);
    },
    onWritable: () => {},
    onEnd: () => events.push(`${time.nowMs} end`),
    onError: (kind) => events.push(`${time.nowMs} ${kind}`),
  });
  return { stream, events };
}

test('attempts follow the script, then `decide`', (t) => {
  const world = createWorld();
  const asked: Target[] = [];
  world.network.decide = (target) => {
    asked.push(target);
    return 'tls-date';
  };
  const verdicts: Verdict[] = ['no-memory', 'hang', 'accept', 'tls-untrusted'];
  world.network.next(...verdicts);
  const attempts = [...verdicts, undefined].map(() => connect(world));
  world.time.run(1_000_000);
  t.deepEqual(
    attempts.map(({ events }) => events),
    [['2 no-memory'], [], ['2 open'], ['2 tls-untrusted'], ['2 tls-date']],
  );
  t.deepEqual(asked, [TARGET]);
  t.is(world.network.connections, 1);
});

test('nobody there, nobody at that port, nobody any more', (t) => {
  const world = createWorld();
  const nowhere = connect(world, { host: 'nowhere', port: 80 });
  const refused = connect(world, { host: 'host', port: 81 });
  world.time.run(10);
  world.unlisten();
  const gone = connect(world);
  world.time.run(10);
  t.deepEqual([nowhere.events, refused.events, gone.events], [['2 dns'], ['2 refused'], ['12 dns']]);
});

test('TLS meets plain and plain meets TLS', (t) => {
  const plain = createWorld(false);
  const secure = createWorld(true);
  const attempts = [connect(plain, SECURE), connect(secure, TARGET), connect(secure, SECURE)];
  plain.time.run(10);
  secure.time.run(10);
  t.deepEqual(
    attempts.map(({ events }) => events),
    [['2 tls-alert'], ['2 open', '3 reset'], ['2 open']],
  );
  t.deepEqual(
    secure.peers.map((peer) => peer.target),
    [SECURE],
  );
});

test('bytes arrive in the pieces that the test wants, each an event of its own, then the end', (t) => {
  const world = createWorld();
  world.network.split = () => 2;
  world.network.latencyMs = 10;
  const { events } = connect(world);
  world.time.run(30);
  world.peers[0]?.send(new Uint8Array(5));
  world.peers[0]?.end();
  world.peers[0]?.send(new Uint8Array(5));
  world.time.run(30);
  t.deepEqual(events, ['20 open', '40 2', '40 2', '40 1', '40 end']);
});

test('a reset overtakes data that has not arrived', (t) => {
  const world = createWorld();
  const { events } = connect(world);
  world.time.run(10);
  world.peers[0]?.send(new Uint8Array(5));
  world.peers[0]?.reset();
  t.false(world.peers[0]?.connected);
  world.time.run(10);
  t.deepEqual(events, ['2 open', '11 reset']);
  t.deepEqual(world.heard, []);
});

test('what was written before close() arrives, and then the close', (t) => {
  const world = createWorld();
  const { stream } = connect(world);
  world.time.run(10);
  t.is(stream.write(new Uint8Array(7), 0, 7), 7);
  stream.close();
  t.true(world.peers[0]?.connected);
  world.time.run(10);
  t.deepEqual(world.heard, ['data 7', 'close']);
  t.false(world.peers[0]?.connected);
  world.peers[0]?.send(new Uint8Array(1));
});

test('a dead link: nothing arrives on either side and nobody is told', (t) => {
  const world = createWorld();
  const { stream, events } = connect(world);
  world.time.run(10);
  world.peers[0]?.vanish();
  world.peers[0]?.send(new Uint8Array(1));
  stream.write(new Uint8Array(1), 0, 1);
  world.time.run(1e9);
  stream.close();
  world.time.run(10);
  t.deepEqual([events, world.heard], [['2 open'], []]);
});

test('a machine without power tells nobody; a link that goes down tells both', (t) => {
  const dark = createWorld();
  connect(dark);
  dark.time.run(10);
  dark.machine.powerCut();
  dark.time.run(10);
  t.deepEqual(dark.heard, []);

  const down = createWorld();
  const { events } = connect(down);
  down.time.run(10);
  down.hal.network.setUp(false);
  const late = connect(down);
  down.time.run(10);
  t.deepEqual([events, late.events, down.heard], [['2 open', '10 closed'], ['10 unreachable'], ['close']]);
});

test('a machine may start without a network', (t) => {
  const machine = new FakeMachine();
  machine.linkUp = false;
  const { network } = machine.boot();
  const changes: boolean[] = [];
  network.onChange((up) => changes.push(up));
  t.false(network.up);
  network.setUp(true);
  machine.time.run(1);
  t.deepEqual(changes, [true]);
});

test('several machines share a network and its time', (t) => {
  const network = new FakeNetwork(new VirtualTime());
  const machines = [new FakeMachine({ network }), new FakeMachine({ network })];
  let connections = 0;
  network.listen('host', 80, () => {
    connections += 1;
  });
  for (const machine of machines) {
    t.is(machine.time, network.time);
    machine.boot().network.connect(TARGET, { onOpen() {}, onReadable() {}, onWritable() {}, onEnd() {}, onError() {} });
  }
  network.time.run(10);
  t.is(connections, 2);
});
