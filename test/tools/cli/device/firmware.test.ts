// SPDX-License-Identifier: Apache-2.0
/** Firmware updates of virtual boards over real sockets, on Node and on XS: new code runs, and bad code does not. */

import test, { type ExecutionContext } from 'ava';
import { startEmulator } from 'fractus/emulator';
import { SLOT_BYTES } from '../../../../hal/node/slots.ts';
import { type Runtime, testOnRuntimes } from '../../../support/device.ts';
import { THOROUGH } from '../../../support/thorough.ts';
import { acting, createProject, deaf, FirmwareBoard, fileOf, OTHER_KEY, scriptOf, TELLS } from './firmware-scene.ts';

const emulator = await startEmulator();
const one = await scriptOf(createProject('1.0.0', TELLS('one')));
const two = acting(one, TELLS('two'));
const three = acting(one, TELLS('three'));
const crashing = acting(one, "board.hal.createTimer(() => { throw new Error('later'); }).start(1)");
const silent = acting(one, '0');
const unsigned = await scriptOf(createProject('2.0.0', TELLS('two'), '[restart, firmware]'));

test.after.always(() => emulator.close());

testOnRuntimes('new code is uploaded, runs, and the next one goes to the other slot', async (t, runtime) => {
  const board = await FirmwareBoard.create(t, { emulator, runtime, script: one });
  t.deepEqual(await board.update('2.0.0', fileOf({ version: '2.0.0', script: two })), ['SUCCESSFUL', '']);
  t.is(board.version, '2.0.0');
  t.deepEqual(await board.update('2.0.0', Buffer.from('x')), ['SUCCESSFUL', ''], 'what runs is there');
  t.deepEqual(await board.update('3.0.0', fileOf({ version: '3.0.0', script: three })), ['SUCCESSFUL', '']);
  t.is(board.version, '3.0.0');
  t.deepEqual(board.told, ['one', 'two', 'three']);
});

const good = fileOf({ version: '2.0.0', script: two });
const flipped = Buffer.from(good);
flipped[good.length - 1000] = (flipped[good.length - 1000] as number) ^ 1;
/** A signed head that says something else. */
const changed = Buffer.from(good.toString('latin1').replace('version 2.0.0', 'version 2.0.1'), 'latin1');
const script = (main: string) => `var bundle = { main() { ${main} }, start() { ${main} }, isSigned: () => true };`;
const DEAF = /^2\.0\.0 did not listen for operations \(software\): 1\.0\.0 is back$/;
const CRASHED = /^2\.0\.0 did not listen for operations \(panic\): 1\.0\.0 is back$/;

interface Bad {
  readonly what: string;
  readonly file: Buffer;
  readonly reason: RegExp;
  readonly version?: string;
  readonly only?: 'node';
  /** `npm test` tries it on XS, too. */
  readonly isSample?: boolean;
}

const of = (text: string) => fileOf({ version: '2.0.0', script: text });
const BAD: readonly Bad[] = [
  { what: 'throws while it is evaluated', file: of("throw new Error('boom');"), reason: CRASHED, isSample: true },
  { what: 'is no script', file: of('var bundle = ;'), reason: CRASHED },
  { what: 'has no main', file: of('var bundle = {};'), reason: CRASHED },
  { what: 'throws when it starts', file: of(script("throw new Error('boom');")), reason: CRASHED },
  { what: 'hangs while it is evaluated', file: of('for (;;);'), reason: CRASHED },
  { what: 'hangs when it starts', file: of(script('for (;;);')), reason: CRASHED, isSample: true },
  { what: 'crashes later', file: of(crashing), reason: CRASHED, isSample: true },
  { what: 'cannot connect', file: of(deaf(silent)), reason: DEAF },
  { what: 'takes unsigned firmware', file: of(unsigned), reason: CRASHED, only: 'node' },
];

