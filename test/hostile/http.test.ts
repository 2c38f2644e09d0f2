// SPDX-License-Identifier: Apache-2.0

import test, { type ExecutionContext } from 'ava';
import { THOROUGH } from '../support/thorough.ts';
import type { Life } from './life.ts';
import { distorted, malformed, type Nonsense, pages } from './nonsense.ts';
import { breathe, distort, impersonate, Reference } from './reference.ts';

const two = new Reference({ connections: '2' });
const one = new Reference({ connections: '1' });
/** With one connection it is the poll that is different. */
const trials = [
  ...two.firsts.map((answer) => ({ reference: two, ...answer })),
  ...one.firsts.filter(({ kind }) => kind.includes('notification')).map((answer) => ({ reference: one, ...answer })),
];
/** So often the same nonsense comes to the same request: once more than a request is repeated by itself. */
const times = 2;
/** Repetitions, and with each the question of what is pending. */
const moreRequests = 60;

/** Who is not answered for a minute cannot ask for what is pending. */
const allowed = ['pending-missing'] as const;

/**
 * Each kind of request gets this answer, and each such answer is a life of its own. The request may be carried out or
 * not: by turns, so that each request is met by both.
 */
async function answerAll(t: ExecutionContext, { affirmative = false, answer }: Nonsense, turn: number): Promise<void> {
  const troubles: string[] = [];
  let lives = 0;
  for (const [at, { reference, kind, phase }] of trials.entries()) {
    // A fourth of the kinds meets this answer, the others the next ones but one.
    if (!THOROUGH && ((turn >> 1) + at) % 4 !== 0) continue;
    await breathe();
    const applied = affirmative || (turn + lives) % 2 === 0;
    const disturb = (life: Life) => {
      if (applied) distort(life, kind, times, answer);
      else impersonate(life, kind, times, (transit) => answer(Buffer.alloc(0), transit));
    };
    lives += 1;
    const trouble = reference.troubleWith({ phase, disturb, moreRequests, allowed });
    const what = `connections=${reference.config['connections']}, ${kind}, ${applied ? 'applied' : 'not applied'}`;
    if (trouble !== undefined) troubles.push(`${what}: ${trouble}`);
  }
  t.log(`${lives} lives, ${troubles.length} ended badly`);
  t.deepEqual(troubles.slice(0, 3), []);
}

for (const [turn, nonsense] of [...malformed, ...distorted, ...pages].entries()) {
  test.serial(nonsense.title, (t) => answerAll(t, nonsense, turn));
}
