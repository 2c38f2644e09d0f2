// SPDX-License-Identifier: Apache-2.0
/** An event and its attachment, through whatever the way there does: each is there once, and whole. */

import test from 'ava';
import { FakeMachine } from '../../hal/fake/machine.ts';
import { app as usualApp } from '../../src/app.ts';
import { Troubles } from '../../src/base/trouble.ts';
import { ascii } from '../../src/bytes/text.ts';
import { parseEndpoint } from '../../src/endpoint.ts';
import { Upload } from '../../src/transfers/upload.ts';
import type { Misbehaviour } from '../../tools/platform/faults.ts';
import { createOperation, deleteObject } from '../../tools/platform/operator.ts';
import { calls, listening, logged, objectOf, settle, triesAfterStop } from '../agent/scene.ts';
import { setUp } from '../http/recorder.ts';
import { BINARIES, CONTENT, createScene, Given, isSent, TYPE } from './uploading.ts';

const minuteMs = 60_000;

test('an event of the board, and the bytes attached to it with name and type', (t) => {
  const scene = createScene(t);
  const { world, send } = scene;
  send();
  isSent(t, scene);
  const [event] = scene.events;
  t.like(event, { sourceId: objectOf(world).id, binary: { mediaType: 'application/octet-stream', name: 'file.bin' } });
  t.regex(String(event?.fragments['text']), /^file of operation \d+$/);
  const [call] = calls(world, 'POST', BINARIES);
  t.is(call?.headers['content-length'], String(CONTENT.length));
  t.regex(call?.headers['authorization'] ?? '', /^Basic /);
  t.is(calls(world, 'GET', '/event/events').length, 0, 'nobody looks for what is new');
  // Both on one connection.
  t.is(call?.connection, calls(world, 'POST', '/event/events').at(-1)?.connection);
});

test('nothing, and one byte, and as much as a piece', (t) => {
  for (const length of [0, 1, 511, 512, 513, 1024]) {
    const scene = createScene(t);
    scene.source.bytes = CONTENT.subarray(0, length);
    scene.send();
    isSent(t, scene, scene.source.bytes);
  }
});

test('no more is taken of the source than the connection takes', (t) => {
  const scene = createScene(t);
  const { world, source, begin } = scene;
  world.network.windowBytes = 1000;
  let most = 0;
  source.onRead = () => {
    most = Math.max(most, source.at);
    return true;
  };
  begin();
  world.runUntil(() => source.at > 0, minuteMs);
  // What is under way, and a piece in hand.
  t.true(most <= 2048, `${most}`);
  world.runUntil(() => scene.ends.length > 0, 10 * minuteMs);
  isSent(t, scene);
});

test('other requests go on while the bytes leave slowly, and the long poll makes room', (t) => {
  const scene = createScene(t, { config: { measurementInterval: '10' }, app: usualApp });
  const { world, source, begin } = scene;
  world.network.windowBytes = 512;
  world.network.latencyMs = 2000;
  begin();
  world.runUntil(() => source.at > 2000, 5 * minuteMs);
  t.false(listening(world));
  const since = world.requests;
  world.run(minuteMs);
  t.deepEqual(scene.ends, []);
  t.true(calls(world, 'POST', '/measurement/measurements', since).length > 0);
  world.network.latencyMs = 20;
  world.runUntil(() => scene.ends.length > 0, 60 * minuteMs);
  isSent(t, scene);
});

const LOSSES: Readonly<Record<string, Misbehaviour>> = {
  'lost before': { kind: 'dropBefore' },
  'its answer lost': { kind: 'dropAfter' },
  'answered with 503': { kind: 'status', status: 503 },
  'answered with 500, and applied': { kind: 'status', status: 500, applied: true },
  'answered by a balancer, and applied': { kind: 'status', status: 502, html: true, applied: true },
  'answered with 429': { kind: 'status', status: 429, retryAfterSeconds: 30 },
  'its answer empty': { kind: 'empty' },
  'answered with a page of 200': { kind: 'status', status: 200, html: true },
  'answered with 404 by somebody': { kind: 'status', status: 404, html: true },
  redirected: { kind: 'status', status: 302, location: 'https://files.example/' },
  'refused once with 401': { kind: 'status', status: 401 },
};

