// SPDX-License-Identifier: Apache-2.0
/** Uploads whose bytes the platform does not take. */

import test from 'ava';
import type { EventRecord } from '../../tools/platform/model.ts';
import { calls, listening } from '../agent/scene.ts';
import { BINARIES, CONTENT, createScene, type Given, isSent } from './uploading.ts';

const minuteMs = 60_000;
const LOOK = { method: 'GET', path: '/event/events/*' };
const SHORTER = CONTENT.subarray(0, 15_000);

/** Lets the source grow after its first try. */
function grow(source: Given, onFirst?: () => void): void {
  const open = source.open.bind(source);
  source.open = () => {
    if (source.opened === 0) onFirst?.();
    source.bytes = source.opened === 0 ? SHORTER : CONTENT;
    return open();
  };
}

/** The attachment of the event, as a relay has cut it. */
function shorten(event: EventRecord | undefined): void {
  if (event?.binary === undefined) return;
  event.binary = { ...event.binary, bytes: event.binary.bytes.subarray(0, 100) };
  event.fragments['c8y_IsBinary'] = { name: 'file.bin', length: 100, type: event.binary.mediaType };
}

test('after a lost answer the attachment is looked for, and is not sent again', (t) => {
  const scene = createScene(t);
  const { world, send } = scene;
  world.platform.order({ kind: 'dropAfter', method: 'POST', path: BINARIES });
  send();
  isSent(t, scene);
  t.is(calls(world, 'POST', BINARIES).length, 1);
  t.is(calls(world, 'GET', '/event/events/*').length, 1);
  t.is(calls(world, 'PUT', BINARIES).length, 0);
});

test('a source that grows while answers are lost is stored once, as it was', (t) => {
  const scene = createScene(t);
  const { world, source, send } = scene;
  world.platform.order({ kind: 'dropAfter', method: 'POST', path: BINARIES });
  grow(source);
  send();
  isSent(t, scene, SHORTER);
  t.is(scene.events[0]?.attachments, 1);
});

test('a try that arrives late is kept: 409 is looked at', (t) => {
  const scene = createScene(t);
  const { world, source, send } = scene;
  world.platform.order({ kind: 'dropAfter', method: 'POST', path: BINARIES });
  // The first look comes before the platform has stored the attachment.
  grow(source, () => {
    const body = JSON.stringify({ id: scene.events[0]?.id });
    world.platform.order({ ...LOOK, kind: 'status', status: 200, mediaType: 'application/json', body });
  });
  send();
  isSent(t, scene, SHORTER);
  t.deepEqual(
    calls(world, 'POST', BINARIES).map(({ status }) => status),
    [0, 409],
  );
  t.is(scene.events[0]?.attachments, 1);
});

test('an attachment that is cut short is replaced, and not twice though that answer is lost', (t) => {
  const scene = createScene(t);
  const { world, send } = scene;
  world.platform.order({ kind: 'dropAfter', method: 'POST', path: BINARIES });
  world.platform.order({ kind: 'dropAfter', method: 'PUT', path: BINARIES });
  let looks = 0;
  world.onRequest = ({ method, path }) => {
    const [event] = scene.events;
    if (method === 'GET' && path === `/event/events/${event?.id}` && ++looks === 1) shorten(event);
    return true;
  };
  send();
  isSent(t, scene);
  t.is(calls(world, 'PUT', BINARIES).length, 1);
});

test('an attachment that goes before it is replaced is sent again', (t) => {
  const scene = createScene(t);
  const { world, send } = scene;
  world.platform.order({ kind: 'dropAfter', method: 'POST', path: BINARIES });
  world.onRequest = ({ method, path }) => {
    const [event] = scene.events;
    if (method === 'GET' && path === `/event/events/${event?.id}`) shorten(event);
    if (method === 'PUT' && event !== undefined) {
      event.binary = undefined;
      delete event.fragments['c8y_IsBinary'];
    }
    return true;
  };
  send();
  isSent(t, scene);
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
