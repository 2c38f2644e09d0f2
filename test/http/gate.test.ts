// SPDX-License-Identifier: Apache-2.0

import test from 'ava';
import { Gate } from '../../src/http/gate.ts';

/** One that notes its turns in a list of all. */
function createWaiter(name: string, turns: string[]) {
  return { onTurn: (_gate: Gate) => void turns.push(name) };
}

test('one is in, the others have their turns in the order in which they came', (t) => {
  const turns: string[] = [];
  const gate = new Gate();
  const a = createWaiter('a', turns);
  const b = createWaiter('b', turns);
  const c = createWaiter('c', turns);
  t.true(gate.enter(a));
  t.true(gate.enter(a), 'who is in is in');
  t.false(gate.enter(b));
  t.false(gate.enter(c));
  t.false(gate.enter(b), 'no second place in the line');
  t.deepEqual(turns, [], 'nobody is called who asks');
  gate.leave(a);
  t.deepEqual(turns, ['b']);
  t.true(gate.isHeldBy(b) && !gate.isHeldBy(a));
  gate.leave(b);
  gate.leave(c);
  t.deepEqual(turns, ['b', 'c']);
  t.true(gate.enter(a), 'it is free again');
  t.deepEqual(turns, ['b', 'c']);
});

test('who leaves the line has no turn; who has neither place nor turn changes nothing', (t) => {
  const turns: string[] = [];
  const gate = new Gate();
  const a = createWaiter('a', turns);
  const b = createWaiter('b', turns);
  const c = createWaiter('c', turns);
  gate.leave(a);
  gate.enter(a);
  gate.enter(b);
  gate.enter(c);
  gate.leave(b);
  gate.leave(b);
  t.true(gate.isHeldBy(a));
  gate.leave(a);
  t.deepEqual(turns, ['c']);
});

test('whoever leaves within its turn gives it on at once', (t) => {
  const turns: string[] = [];
  const gate = new Gate();
  const first = createWaiter('first', turns);
  const hasty = {
    onTurn: (given: Gate) => {
      turns.push('hasty');
      given.leave(hasty);
    },
  };
  const last = createWaiter('last', turns);
  gate.enter(first);
  gate.enter(hasty);
  gate.enter(last);
  gate.leave(first);
  t.deepEqual(turns, ['hasty', 'last']);
  t.true(gate.isHeldBy(last));
});
