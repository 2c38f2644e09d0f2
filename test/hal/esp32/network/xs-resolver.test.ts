// SPDX-License-Identifier: Apache-2.0

import { buildBundle } from '../../../../tools/build.ts';
import { allocatedBytes, usedBytes } from '../../../../tools/xs/figures.ts';
import { createMachine, testOnXs } from '../../../support/xs/harness.ts';

const bundle = await buildBundle({
  entry: 'test/hal/esp32/network/xs-resolver.ts',
  outfile: 'build/test/resolver.xs.js',
});

/** Four hosts with four addresses each, on 32 bits. */
const MOST_KEPT_BYTES = 2048;
/** Garbage of one lookup with as many addresses, on 32 bits; 11,279 when this was written. */
const MOST_ALLOCATED_BYTES = 11_520;

testOnXs('the addresses of four hosts are kept, and nothing grows', async (t, host) => {
  const { machine, board } = createMachine(t, { host, bundle: bundle.path });
  const used = async () => usedBytes(await machine.measure({ collect: true, mark: true }));
  await machine.boot();
  await machine.settle();
  const [lookUp = () => {}, resolve = () => {}] = board.timers;
  const empty = await used();
  const round = async () => {
    for (let i = 0; i < 20; i++) (i % 2 === 0 ? lookUp : resolve)();
    await machine.settle();
    return used();
  };
  // The first time, lists get the room that they need.
  await round();
  const full = await round();
  t.is(await round(), full);
  // One for each host.
  lookUp();
  const allocated = allocatedBytes(await machine.measure());
  const kept = full - empty;
  t.is((await machine.measure()).keys, 0);
  t.is(board.lines.length, 61);
  t.deepEqual(new Set(board.lines), new Set(['info 16']), 'four addresses of four hosts, each time');
  if (host.wordBits === 32) {
    t.true(kept <= MOST_KEPT_BYTES, `${kept} B`);
    t.true(allocated <= 4 * MOST_ALLOCATED_BYTES, `${allocated} B`);
  }
});
