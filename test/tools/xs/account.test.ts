// SPDX-License-Identifier: Apache-2.0

import test from 'ava';
import { allocatedBytes } from '../../../tools/xs/figures.ts';
import { createMachine, script, testOnXs } from '../../support/xs/harness.ts';

interface Case {
  readonly code: string;
  /** As on an ESP32: slots of 16 bytes, and chunk bytes of a 32-bit machine. */
  readonly slots: number;
  readonly chunkBytes: number;
}

/** What XS takes for everyday code; the same figures as the linker and XS of the Moddable SDK give. */
const CASES: readonly Case[] = [
  { code: '', slots: 0, chunkBytes: 0 },
  { code: 'for (let i = 0; i < 1000; i++);', slots: 0, chunkBytes: 0 },
  { code: 'keep = {}', slots: 1, chunkBytes: 0 },
  { code: 'keep = { a: 1, b: 2, c: 3 }', slots: 4, chunkBytes: 0 },
  { code: 'keep = []', slots: 2, chunkBytes: 0 },
  { code: 'for (const item of LIST);', slots: 8, chunkBytes: 0 },
  { code: 'for (let i = 0; i < LIST.length; i++);', slots: 0, chunkBytes: 0 },
  { code: 'keep = "abc"', slots: 0, chunkBytes: 12 },
  { code: 'keep = TEXT', slots: 0, chunkBytes: 0 },
  { code: 'count = TEXT.length', slots: 2, chunkBytes: 0 },
  { code: 'keep = new Uint8Array(64)', slots: 7, chunkBytes: 72 },
  { code: 'keep = BYTES.subarray(0, 4)', slots: 4, chunkBytes: 0 },
  { code: 'keep = new Map()', slots: 4, chunkBytes: 12 },
  { code: 'count = xsHost.ticks()', slots: 0, chunkBytes: 0 },
  { code: 'count = xsHost.call(61, 0, 0)', slots: 0, chunkBytes: 0 },
  { code: 'xsHost.send(64, 0, 0, 0, TEXT)', slots: 0, chunkBytes: 0 },
  // Collects garbage many times on the way.
  { code: 'for (let i = 0; i < 20000; i++) keep = { a: i, b: i, c: i };', slots: 80_000, chunkBytes: 0 },
  { code: 'for (let i = 0; i < 5000; i++) keep = new Uint8Array(100);', slots: 35_000, chunkBytes: 540_000 },
];

const PRELOAD = `
  const LIST = [1, 2], TEXT = 'hello', BYTES = new Uint8Array(8);
  let keep, count = 0;
  const cases = [${CASES.map(({ code }) => `() => { ${code} }`).join(',\n')}];
`;
const MAIN = `
  xsHost.listen({ event(op, id) { keep = undefined; cases[id](); } });
  for (let i = 0; i < ${CASES.length}; i++) xsHost.send(11, i, 0, 0);
`;

testOnXs('every byte is counted, however often garbage is collected', async (t, host) => {
  const { machine, board } = createMachine(t, { host, bundle: script(MAIN, PRELOAD) });
  await machine.boot();
  for (const [index, { code, slots, chunkBytes }] of CASES.entries()) {
    // The first time, XS makes its own copies of what is changed in flash.
    board.timers[index]?.();
    await machine.measure({ collect: true, mark: true });
    board.timers[index]?.();
    const figures = await machine.measure();
    t.is(figures.allocatedSlots, slots, `slots: ${code}`);
    t.is(figures.events, 1);
    // Chunks of a 64-bit machine have longer heads, and items of twice the size.
    if (host.wordBits === 32) t.is(figures.allocatedChunkBytes, chunkBytes, `chunks: ${code}`);
    else t.is(figures.allocatedChunkBytes > 0, chunkBytes > 0, `chunks: ${code}`);
    if (slots > 10_000) t.true(figures.collections > 0, code);
  }
});

testOnXs('byte codes and peaks are the same in every run', async (t, host) => {
  const seen: unknown[] = [];
  for (let run = 0; run < 2; run++) {
    const { machine, board } = createMachine(t, { host, bundle: script(MAIN, PRELOAD) });
    await machine.boot();
    await machine.measure({ collect: true, mark: true });
    for (const fire of board.timers) fire();
    seen.push(await machine.measure());
  }
  t.deepEqual(seen[0], seen[1]);
});

testOnXs('collecting tells what is live, the limits are those of an ESP32', async (t, host) => {
  const { machine } = createMachine(t, { host, bundle: script('globalThis.kept = new Array(100).fill(0);') });
  await machine.boot();
  const before = await machine.measure();
  const after = await machine.measure({ collect: true });
  t.true(after.slots <= before.slots);
  t.true(after.chunkBytes >= 100 * 16, `${after.chunkBytes}`);
  t.is(after.slotLimit, 4927);
  t.is(after.chunkByteLimit, host.wordBits === 32 ? 78_848 : 157_696);
  t.is(after.collections, 1);
});

testOnXs('a name that is made while running stays for ever, and is counted', async (t, host) => {
  const bundle = script(`xsHost.listen({ event() { ({})['name' + n++]; } }); xsHost.send(11, 0, 0, 0);`, 'let n = 0;');
  const { machine, board } = createMachine(t, { host, bundle });
  await machine.boot();
  const { keys } = await machine.measure();
  for (let i = 0; i < 10; i++) board.timers[0]?.();
  t.is((await machine.measure({ collect: true })).keys, keys + 10);
});

test('bytes are slots of 16 and chunks', (t) => {
  const figures = { allocatedSlots: 3, allocatedChunkBytes: 5 } as Parameters<typeof allocatedBytes>[0];
  t.is(allocatedBytes(figures), 53);
});
