// SPDX-License-Identifier: Apache-2.0

import test, { type ExecutionContext } from 'ava';
import { THOROUGH } from '../support/thorough.ts';
import { bodyOf, pathsOf, replaced, rubbish, strangers, withBody, withStranger, wrong } from './documents.ts';
import type { Life } from './life.ts';
import { breathe, distort, type Recorded, Reference } from './reference.ts';

/** Creations and an alarm whose answers get lost, so that they are looked for. */
const troubled = new Reference({ connections: '2' }, [
  { kind: 'dropAfter', method: 'POST', path: '/inventory/managedObjects', times: 2 },
  { kind: 'dropAfter', method: 'POST', path: '/alarm/alarms' },
]);
const references = [new Reference({ connections: '2' }), troubled];

interface Document extends Recorded {
  readonly reference: Reference;
  readonly paths: readonly (readonly (string | number)[])[];
}

/** Answers with something to read in them: one for each kind and shape. */
const documents = new Map<string, Document>();
for (const reference of references) {
  for (const recorded of reference.answers) {
    const body = bodyOf(recorded.answer);
    if (body === '') continue;
    const paths = pathsOf(JSON.parse(body));
    const name = `${recorded.kind} ${recorded.answer.toString('latin1', 9, 12)} with ${paths.length} values`;
    if (!documents.has(name)) documents.set(name, { ...recorded, reference, paths });
  }
}

test('at least fourteen kinds of documents that the agent reads are damaged', (t) => {
  t.true(documents.size >= 14, [...documents.keys()].join('\n'));
});

const allowed = ['pending-missing'] as const;
const moreRequests = 60;
/** Once more than by chance. */
const times = 2;

interface Trial {
  readonly what: string;
  readonly document: Document;
  readonly change: (body: string) => string | Uint8Array;
  readonly times: number;
}

/** What the platform itself has hidden is asked for with the next subscription, or at the next start, not before. */
function remind({ world }: Life, kind: string): void {
  if (kind.includes('EXECUTING')) world.device.reboot();
  else world.platform.expireSessions();
}

/** One life after the other in which answers get other bodies; nothing may have come of it. */
async function tryAll(t: ExecutionContext, trials: Iterable<Trial>): Promise<void> {
  const troubles: string[] = [];
  let lives = 0;
  for (const { what, document, change, times } of trials) {
    await breathe();
    lives += 1;
    const { reference, phase, kind, number } = document;
    const disturb = (life: Life) => {
      distort(life, kind, times, (real) => withBody(real, change(bodyOf(real))), number);
      for (const minutes of [3, 5, 7]) life.world.time.schedule(minutes * 60_000, () => remind(life, kind));
    };
    const trouble = reference.troubleWith({ phase, disturb, moreRequests, allowed });
    if (trouble !== undefined) troubles.push(`${what}: ${trouble}`);
  }
  t.log(`${lives} lives, ${troubles.length} ended badly`);
  t.deepEqual(troubles.slice(0, 8), []);
}

for (const [turn, [title, body]] of Object.entries(rubbish).entries()) {
  // Each third of the documents meets every third one.
  const chosen = [...documents].filter((_, at) => THOROUGH || (at + turn) % 3 === 0);
  test.serial(`a body that is ${title}`, (t) =>
    tryAll(
      t,
      chosen.map(([what, document]) => ({ what, document, change: () => body, times })),
    ),
  );
}

/**
 * Where other values of the right kind may stand: an operation that asks for something else ends otherwise, and a
 * device whose credentials are somebody else's will never know.
 */
const decisive = /deviceId|x_Work|c8y_Restart|fractus_ExternalId/;
const plausible = ['a path', 'a lone surrogate'];

/** Each value of a document is met by one in so many kinds of wrong value, and each kind by one in so many values. */
const share = THOROUGH ? 3 : 97;

for (const [what, document] of documents) {
  const paths = document.paths.filter((path) => !decisive.test(path.join('.')));
  for (const [turn, [title, text]] of Object.entries(wrong).entries()) {
    if (document.kind.includes('Credentials') && plausible.includes(title)) continue;
    const chosen = paths.filter((_, at) => (at + turn) % share === 0);
    if (chosen.length === 0) continue;
    test.serial(`${what}: ${title} instead of a value`, (t) =>
      tryAll(
        t,
        chosen.map((path) => ({
          what: path.join('.'),
          document,
          change: (body) => replaced(JSON.parse(body), path, text),
          times,
        })),
      ),
    );
  }
}

/** Lists hold what people have put there. */
const lists = [...documents].filter(([, { answer }]) =>
  /"(operations|managedObjects|alarms)":\[|"data":/.test(bodyOf(answer)),
);

for (const [title, member] of Object.entries(strangers)) {
  for (const where of ['first', 'last'] as const) {
    // An operation of which too much is left out ends FAILED: that has a test of its own.
    const fitting =
      where === 'last' || !title.endsWith('members') ? lists : lists.filter(([what]) => /Objects|alarms/.test(what));
    test.serial(`a member more in all answers for ever, ${where}: ${title}`, (t) =>
      tryAll(
        t,
        fitting.map(([what, document]) => ({
          what,
          document,
          change: (body) => withStranger(body, member, where),
          times: Number.POSITIVE_INFINITY,
        })),
      ),
    );
  }
}