for (const [what, loss] of Object.entries(LOSSES)) {
  for (const path of ['/event/events', BINARIES]) {
    test(`there is one event with one attachment: POST ${path} ${what}`, (t) => {
      const scene = createScene(t);
      const { world, send } = scene;
      world.platform.order({ ...loss, method: 'POST', path });
      send();
      isSent(t, scene);
      t.is(calls(world, 'PUT', BINARIES).length, 0);
    });
  }
}

test('the event is looked for when its answer is lost, and is not made twice though the look fails, too', (t) => {
  const scene = createScene(t);
  const { world, send } = scene;
  world.platform.order({ kind: 'dropAfter', method: 'POST', path: '/event/events' });
  world.platform.order({ kind: 'truncate', bytes: 20, method: 'GET', path: '/event/events' });
  world.platform.order({ kind: 'status', status: 200, html: true, method: 'GET', path: '/event/events' });
  send();
  isSent(t, scene);
  t.is(calls(world, 'POST', '/event/events').length, 1);
  const [look] = calls(world, 'GET', '/event/events').slice(-1);
  t.is(look?.path, `/event/events?source=${objectOf(world).id}&type=${TYPE}&pageSize=5`);
});

test('a platform that takes nothing: tried for ten minutes with growing pauses', (t) => {
  const { world, send } = createScene(t);
  world.platform.order({ kind: 'status', status: 503, method: 'POST', path: BINARIES, times: 1e6 });
  const sinceMs = world.time.nowMs;
  t.regex(send(), /^upload: HTTP 503; no progress for 10 minutes$/);
  t.true(world.time.nowMs - sinceMs < 16 * minuteMs);
  t.true(calls(world, 'POST', BINARIES).length < 20);
  t.true(logged(world, 'upload: HTTP 503; next try in'));
});

test('a platform that is as slow as may be, and one that never answers', (t) => {
  const scene = createScene(t);
  const { world, send } = scene;
  world.platform.order({ kind: 'delay', ms: 50_000, method: 'POST', path: BINARIES });
  send();
  isSent(t, scene);
  t.is(calls(world, 'POST', BINARIES).length, 1);
  const since = world.requests;
  world.platform.order({ kind: 'delay', ms: 1e6, after: true, method: 'POST', path: BINARIES, times: 1e6 });
  world.platform.order({ kind: 'delay', ms: 1e6, method: 'GET', path: '/event/events/*', times: 1e6 });
  t.regex(send(), /^upload: no answer in time; no progress for 10 minutes$|^upload: no progress for 10 minutes$/);
  t.true(calls(world, 'POST', BINARIES, since).length < 12);
});

test('a connection that breaks in the middle: all of it again, to the same event', (t) => {
  for (const how of ['end', 'reset', 'vanish'] as const) {
    const scene = createScene(t);
    const { world, source, begin } = scene;
    world.network.windowBytes = 1000;
    begin();
    world.runUntil(() => source.at > 5000, minuteMs);
    world.cutConnections(how);
    world.runUntil(() => scene.ends.length > 0, 10 * minuteMs);
    isSent(t, scene);
    t.is(source.opened, 2);
  }
});

test('bytes that go meanwhile: it is opened anew, and not for ever', (t) => {
  const scene = createScene(t);
  const { source, world, send } = scene;
  source.onRead = () => source.opened > 1 || source.at < 5000;
  send();
  isSent(t, scene);
  t.is(source.opened, 2);
  source.onRead = () => false;
  t.regex(send(), /^upload: the data to send is gone; no progress for 10 minutes$/);
  t.true(source.opened < 25);
  world.runUntil(() => listening(world), 5 * minuteMs);
});

test('a source that has more than it has said is not believed', (t) => {
  const { source, send } = createScene(t);
  source.open = () => {
    source.at = 0;
    return 700;
  };
  t.regex(send(), /is gone; no progress/);
});

test('a device that is deleted meanwhile', (t) => {
  const scene = createScene(t);
  const { world, source, begin } = scene;
  world.network.windowBytes = 1000;
  begin();
  world.runUntil(() => source.at > 5000, minuteMs);
  deleteObject(world.platform, objectOf(world).id);
  world.runUntil(() => scene.ends.length > 0, 20 * minuteMs);
  t.deepEqual(scene.ends, ['upload: HTTP 404']);
  settle(world);
});

