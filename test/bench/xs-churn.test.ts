// SPDX-License-Identifier: Apache-2.0

import { DEVICE_ID, inXsWorld, type XsWorld } from '../../tools/bench/xs-world.ts';
import { buildBundle } from '../../tools/build.ts';
import { createOperation, findDevice } from '../../tools/platform/operator.ts';
import { buildXsHost } from '../../tools/xs/build.ts';
import { SLOT_BYTES, usedBytes } from '../../tools/xs/figures.ts';
import { testWithXs } from '../support/xs/on-xs.ts';

const host = await buildXsHost();
/** By then whatever is remembered of the last few is full: operations, alarms, children. */
const WARM_UP_ROUNDS = 20;
const ROUNDS = 16;

/** A child, alarms, a template, and operations: done, failed, unknown, and one that the platform does not let begin. */
async function churn(world: XsWorld, rounds: number): Promise<void> {
  for (let round = 0; round < rounds; round++) {
    const came = await world.carryOut({ c8y_Command: { text: 'come' } });
    const id = (came.fragments['c8y_Command'] as { result: string }).result;
    await world.runUntil(() => findDevice(world.platform, `${DEVICE_ID}:${id}`) !== undefined);
    await world.run(5000);
    const child = findDevice(world.platform, `${DEVICE_ID}:${id}`)?.id ?? '';
    createOperation(world.platform, child, { x_Blink: {} });
    await world.carryOut({ x_Fails: {} });
    await world.carryOut({ [`x_Unknown${round}`]: {} });
    world.platform.order({ kind: 'status', status: 409, method: 'PUT', path: '/devicecontrol/operations/*' });
    const refused = world.operate({ c8y_Command: { text: 'help' } });
    await world.run(3000);
    (refused as { status: string }).status = 'FAILED';
    await world.carryOut({ c8y_Command: { text: 'go' } });
    await world.run(10_000);
  }
}

testWithXs(host, 'what comes and goes leaves nothing in the heap, and no name', async (t, xs) => {
  t.timeout(240_000, 'children that come and go');
  const bundle = await buildBundle({ entry: 'test/bench/churning.ts', outfile: 'build/test/churning.js' });
  const config = { measurementInterval: '60' };
  await inXsWorld({ host: xs, bundle: bundle.path, nor: {}, config }, async (world) => {
    await world.start();
    await churn(world, WARM_UP_ROUNDS);
    await world.rest();
    const first = await world.figures({ collect: true });
    await churn(world, ROUNDS);
    await world.rest();
    const second = await world.figures({ collect: true });
    t.log(`${usedBytes(first)} bytes, then ${usedBytes(second)}`);
    t.is(second.keys, first.keys);
    // A child leaves 100 bytes and more when only one thing of it is kept.
    t.true(usedBytes(second) - usedBytes(first) < ROUNDS * SLOT_BYTES);
  });
});
