// SPDX-License-Identifier: Apache-2.0

import test, { type ExecutionContext } from 'ava';
import { type Life, life } from 'fractus/life';
import { type Attachment, type Attachments, attachments } from '../../src/capabilities/index.ts';
import type { AppBoard } from '../../src/index.ts';
import { eventsOf } from '../../tools/platform/operator.ts';
import { createWorld, objectOf, settle } from '../agent/scene.ts';
import { Given } from '../transfers/uploading.ts';

function createScene(t: ExecutionContext) {
  const scene: { board?: AppBoard; life?: Life; files?: Attachments } = {};
  const ends: string[] = [];
  const world = createWorld(t, {
    app(board) {
      scene.board = board;
      scene.life = life(board);
      scene.files = attachments(board);
    },
  });
  world.start();
  const source = new Given();
  const send = (changes: Partial<Attachment> = {}) =>
    scene.files?.send({
      type: 'acme_Picture',
      text: 'The picture of noon',
      fileName: 'noon.jpg',
      mediaType: 'image/jpeg',
      source,
      onEnd: (eventId, trouble) => ends.push(eventId === '' ? trouble : 'sent'),
      ...changes,
    });
  const pictures = () => eventsOf(world.platform, objectOf(world).id).filter(({ binary }) => binary !== undefined);
  const content = () => Uint8Array.from(pictures()[0]?.binary?.bytes ?? []);
  return { world, source, ends, send, standing: () => scene.life, pictures, content };
}

test('attachments are sent one by one, and none before the board is registered', (t) => {
  const { world, source, ends, send, pictures, content } = createScene(t);
  t.is(send(), false);
  settle(world);
  t.is(send(), true);
  t.is(send(), false, 'one is on its way');
  world.run(10_000);
  t.deepEqual(ends, ['sent']);
  t.deepEqual(content(), source.bytes);
  t.like(pictures()[0]?.fragments, { type: 'acme_Picture', text: 'The picture of noon' });
  t.is(send({ text: 'The picture of midnight' }), true);
  world.run(10_000);
  t.is(pictures().length, 2);
});

test('after a power cut an attachment is sent again, once', (t) => {
  const { world, source, send, content } = createScene(t);
  settle(world);
  send();
  world.runUntil(() => source.at > 5000, 10_000);
  world.device.reboot();
  settle(world);
  t.is(content().length, 0);
  t.is(send({ isAgain: true }), true);
  world.run(10_000);
  const all = eventsOf(world.platform, objectOf(world).id).filter(
    ({ fragments }) => fragments['type'] === 'acme_Picture',
  );
  t.is(all.length, 1);
  t.deepEqual(content(), source.bytes);
});

test('an attachment that cannot be sent ends with a reason, and the next one follows', (t) => {
  const { world, ends, send } = createScene(t);
  settle(world);
  world.platform.order({ kind: 'status', status: 403, method: 'POST', path: '/event/events' });
  send();
  world.run(10_000);
  t.deepEqual(ends, ['upload: HTTP 403']);
  t.is(send(), true);
  world.run(10_000);
  t.is(ends[1], 'sent');
});

test('allSent is false while an attachment waits for its next try', (t) => {
  const { world, ends, send, standing } = createScene(t);
  settle(world);
  world.run(10_000);
  t.true(standing()?.allSent);
  world.platform.order({ kind: 'status', status: 503, method: 'POST', path: '/event/events' });
  send();
  world.run(700);
  t.false(standing()?.allSent);
  world.run(60_000);
  t.deepEqual(ends, ['sent']);
  t.true(standing()?.allSent);
});

const WRONG: readonly Partial<Attachment>[] = [
  { type: 'acme Picture' },
  { text: '' },
  { text: 'x'.repeat(501) },
  { fileName: 'a"b' },
  { fileName: 'a\r\nHost: b' },
  { fileName: '' },
  { mediaType: 'image' },
  { mediaType: 'image/jpeg\r\nX: y' },
];
for (const wrong of WRONG) {
  test(`wrong attachments are refused at once: ${JSON.stringify(wrong).slice(0, 60)}`, (t) => {
    const { world, send } = createScene(t);
    settle(world);
    t.throws(() => send(wrong), { instanceOf: RangeError });
    t.is(send(), true, 'and keeps nothing busy');
    world.run(10_000);
  });
}

const lost = (): never => {
  throw new Error('no card');
};
for (const [what, source, reason] of [
  ['open throws', { open: lost, read: () => 1 }, 'no card'],
  ['read throws', { open: () => 10, read: lost }, 'no card'],
  ['open returns NaN', { open: () => NaN, read: () => 1 }, 'open of the source: it must return 0 to 9999999 bytes'],
] as const) {
  test(`a source whose ${what} ends with a reason, once; nothing is attached, and the next one follows`, (t) => {
    const { world, ends, send, pictures } = createScene(t);
    settle(world);
    send({ source });
    world.run(60_000);
    t.deepEqual(ends, [reason]);
    t.deepEqual(pictures(), []);
    t.is(send({ text: 'another' }), true);
    world.run(10_000);
    t.is(ends[1], 'sent');
    t.deepEqual(world.device.machine.restarts, []);
  });
}
