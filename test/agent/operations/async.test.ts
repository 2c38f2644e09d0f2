// SPDX-License-Identifier: Apache-2.0
/** Handlers that return a promise. */

import test from 'ava';
import type { Capability, Operation } from '../../../src/index.ts';
import { createOperation } from '../../../tools/platform/operator.ts';
import { createSettled, objectOf } from '../scene.ts';

/** Orders an operation with this handler; returns its end after the handler's promises have settled. */
async function carriedOut(t: Parameters<typeof createSettled>[0], run: Capability['run']) {
  const world = createSettled(t, { app: (board) => board.operation({ name: 'x_Work', run }) });
  const operation = createOperation(world.platform, objectOf(world).id, { x_Work: {} });
  world.run(5000);
  // Promises wait for the end of the current event of this process; virtual time does not.
  await new Promise(setImmediate);
  world.run(5000);
  const { status, failureReason } = operation;
  const next = createOperation(world.platform, objectOf(world).id, { c8y_Command: { text: 'help' } });
  world.run(10_000);
  t.is(next.status, status === 'EXECUTING' ? 'PENDING' : 'SUCCESSFUL', 'the next one has its turn');
  world.finish();
  return { status, failureReason };
}

const tick = () => new Promise<void>((resolve) => queueMicrotask(resolve));

test('an operation whose promise resolves ends as the handler says', async (t) => {
  const run = async (operation: Operation) => {
    await tick();
    operation.succeed();
  };
  t.like(await carriedOut(t, run), { status: 'SUCCESSFUL' });
});

test('a rejected promise fails the operation with its reason and is reported nowhere else', async (t) => {
  const run = async () => {
    await tick();
    throw new Error('the valve is stuck');
  };
  t.like(await carriedOut(t, run), { status: 'FAILED', failureReason: 'the valve is stuck' });
  t.like(await carriedOut(t, () => Promise.reject(7)), {
    status: 'FAILED',
    failureReason: 'it has thrown a non-Error',
  });
});

test('a rejection after the end changes nothing', async (t) => {
  const run = async (operation: Operation) => {
    operation.succeed();
    await tick();
    throw new Error('too late');
  };
  t.like(await carriedOut(t, run), { status: 'SUCCESSFUL' });
});

test('a returned value that is not a promise is ignored', async (t) => {
  for (const value of [7, 'text', null, {}]) {
    const run = ((operation: Operation) => {
      operation.succeed();
      return value;
    }) as unknown as Capability['run'];
    t.like(await carriedOut(t, run), { status: 'SUCCESSFUL' });
  }
});

test('an operation whose promise never settles ends at the deadline', async (t) => {
  t.like(await carriedOut(t, () => new Promise<void>(() => {})), { status: 'EXECUTING' });
});

test('a rejection of recover fails the operation with its reason', async (t) => {
  const recover = async () => {
    await tick();
    throw new Error('the valve was left open');
  };
  const world = createSettled(t, { app: (board) => board.operation({ name: 'x_Work', run() {}, recover }) });
  const operation = createOperation(world.platform, objectOf(world).id, { x_Work: {} });
  world.run(5000);
  world.device.reboot();
  world.run(20_000);
  await new Promise(setImmediate);
  world.run(5000);
  t.is(operation.failureReason, 'the valve was left open');
  world.finish();
});
