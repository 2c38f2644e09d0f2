// SPDX-License-Identifier: Apache-2.0

import test from 'ava';
import type { Fault } from '../../../../tools/platform/faults.ts';
import { change, objects, scene } from './fault-scene.ts';

const matches: readonly [string, Partial<Fault>, boolean][] = [
  ['one segment', { path: '/inventory/*/10001' }, true],
  ['any depth', { path: '/inventory/**' }, true],
  ['one segment is not two', { path: '/inventory/*' }, false],
  ['another path', { path: '/alarm/**' }, false],
  ['this user', { user: 'device_d1' }, true],
  ['another user', { user: 'device_d2' }, false],
  ['text in the body', { contains: 'c8y_X' }, true],
  ['text in the target', { contains: '/10001' }, true],
  ['text nowhere', { contains: 'c8y_Y' }, false],
  ['another channel', { channel: '/meta/connect' }, false],
];

test('an interval that the server advised makes the session wait so much longer', (t) => {
  const { desk, user, id } = scene();
  const clientId = desk.listen({ user, id });
  desk.platform.order({ kind: 'advice', channel: '/meta/connect', advice: { interval: 30_000 } });
  desk.connect(user, clientId, { advice: { timeout: 0 } });
  desk.time.advance(35_000);
  t.is(desk.connect(user, clientId, { advice: { timeout: 0 } }).list[0]?.['successful'], true);
  t.deepEqual(desk.broken, []);
});

test('a fault meets the requests it names, after those it skips, as often as it says', (t) => {
  const there = scene();
  const { desk, user, id } = there;
  desk.platform.order({ kind: 'status', status: 503, method: 'put', path: `${objects}/*`, skip: 1, times: 2 });
  t.is(desk.send('GET', `${objects}/${id}`, { as: user }).status, 200);
  t.deepEqual(
    [1, 2, 3, 4].map(() => change(there).answer.status),
    [200, 503, 503, 200],
  );
});

for (const [name, match, isMet] of matches) {
  test(`matching: ${name}`, (t) => {
    const there = scene();
    there.desk.platform.order({ kind: 'dropBefore', ...match } as Fault);
    t.is(change(there).answer.isDropped, isMet);
  });
}

test('people are spared unless they are named; orders can be taken back', (t) => {
  const { desk, id } = scene();
  desk.platform.order({ kind: 'dropBefore' });
  t.is(desk.send('GET', `${objects}/${id}`).status, 200);
  const order = desk.platform.order({ kind: 'dropBefore', user: 'operator' });
  t.deepEqual(
    desk.platform.faults.map(({ left }) => left),
    [1, 1],
  );
  desk.platform.cancel(order);
  t.is(desk.send('GET', `${objects}/${id}`).status, 200);
  desk.platform.cancel();
  t.deepEqual(desk.platform.faults, []);
});

test('two faults on one request add up', (t) => {
  const there = scene();
  there.desk.platform.order({ kind: 'delay', ms: 1000 });
  there.desk.platform.order({ kind: 'status', status: 500, applied: true });
  const { answer, isApplied } = change(there);
  t.false(isApplied());
  there.desk.time.advance(1000);
  t.true(isApplied());
  t.is(answer.status, 500);
});
