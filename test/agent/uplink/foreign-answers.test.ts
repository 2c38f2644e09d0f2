// SPDX-License-Identifier: Apache-2.0
/** Answers of success that do not come from the platform: a portal, a default backend, a gateway with a stub. */

import test from 'ava';
import type { Misbehaviour } from '../../../tools/platform/faults.ts';
import type { User } from '../../../tools/platform/model.ts';
import { alarmsOf, eventsOf } from '../../../tools/platform/operator.ts';
import { TokenWorld } from '../../support/token-world.ts';
import { childOf } from '../operations/operating.ts';
import { Author, counted, quiet, range } from '../records/reporting.ts';
import { calls, createSettled, createWorld, objectOf, owned, settle } from '../scene.ts';

const plain = 'application/json';
const yes: readonly Misbehaviour[] = [
  { kind: 'status', status: 200, body: '', mediaType: 'text/plain' },
  { kind: 'status', status: 200, body: '{}', mediaType: plain },
  { kind: 'status', status: 200, body: '{"status":"ok"}', mediaType: plain },
  { kind: 'status', status: 204, body: '', mediaType: 'text/plain' },
];

for (const answer of yes) {
  const what = JSON.stringify(answer);

  test(`a creation confirmed by another server does not count: ${what}`, (t) => {
    const author = new Author();
    const world = createSettled(t, { app: author.app, config: quiet });
    for (const path of ['/measurement/measurements', '/event/events', '/alarm/alarms']) {
      world.platform.order({ ...answer, method: 'POST', path, times: 3 });
    }
    author.count(1, 5);
    author.device.event('x_Event', 'text');
    author.device.alarm('x_Alarm', 'MAJOR', 'text');
    world.run(120_000);
    t.deepEqual(counted(world), range(1, 5));
    const { id } = objectOf(world);
    t.is(eventsOf(world.platform, id).length, 1);
    t.is(alarmsOf(world.platform, id).length, 1);
  });

  test(`another server registers no device: ${what}`, (t) => {
    const world = createWorld(t, { app: (board) => void board.child('meter', {}) });
    for (const path of ['/inventory/managedObjects', '/identity/globalIds/*/externalIds']) {
      world.platform.order({ ...answer, method: 'POST', path, times: 2 });
    }
    world.start();
    settle(world);
    world.run(300_000);
    t.is(owned(world).length, 2);
    t.deepEqual([...objectOf(world).children.childDevices], [childOf(world, 'meter').id]);
  });
}

test('a gateway that refuses the creation has not passed it on: one search before each repetition, not three', (t) => {
  const world = createWorld(t);
  const path = '/inventory/managedObjects';
  const body = '{"message":"no Route matched"}';
  const refusal = { kind: 'status', status: 405, body, mediaType: 'application/json' } as const;
  world.platform.order({ ...refusal, method: 'POST', path, times: 3 });
  world.start();
  settle(world, 600_000);
  t.is(owned(world).length, 1);
  t.is(calls(world, 'POST', path).length, 4);
  t.is(calls(world, 'GET', path).length, 3);
});

/** Says that a request is too large, whatever its size. */
const tooLarge = { kind: 'status', status: 413, body: '{"message":"too large"}', mediaType: plain } as const;

test('a 413 of a gateway to short requests decides nothing: they are repeated', (t) => {
  const author = new Author();
  const world = createWorld(t, { app: author.app, config: quiet });
  for (const path of ['/devicecontrol/deviceCredentials', '/notification/operations', '/measurement/measurements']) {
    world.platform.order({ ...tooLarge, path, times: 2 });
  }
  world.start();
  settle(world, 60_000);
  author.count(1, 1);
  world.run(30_000);
  t.deepEqual(counted(world), [1]);
});

test('a 413 of a gateway to a short request with a long token decides nothing', (t) => {
  const author = new Author();
  const world = new TokenWorld({ app: author.app, config: quiet, longTokens: true });
  world.listen();
  t.true((world.tokens[0]?.length ?? 0) > 850, `${world.tokens[0]?.length}`);
  world.platform.order({ ...tooLarge, path: '/measurement/measurements', times: 2 });
  author.count(1, 1);
  world.run(30_000);
  t.deepEqual(counted(world), [1]);
  world.finish();
});

