// SPDX-License-Identifier: Apache-2.0
/** Uploads whose bytes the platform does not take. */

import test from 'ava';
import { calls, listening } from '../agent/scene.ts';
import { BINARIES, CONTENT, createScene, isSent } from './uploading.ts';

const minuteMs = 60_000;

test('409 is looked at: what is there as it was sent is not sent again', (t) => {
  const scene = createScene(t);
  const { world, send } = scene;
  world.platform.order({ kind: 'dropAfter', method: 'POST', path: BINARIES });
  send();
  isSent(t, scene);
  t.deepEqual(
    calls(world, 'POST', BINARIES).map(({ status }) => status),
    [0, 409],
  );
  t.is(calls(world, 'GET', '/event/events/*').length, 1);
  t.is(calls(world, 'PUT', BINARIES).length, 0);
});

test('409 is looked at: something else is replaced, also when that is lost', (t) => {
  const scene = createScene(t);
  const { world, source, send } = scene;
  world.platform.order({ kind: 'dropAfter', method: 'POST', path: BINARIES });
  world.platform.order({ kind: 'dropAfter', method: 'PUT', path: BINARIES });
  const open = source.open.bind(source);
  // Between the two tries it has become more.
  source.open = () => {
    source.bytes = source.opened === 0 ? CONTENT.subarray(0, 15_000) : CONTENT;
    return open();
  };
  send();
  isSent(t, scene);
  t.is(calls(world, 'PUT', BINARIES).length, 2);
});

test('a 409 that nothing is behind is not asked for without end', (t) => {
  const scene = createScene(t);
  const { world, send } = scene;
  world.platform.order({ kind: 'status', status: 409, method: 'POST', path: BINARIES, times: 1e6 });
  t.regex(send(), /^upload: HTTP 409; no progress for 10 minutes$/);
  t.true(calls(world, 'POST', BINARIES).length < 20);
  t.is(scene.events.length, 1);
});

test('what the platform refuses for good fails with its status, and is asked once', (t) => {
  for (const [path, status] of [
    ['/event/events', 422],
    ['/event/events', 403],
    [BINARIES, 404],
    [BINARIES, 413],
  ] as const) {
    const { world, send } = createScene(t);
    world.platform.order({ kind: 'status', status, method: 'POST', path });
    t.is(send(), `upload: HTTP ${status}`);
    world.runUntil(() => listening(world), 5 * minuteMs);
  }
});

test('how large a file may be is for a balancer to say as well', (t) => {
  const { world, send } = createScene(t);
  world.platform.order({ kind: 'status', status: 413, html: true, method: 'POST', path: BINARIES });
  t.is(send(), 'upload: HTTP 413');
});
