// SPDX-License-Identifier: Apache-2.0

import test, { type ExecutionContext } from 'ava';
import { message } from '../../src/capabilities/index.ts';
import type { Json } from '../../tools/platform/model.ts';
import { createOperation } from '../../tools/platform/operator.ts';
import { createWorld, objectOf, settle } from '../agent/scene.ts';

/** Orders the operation of a device with this display; returns it after its end. */
async function operate(t: ExecutionContext, show: Parameters<typeof message>[0], fragment: Json) {
  const world = createWorld(t, { app: (board) => board.operation(message(show)) });
  world.start();
  settle(world);
  t.true((objectOf(world).fragments['c8y_SupportedOperations'] as string[]).includes('c8y_Message'));
  const operation = createOperation(world.platform, objectOf(world).id, { c8y_Message: fragment });
  settle(world);
  // Promises settle after the current event of this process, and virtual time does not wait for them.
  await new Promise(setImmediate);
  settle(world);
  return operation;
}

test('a text is shown unchanged', async (t) => {
  for (const text of ['Bitte warten', '', ' two  blanks ', 'Grüße, 温度 🌡\nzwei Zeilen']) {
    const shown: string[] = [];
    const { status } = await operate(t, (each) => void shown.push(each), { text });
    t.is(status, 'SUCCESSFUL');
    t.deepEqual(shown, [text]);
  }
});

test('a display may take its time and may report a failure', async (t) => {
  const { status } = await operate(t, () => Promise.resolve(), { text: 'a' });
  t.is(status, 'SUCCESSFUL');
  const broken = () => {
    throw new Error('the display does not answer');
  };
  for (const show of [broken, async () => broken()]) {
    const { status, failureReason } = await operate(t, show, { text: 'a' });
    t.is(status, 'FAILED');
    t.is(failureReason, 'the display does not answer');
  }
});

test('other return values are no promises, and a promise may be any object with then', async (t) => {
  const late = (end: 'yes' | 'no') => ({
    // biome-ignore lint/suspicious/noThenProperty: a promise of somebody's own
    then: (yes: () => void, no: (error: Error) => void) =>
      Promise.resolve().then(() => (end === 'yes' ? yes() : no(new Error('no light')))),
  });
  const cases: [unknown, string | undefined][] = [
    [7, undefined],
    [null, undefined],
    [late('yes'), undefined],
    [late('no'), 'no light'],
  ];
  for (const [returned, reason] of cases) {
    const { status, failureReason } = await operate(t, () => returned as undefined, { text: 'a' });
    t.is(status, reason === undefined ? 'SUCCESSFUL' : 'FAILED');
    t.is(failureReason, reason);
  }
});

test('a value that is not a string is not shown', async (t) => {
  for (const fragment of [{}, { text: 5 }, { text: null }, { text: ['a'] }, 'text', []] as const) {
    const shown: string[] = [];
    const { status, failureReason } = await operate(t, (each) => void shown.push(each), fragment as Json);
    t.is(status, 'FAILED');
    t.is(failureReason, 'text: missing or not a text');
    t.deepEqual(shown, []);
  }
});