/** Refused without a restart. */
const REFUSED: readonly Bad[] = [
  { what: 'is damaged', file: flipped, reason: /^the image is damaged: its SHA-256 differs$/ },
  {
    what: 'is too long',
    file: of(`${two}//${'x'.repeat(SLOT_BYTES)}`),
    reason: new RegExp(`^download: the image has \\d{7} bytes, and the board has room for ${SLOT_BYTES}$`),
  },
  {
    what: 'is for another product',
    file: fileOf({ version: '2.0.0', script: two, name: 'stable' }),
    reason: /^download: the firmware is for the product stable, not for greenhouse$/,
  },
  {
    what: 'is for a chip',
    file: fileOf({ version: '2.0.0', script: two, model: 'ESP32-C3' }),
    reason: /^download: the firmware is for ESP32-C3, not for ESP32 \(virtual\)$/,
  },
  {
    what: 'is not signed',
    file: fileOf({ version: '2.0.0', script: two, keys: [] }),
    reason: /^download: the firmware is not signed; this device needs a signature by .{8}$/,
  },
  {
    what: 'is signed by somebody else',
    file: fileOf({ version: '2.0.0', script: two, keys: [OTHER_KEY] }),
    reason: /^download: the firmware is signed by .{8}; this device needs a signature by .{8}$/,
  },
  {
    what: 'was changed after it was signed',
    file: changed,
    version: '2.0.1',
    reason: /^download: the signature is wrong: the head of the file was changed later$/,
  },
  ...[5, 200, 600, 5000, good.length - 1].map((at) => ({
    what: `is cut at byte ${at}`,
    file: good.subarray(0, at),
    reason: /^(?:the file is not a firmware: its head is incomplete|the file is cut short: \d+ bytes are missing)$/,
  })),
];

for (const { what, file, reason, only, isSample = false } of BAD) {
  if (!THOROUGH && !isSample) continue;
  const runtimes: readonly Runtime[] = only !== undefined ? [only] : ['node', 'xs'];
  const title = `firmware that ${what} comes back to the old one, and the next one is welcome`;
  const run = async (t: ExecutionContext, runtime: Runtime) => {
    const board = await FirmwareBoard.create(t, { emulator, runtime, script: one });
    const [status, why] = await board.update('2.0.0', file);
    t.is(status, 'FAILED');
    t.regex(why, reason);
    t.is(board.version, '1.0.0');
    t.deepEqual(new Set(board.told), new Set(['one']), 'no other code has told anything');
    t.deepEqual(await board.update('3.0.0', fileOf({ version: '3.0.0', script: three })), ['SUCCESSFUL', '']);
    t.is(board.version, '3.0.0');
  };
  testOnRuntimes(title, run, undefined, runtimes);
}

testOnRuntimes('what is refused does not even restart the board', async (t, runtime) => {
  const board = await FirmwareBoard.create(t, { emulator, runtime, script: one });
  for (const { what, file, reason, version = '2.0.0' } of REFUSED) {
    const [status, why] = await board.update(version, file);
    t.is(status, 'FAILED', what);
    t.regex(why, reason, what);
  }
  t.deepEqual(board.told, ['one']);
  t.is(board.version, '1.0.0');
  t.deepEqual(await board.update('3.0.0', fileOf({ version: '3.0.0', script: three })), ['SUCCESSFUL', '']);
  t.is(board.version, '3.0.0');
});

testOnRuntimes('a power cut on the way costs nothing but time', async (t, runtime) => {
  const board = await FirmwareBoard.create(t, { emulator, runtime, script: one });
  const operation = board.order('2.0.0', good);
  for (let i = 0; i < 3; i++) {
    await new Promise((resolve) => setTimeout(resolve, 150 * i));
    board.device.cutPower();
    board.device.start();
  }
  await board.ended(operation);
  t.is(operation.status, 'SUCCESSFUL', operation.failureReason);
  t.is(board.version, '2.0.0');
});
