// SPDX-License-Identifier: Apache-2.0

import test, { type ExecutionContext } from 'ava';
import { planted } from '../../tools/mutate/plant.ts';
import { UNIT_MUTANTS } from '../../tools/mutate/unit-mutants.ts';
import { tortureFirmware } from '../../tools/torture/firmware.ts';
import { judgeFirmware, type Update } from '../../tools/torture/firmware-judge.ts';
import { MADE } from '../../tools/torture/firmware-notes.ts';
import { type Runtime, testOnRuntimes } from '../support/device.ts';
import { THOROUGH } from '../support/thorough.ts';

const KILLS = THOROUGH ? 50 : 3;

const run = async (t: ExecutionContext, runtime: Runtime) => {
  t.timeout(600_000, 'the kills');
  const { kills, updates, givenUp, starts } = await tortureFirmware({ runtime, kills: KILLS, seed: 11 });
  t.is(kills, KILLS);
  t.log(`${updates} updates, ${givenUp} of them given up, ${starts} starts`);
  t.true(updates > givenUp + 1);
};
const title = `${KILLS} times kill -9 during firmware updates: always the right firmware`;
testOnRuntimes(title, run, undefined, THOROUGH ? ['node', 'xs'] : ['xs']);

test('control: a board that takes what nobody has signed is found', async (t) => {
  t.timeout(300_000, 'a kill');
  const defect = UNIT_MUTANTS.find(({ name }) => name === 'what nobody has signed is taken');
  if (defect === undefined) throw new Error('no such defect');
  const options = { runtime: 'node', kills: 1, seed: 5, plugins: [planted(defect)] } as const;
  await t.throwsAsync(tortureFirmware(options), { message: /has run, which is unsigned, and not signed/ });
});

const ENDS = {
  good: ['SUCCESSFUL', ''],
  bad: ['FAILED', '3.0.0 did not listen for operations (panic): 2.0.0 is back'],
};

/** An update to 2.0.0 that has worked, one to 3.0.0 that crashes, and what is changed in it. */
function judged(changes: {
  readonly version?: string;
  readonly history?: readonly string[];
  readonly kind?: Update['kind'];
  readonly notes?: readonly (readonly [what: string, number: number])[];
  readonly kills?: readonly number[];
  readonly second?: Update['kind'];
}) {
  const { version = '2.0.0', kills = [], kind = 'good', second = 'crashing' } = changes;
  const { history = ['PENDING', 'EXECUTING', 'SUCCESSFUL'] } = changes;
  const update = (
    kind: Update['kind'],
    version: string,
    statuses: readonly string[],
    [status, reason]: readonly string[],
  ) =>
    ({
      ...{ kind, version, digest: `of ${version}` },
      operation: {
        creationTimeMs: 100,
        status,
        failureReason: reason,
        history: statuses.map((each, at) => ({ status: each, timeMs: 100 + at })),
      },
    }) as unknown as Update;
  const updates = [
    update(kind, '2.0.0', history, ENDS.good),
    update(second, '3.0.0', ['PENDING', 'EXECUTING', 'FAILED'], ENDS.bad),
  ];
  const all = changes.notes ?? [
    [MADE, 1],
    ['of 2.0.0', 2],
    ['of 3.0.0', 3],
    ['of 2.0.0', 2],
  ];
  const notes = all.map(([what, number], at) => ({ what, number, atMs: 100 + at }));
  return () => judgeFirmware({ notes, kills, updates, version });
}

test('each wrong update is named', (t) => {
  t.deepEqual(judged({})(), { updates: 2, givenUp: 0, starts: 4 });
  t.deepEqual(judged({ second: 'good', kills: [101, 102] })(), { updates: 2, givenUp: 1, starts: 4 });
  const wrong: readonly (readonly [Parameters<typeof judged>[0], RegExp])[] = [
    [{ version: '3.0.0' }, /^the inventory says that 3\.0\.0 runs, and 2\.0\.0 does$/],
    [
      { history: ['PENDING', 'EXECUTING', 'SUCCESSFUL', 'SUCCESSFUL'] },
      /^2\.0\.0: PENDING, EXECUTING, SUCCESSFUL, SUCC/,
    ],
    [{ history: ['PENDING', 'EXECUTING'] }, /^2\.0\.0: PENDING, EXECUTING$/],
    [{ kind: 'unsigned' }, /^2\.0\.0 has run, which is unsigned/],
    [{ kind: 'foreign' }, /^2\.0\.0 has run, which is foreign/],
    [{ kind: 'crashing' }, /^2\.0\.0 is crashing, and was SUCCESSFUL$/],
    [
      {
        notes: [
          [MADE, 1],
          ['of 3.0.0', 2],
        ],
      },
      /^a program has run that nobody has made, as version 2$/,
    ],
    [{ notes: [[MADE, 1]], version: '1.0.0' }, /^2\.0\.0 was SUCCESSFUL, and has never run$/],
    [{ second: 'good' }, /^3\.0\.0 is good, and was FAILED after 0 kills/],
    [{ second: 'good', kills: [50, 101] }, /^3\.0\.0 is good, and was FAILED after 1 kills/],
  ];
  for (const [changes, message] of wrong) t.throws(judged(changes), { message });
});
