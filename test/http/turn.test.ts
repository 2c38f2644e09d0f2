// SPDX-License-Identifier: Apache-2.0

import test from 'ava';
import { Turn } from '../../src/http/turn.ts';

/** One that notes its turns in a list of all. */
function createWaiter(name: string, turns: string[]) {
  return { onTurn: (_gate: Turn) => void turns.push(name) };
}

test('one has the turn, the others follow in the order of their arrival', (t) => {
  const turns: string[] = [];
  const turn = new Turn();
  const a = createWaiter('a', turns);
  const b = createWaiter('b', turns);
  const c = createWaiter('c', turns);
  t.true(turn.enter(a));
  t.true(turn.enter(a), 'who is in is in');
  t.false(turn.enter(b));
  t.false(turn.enter(c));
  t.false(turn.enter(b), 'no second place in the line');
  t.deepEqual(turns, [], 'nobody is called who asks');
  turn.leave(a);
  t.deepEqual(turns, ['b']);
  t.true(turn.isHeldBy(b) && !turn.isHeldBy(a));
  turn.leave(b);
  turn.leave(c);
  t.deepEqual(turns, ['b', 'c']);
  t.true(turn.enter(a), 'it is free again');
  t.deepEqual(turns, ['b', 'c']);
});

test('leaving the line gives up the turn; leaving without a place changes nothing', (t) => {
  const turns: string[] = [];
  const turn = new Turn();
  const a = createWaiter('a', turns);
  const b = createWaiter('b', turns);
  const c = createWaiter('c', turns);
  turn.leave(a);
  turn.enter(a);
  turn.enter(b);
  turn.enter(c);
  turn.leave(b);
  turn.leave(b);
  t.true(turn.isHeldBy(a));
  turn.leave(a);
  t.deepEqual(turns, ['c']);
});

test('whoever leaves within its turn gives it on at once', (t) => {
  const turns: string[] = [];
  const turn = new Turn();
  const first = createWaiter('first', turns);
  const hasty = {
    onTurn: (given: Turn) => {
      turns.push('hasty');
      given.leave(hasty);
    },
  };
  const last = createWaiter('last', turns);
  turn.enter(first);
  turn.enter(hasty);
  turn.enter(last);
  turn.leave(first);
  t.deepEqual(turns, ['hasty', 'last']);
  t.true(turn.isHeldBy(last));
});
