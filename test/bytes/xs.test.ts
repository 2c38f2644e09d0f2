// SPDX-License-Identifier: Apache-2.0

import { buildBundle } from '../../tools/build.ts';
import { createMachine, testOnXs } from '../support/xs/harness.ts';
import { hotPaths, outcomes } from './xs-cases.ts';

const bundle = await buildBundle({ entry: 'test/bytes/xs-agent.ts', outfile: 'build/test/bytes.xs.js' });

testOnXs('bytes, JSON and HTTP come out as on Node', async (t, host) => {
  const { machine, board } = createMachine(t, { host, bundle: bundle.path });
  await machine.boot();
  await machine.settle();
  const wanted = outcomes();
  t.true(wanted.length > 150, `${wanted.length}`);
  t.deepEqual(
    board.lines,
    wanted.map((line) => `info ${line}`),
  );
});

testOnXs('the functions of each exchange allocate nothing', async (t, host) => {
  const { machine, board } = createMachine(t, { host, bundle: bundle.path });
  await machine.boot();
  await machine.settle();
  const paths = hotPaths();
  t.is(board.timers.length, paths.length);
  for (const [index, [name]] of paths.entries()) {
    // The first time, XS makes its own copies of what is changed in flash.
    board.timers[index]?.();
    const before = await machine.measure({ collect: true, mark: true });
    board.timers[index]?.();
    const after = await machine.measure();
    t.is(after.events, 1, name);
    t.is(after.allocatedSlots, 0, name);
    t.is(after.allocatedChunkBytes, 0, name);
    t.is(after.keys, before.keys, name);
  }
});