test('a 413 of a gateway to a long request is about its size: the record that stays too long is dropped', (t) => {
  const author = new Author();
  const world = createSettled(t, { app: author.app, config: quiet });
  world.platform.order({ ...tooLarge, path: '/measurement/measurements', contains: 'x_Long', times: 1e6 });
  world.device.linkDown();
  author.count(1, 3);
  const unit = 'x'.repeat(200);
  const series = Object.fromEntries(range(1, 4).map((n) => [`s${n}`, { value: n, unit }]));
  author.device.measure('x_Long', { x_Long: series });
  author.count(4, 6);
  world.device.linkUp();
  world.run(120_000);
  t.deepEqual(counted(world), range(1, 6));
});

/** Two days off, like the clock of a box that nobody has set. */
const skewed: Misbehaviour = { kind: 'date', skewMs: 2 * 86_400_000 };
const updates = { method: 'PUT', path: '/inventory/managedObjects/*', times: 1e6 } as const;

for (const answer of yes.slice(0, 3)) {
  test(`another server does not set the clock: ${JSON.stringify(answer)}`, (t) => {
    const author = new Author();
    const world = createSettled(t, { app: author.app, config: quiet });
    const off = () => Math.abs((world.device.machine.hal?.clock.now() ?? 0) - world.time.epochMs);
    world.platform.order({ ...skewed, ...updates });
    world.platform.order({ ...answer, ...updates });
    for (let n = 0; n < 5; n++) {
      // A server that takes over begins with new connections.
      world.cutConnections('end');
      author.device.fragment('x_Count', n);
      world.run(10_000);
      t.true(off() <= 1100, `${off()} ms off`);
    }
    t.true(calls(world, 'PUT', updates.path).length >= 5);
  });
}

test('another server neither proves new credentials nor makes the device delete the old ones', (t) => {
  const author = new Author();
  const config = { ...quiet, rebootstrapAfter: '1' };
  const world = createSettled(t, { app: author.app, config }, ['connect-gap', 'credentials-twice']);
  const stored = (name: string) => Buffer.from(world.device.machine.flash.values.get(name) ?? []).toString('latin1');
  const before = stored('credentials');
  const user = (): User => {
    const found = world.platform.core.findUser('t1000', world.device.user);
    if (found === undefined) throw new Error('there is no such user');
    return found;
  };
  user().password = 'somebody-has-changed-it';
  world.runUntil(() => stored('credentials-new') !== '', 5_400_000);
  user().enabled = false;
  world.platform.order({ kind: 'status', status: 200, body: '', mediaType: 'text/plain', ...updates });
  for (let n = 0; n < 5; n++) {
    world.cutConnections('end');
    author.device.fragment('x_Count', n);
    world.run(300_000);
  }
  t.true(calls(world, 'PUT', updates.path).some(({ status }) => status === 200));
  t.is(stored('credentials'), before);
  t.not(stored('credentials-new'), '');
  world.platform.cancel();
  user().enabled = true;
  settle(world, 3_600_000);
});

test('another server ends no outage: new connections are made as without an answer', (t) => {
  const author = new Author();
  const world = createSettled(t, { app: author.app, config: quiet }, ['connect-gap', 'pending-missing']);
  world.platform.order({ kind: 'status', status: 200, body: '', mediaType: 'text/plain', ...updates });
  world.platform.order({ kind: 'status', status: 200, html: true, path: '/notification/operations', times: 1e6 });
  world.platform.order({ kind: 'status', status: 200, html: true, path: '/devicecontrol/operations', times: 1e6 });
  world.cutConnections('reset');
  const renewals = () => world.device.lines.filter((line) => line.includes('new connections')).length;
  for (let minute = 0; minute < 14; minute++) {
    author.device.fragment('x_Count', minute);
    world.run(60_000);
  }
  t.is(renewals(), 1);
  world.platform.cancel();
  settle(world);
});
