// SPDX-License-Identifier: Apache-2.0

import { buildBundle } from '../../../../tools/build.ts';
import { createMachine, testOnXs } from '../../../support/xs/harness.ts';
import { FLIGHTS, ROOT, records } from './flights.ts';

const NONE = './test/hal/esp32/tls/sdk/none.ts';
const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');
const modules = ['crypt', 'curve', 'ecp', 'modular', 'rsa', 'Resource'];
/** XS itself takes as much to start; xs-flights.ts fills most of it afterwards. */
const SLOTS = 1600;
const CHUNK_BYTES = 30_500;
/**
 * What is left, 28 KB: less than a C3 with a registered device and an open connection leaves of three quarters of its heap
 * (docs/memory.md). The byte code of this test is in these chunks, too: on a chip it is in flash.
 */
const FREE_SLOTS = 880;
const FREE_CHUNK_BYTES = 14_500;
/** A fifth of what a watchdog of five seconds lets through; 1,108,143 when this was written. */
const MOST_BYTE_CODES = 2_000_000;

const bundle = await buildBundle({
  entry: 'test/hal/esp32/tls/xs-flights.ts',
  outfile: 'build/test/flights.xs.js',
  define: {
    BALLAST_SLOTS: String(SLOTS - FREE_SLOTS),
    BALLAST_BYTES: String(CHUNK_BYTES - FREE_CHUNK_BYTES),
    ROOT_HEX: JSON.stringify(hex(new Uint8Array(ROOT))),
    ...Object.fromEntries(
      Object.values(FLIGHTS).map((each, at) => [`FLIGHT_${at}`, JSON.stringify(hex(records(each, 512)))]),
    ),
  },
  alias: Object.fromEntries(modules.map((name) => [name, NONE])),
});

testOnXs('the cost of an unknown server is bounded: heap, byte codes, signatures', async (t, host) => {
  // Chunks are larger with words of 64 bits; it must not fail where a chip would not.
  const limits = { slots: SLOTS, chunkBytes: host.wordBits === 64 ? 2 * CHUNK_BYTES : CHUNK_BYTES };
  const { machine, board } = createMachine(t, { host, bundle: bundle.path, limits });
  await machine.boot();
  await machine.settle();
  for (const [id, name] of Object.keys(FLIGHTS).entries()) {
    await machine.measure({ collect: true, mark: true });
    board.timers[id]?.();
    await machine.settle();
    const { byteCodes, keys } = await machine.measure();
    const said = board.lines[id] ?? '';
    t.true(byteCodes <= MOST_BYTE_CODES, `${name}: ${byteCodes} byte codes`);
    t.is(keys, 0, `${name}: names that are kept for ever`);
    t.notRegex(said, /message 11/, `${name}: it is not even read`);
    t.true(Number(/info (\d+)/.exec(said)?.[1]) <= 8, said);
  }
});
