// SPDX-License-Identifier: Apache-2.0
/** A transfer that does not get on ends, whatever the other side does; while it gets on, nothing else stands still. */

import test, { type ExecutionContext } from 'ava';
import { createOperation, findDevice } from '../../tools/platform/operator.ts';
import { calls, listening, logged, objectOf, triesAfterStop } from '../agent/scene.ts';
import { TokenWorld } from '../support/token-world.ts';
import { CONTENT, createScene, HOST, type Scene, URL_OF_FILE } from './fetching.ts';
import { FileServer, type Said } from './file-server.ts';

const minuteMs = 60_000;
const OWN_FILE = 'https://platform.test/inventory/binaries/77';
/** A slow link: half an hour for all of it. */
const LARGE = Uint8Array.from({ length: 60_000 }, (_, i) => i & 0xff);
const SLOW_MS = 30;

/** Fetches in vain, and looks that it has ended soon and given the long poll its place back. */
function fails(t: ExecutionContext, scene: Scene, url: string): { asked: number; reason: string } {
  const { world, server, fetch } = scene;
  const sinceMs = world.time.nowMs;
  const { ends } = fetch(url);
  t.is(ends.length, 1);
  const minutes = (world.time.nowMs - sinceMs) / minuteMs;
  t.true(minutes < 16, `${minutes} minutes`);
  world.runUntil(() => listening(world), minuteMs);
  return { asked: server.requests.length, reason: ends[0] ?? '' };
}

function whole(tag = '', content = CONTENT): string {
  return FileServer.answer(200, { 'Content-Length': CONTENT.length, ...(tag !== '' && { ETag: tag }) }, content);
}

const TRICKLES: Readonly<Record<string, Said>> = {
  'a head': { bytes: `HTTP/1.1 200 OK\r\nX-Filler: ${'x'.repeat(4000)}`, trickleMs: 20_000 },
  'heads of interim answers': { bytes: 'HTTP/1.1 102 x\r\n\r\n'.repeat(8), trickleMs: 25_000 },
  'a content': { bytes: whole('', CONTENT.subarray(0, 4000)), trickleMs: 1000 },
};

for (const [what, said] of Object.entries(TRICKLES)) {
  test(`a byte now and then is no progress: ${what}`, (t) => {
    const scene = createScene(t);
    scene.server.always = () => said;
    const { asked, reason } = fails(t, scene, URL_OF_FILE);
    t.regex(reason, /no progress for 10 minutes/);
    t.true(asked < 5, `${asked}`);
  });
}

test('what begins again and again, and never gets further, is no progress', (t) => {
  let version = 0;
  for (const tag of [() => '', () => `"v${version++}"`]) {
    const scene = createScene(t);
    scene.server.always = () => ({ bytes: whole(tag(), CONTENT.subarray(0, 9000)), ending: 'reset' });
    const { asked, reason } = fails(t, scene, URL_OF_FILE);
    t.regex(reason, /no progress for 10 minutes/);
    t.true(asked < 20, `${asked}`);
  }
});

test('the tenant that never lets it have the file: tried for ten minutes, and nothing else is doubted for it', (t) => {
  const scene = createScene(t);
  const { world } = scene;
  world.platform.order({ kind: 'status', status: 401, path: '/inventory/binaries/*', times: 1e6 });
  t.regex(fails(t, scene, OWN_FILE).reason, /^download: HTTP 401; no progress for 10 minutes$/);
  t.true(calls(world, 'GET', '/inventory/binaries/*').length < 20);
  t.false(logged(world, 'refuses the credentials'));
});

test('another host that wants credentials gets none, and is not asked again', (t) => {
  const scene = createScene(t);
  scene.server.always = () => ({ bytes: FileServer.answer(401, { 'Content-Length': 0 }) });
  t.deepEqual(fails(t, scene, URL_OF_FILE), { asked: 1, reason: 'download: HTTP 401' });
});