test('a power cut at any moment: one event, one attachment, and the operation has its end', (t) => {
  for (let cutMs = 0; cutMs < 700; cutMs += 20) {
    const scene = createScene(t);
    const { world, begin } = scene;
    world.network.windowBytes = 4000;
    begin();
    world.run(cutMs);
    world.device.reboot();
    world.runUntil(() => scene.ends.length > 0, 10 * minuteMs);
    isSent(t, scene);
  }
});

test('after a restart what is attached already is not sent again', (t) => {
  const scene = createScene(t);
  const { world, begin } = scene;
  world.platform.order({ kind: 'dropAfter', method: 'POST', path: BINARIES });
  begin();
  world.runUntil(() => calls(world, 'POST', BINARIES).length > 0, minuteMs);
  world.device.reboot();
  world.runUntil(() => scene.ends.length > 0, 10 * minuteMs);
  isSent(t, scene);
  t.is(calls(world, 'POST', BINARIES).length, 1);
  t.is(calls(world, 'POST', '/event/events').filter(({ body }) => body.includes(TYPE)).length, 1);
});

test('an event of the same type that says something else is another one', (t) => {
  const scene = createScene(t);
  const { world, send } = scene;
  send();
  world.platform.order({ kind: 'dropBefore', method: 'POST', path: '/event/events' });
  send();
  t.is(scene.events.length, 2);
  for (const event of scene.events)
    t.true(Buffer.from(event.binary?.bytes ?? []).equals(CONTENT), 'other bytes have arrived');
});

test('a stop in the middle of it asks nobody for anything more', (t) => {
  const scene = createScene(t);
  const { world, source, begin } = scene;
  world.network.windowBytes = 1000;
  begin();
  world.runUntil(() => source.at > 5000, minuteMs);
  t.is(triesAfterStop(world), 0);
  t.deepEqual(scene.ends, []);
});

test('what was ordered meanwhile is not lost', (t) => {
  const scene = createScene(t);
  const { world, source, begin } = scene;
  world.network.windowBytes = 1000;
  begin();
  world.runUntil(() => source.at > 5000, minuteMs);
  const other = createOperation(world.platform, objectOf(world).id, { c8y_Command: { text: 'help' } });
  world.runUntil(() => scene.ends.length > 0, 10 * minuteMs);
  isSent(t, scene);
  world.runUntil(() => other.status === 'SUCCESSFUL', minuteMs);
});

test('a platform that says yes before it has everything is not believed', (t) => {
  const { clock, network, timers, create } = setUp();
  const ends: string[] = [];
  const endpoint = parseEndpoint('http://10.0.0.1') ?? t.fail();
  const upload = new Upload(
    {
      timers,
      troubles: new Troubles(new FakeMachine().boot()),
      config: { endpoint: endpoint as never, allowPlain: true },
      uplink: { transfers: { enter() {}, leave() {}, channelTo: create }, onTrouble() {} },
      board: { idBytes: ascii('7') },
      panic: (error) => t.fail(String(error)),
    },
    {
      ...{ type: TYPE, text: 'a file', timeMs: 0, fileName: 'f', mediaType: 'text/plain', isAgain: false },
      source: new Given(),
      onDone: (id) => ends.push(`done ${id}`),
      onFail: (reason) => ends.push(reason),
    },
  );
  upload.start();
  clock.advance(0);
  const created = 'HTTP/1.1 201 Created\r\nContent-Length: 0\r\n';
  const peer = network.last.open(1000);
  peer.send(`${created}Location: https://10.0.0.1/event/events/12\r\n\r\n`);
  peer.writable(5000);
  t.regex(peer.received, /POST \/event\/events\/12\/binaries HTTP/);
  peer.send(`${created}\r\n`);
  t.deepEqual(ends, []);
  clock.advance(minuteMs);
  const event = '{"id":"12"}';
  const looked = network.last.open(1000);
  looked.send(`HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: ${event.length}\r\n\r\n${event}`);
  looked.writable(100_000);
  looked.send(`${created}\r\n`);
  t.deepEqual(ends, ['done 12']);
});
