// SPDX-License-Identifier: Apache-2.0

import { buildBundle } from '../../../../tools/build.ts';
import { createMachine, testOnXs } from '../../../support/xs/harness.ts';

const bundle = await buildBundle({
  entry: 'test/hal/esp32/sensors/xs-sensors.ts',
  outfile: 'build/test/sensors.xs.js',
});

testOnXs('what a board runs once per sample allocates nothing but what a driver makes', async (t, host) => {
  const { machine, board } = createMachine(t, { host, bundle: bundle.path });
  await machine.boot();
  await machine.settle();
  t.true(board.lines.length >= 7);
  t.is(board.timers.length, board.lines.length);
  for (const [index, name] of board.lines.entries()) {
    // The first time, what is needed is made.
    for (let round = 0; round < 2; round++) board.timers[index]?.();
    await machine.measure({ collect: true, mark: true });
    board.timers[index]?.();
    const after = await machine.measure();
    t.is(after.events, 1, name);
    t.is(after.allocatedSlots, 0, name);
    t.is(after.allocatedChunkBytes, 0, name);
  }
});