test('a place that was good for minutes is asked for anew, and the file goes on where it was', (t) => {
  const { server, taken, fetch } = createScene(t);
  const to = (location: string) => ({ bytes: FileServer.answer(302, { Location: location, 'Content-Length': 0 }) });
  server.script.push(
    () => to('/signed-1'),
    (request) => ({ bytes: server.file(request).slice(0, 8000), ending: 'reset' }),
    () => ({ bytes: FileServer.answer(403, { 'Content-Length': 0 }) }),
    () => to('/signed-2'),
  );
  fetch(URL_OF_FILE);
  t.deepEqual(taken.ends, ['done']);
  t.deepEqual(
    server.requests.map(({ path }) => path),
    ['/images/fw.bin', '/signed-1', '/signed-1', '/images/fw.bin', '/signed-2'],
  );
  t.regex(server.requests[4]?.headers['range'] ?? '', /^bytes=7\d\d\d-$/);
  t.deepEqual(Buffer.from(taken.bytes), Buffer.from(CONTENT));
});

/** Has it fetch a large file over a slow link. */
function beginSlowly({ world, server, taken, begin }: Scene): void {
  server.content = LARGE;
  server.always = (request) => ({ bytes: server.file(request), trickleMs: SLOW_MS });
  begin(URL_OF_FILE);
  world.runUntil(() => taken.bytes.length > 0, minuteMs);
}

function endsWell(t: ExecutionContext, { world, taken }: Scene): void {
  world.runUntil(() => taken.ends.length > 0, 60 * minuteMs);
  t.deepEqual(taken.ends, ['done']);
  t.true(Buffer.from(taken.bytes).equals(LARGE));
  world.runUntil(() => listening(world), 5 * minuteMs);
}

test('a download that gets on shows that the link works, though the platform is gone', (t) => {
  const scene = createScene(t);
  const { world } = scene;
  beginSlowly(scene);
  world.network.decide = ({ host }) => (host === HOST ? 'accept' : 'timeout');
  world.cutConnections('vanish');
  world.runUntil(() => scene.taken.ends.length > 0, 60 * minuteMs);
  world.network.decide = () => 'accept';
  endsWell(t, scene);
  t.true(logged(world, 'new connections'));
  t.false(logged(world, 'the link is reset'));
  t.deepEqual(world.device.machine.restarts, []);
});

for (const connections of ['1', '2']) {
  test(`operations of others go on during a long download, connections=${connections}`, (t) => {
    const scene = createScene(t, {
      config: { connections },
      app: (board) => {
        board.child('c', {}).operation({ name: 'x_Work', run: (operation) => operation.succeed() });
      },
    });
    const { world } = scene;
    // What a start brings is over.
    world.run(10 * minuteMs);
    beginSlowly(scene);
    world.run(minuteMs);
    const child = findDevice(world.platform, `${world.device.deviceId}:c`);
    const operation = createOperation(world.platform, child?.id ?? '', { x_Work: {} });
    world.runUntil(() => operation.status === 'SUCCESSFUL', 1.5 * minuteMs);
    t.deepEqual(scene.taken.ends, []);
    endsWell(t, scene);
    const texts = [...world.platform.core.events.values()].map(({ fragments }) => fragments['type']);
    t.false(texts.includes('fractus_LongPollFails'), 'it makes room: that is no failure');
  });
}

test('a link that goes for minutes, and comes back', (t) => {
  const scene = createScene(t);
  const { world } = scene;
  beginSlowly(scene);
  world.device.linkDown();
  world.run(5 * minuteMs);
  world.device.linkUp();
  endsWell(t, scene);
  t.is(scene.server.requests.length, 2);
});

test('a token that is renewed meanwhile, several times', (t) => {
  const scene = createScene(t, {}, (options) => {
    const world = new TokenWorld({ ...options, lifeS: 300 });
    world.listen();
    t.teardown(() => world.finish());
    return world;
  });
  const world = scene.world as TokenWorld;
  beginSlowly(scene);
  endsWell(t, scene);
  t.true(world.tokenRequests.length > 5);
  t.deepEqual(world.answered(401), []);
  // And the poll speaks with the one that is good now.
  const operation = createOperation(world.platform, objectOf(world).id, { c8y_Command: { text: 'status' } });
  world.runUntil(() => operation.status === 'SUCCESSFUL', 5000);
});

test('a stop in the middle of it asks nobody for anything more', (t) => {
  const scene = createScene(t);
  const { world } = scene;
  beginSlowly(scene);
  t.is(triesAfterStop(world), 0);
});
