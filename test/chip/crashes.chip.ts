// SPDX-License-Identifier: Apache-2.0
/** An emulated chip whose app does wrong. */

import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import test, { type ExecutionContext } from 'ava';
import { alarmsOf } from '../../tools/platform/operator.ts';
import { DeviceProcess, FRACTUS } from '../support/device-process.ts';
import { until } from '../support/until.ts';
import { Board, buildImage, directory, type Firmware, qemu } from './bench.ts';
import { writeDeeds } from './deeds.ts';
import { DEVICE, PATIENCE_MS, start, withWifi } from './scene.ts';

/** What a decoder of backtraces begins with, on RISC-V and on Xtensa. */
const REGISTERS = /^(?:MEPC|Backtrace) *:/;
/** What a chip prints first at each start: a C3, or an ESP32. */
const ROM = /^(?:ESP-ROM:|ets )/;
/**
 * What runs the byte code of an endless loop: on RISC-V the task of the engine, which stands in no register, and which
 * only GDB finds on the stack; on Xtensa a function of XS in the backtrace that the chip prints.
 */
const RUNS = qemu.chip.name === 'ESP32' ? /\bfxRun\w*/ : /^#\d+ .*\bloop_task\b/m;
/** In real time. */
const TRANSLATION_MS = 300_000;

let firmware: Firmware;

test.before(async () => {
  firmware = await buildImage(writeDeeds('1.0.0'));
});

withWifi('an app that throws: the third crash in a row, and the board can be reached without it', async (t) => {
  const { platform, board, id } = await start(t, firmware, { config: { acme_deed: '1.0.0 throw' } });
  const { chip } = board;
  await board.line(/the last starts have crashed \(panic\): this one does without the app/);
  await board.line(/listening for operations/);
  t.is(chip.lines.filter((line) => line === 'error: no such part').length, 3);
  await until(
    () => alarmsOf(platform, id()).some(({ fragments }) => fragments['type'] === 'fractus_SafeMode'),
    'no alarm',
    PATIENCE_MS,
  );
  await board.ask('set acme_deed nothing', /^kept/);
  const from = chip.lines.length;
  chip.type('restart');
  await board.line(/^info: deeds 1\.0\.0/, from);
  await board.line(/listening for operations/, from);
  t.deepEqual(platform.breaches, []);
});

/** A board without a network whose app does this. */
function alone(t: ExecutionContext, deed: string): Board {
  const board = new Board(t, firmware, { url: 'http://192.168.4.2', deviceId: DEVICE, acme_deed: `1.0.0 ${deed}` });
  board.chip.powerOn();
  return board;
}

test.serial(
  'without a network: crashes are counted over restarts, and the third start does without the app',
  async (t) => {
    const board = alone(t, 'throw');
    const { chip } = board;
    const at = await board.line(/the last starts have crashed \(panic\): this one does without the app/);
    t.is(chip.lines.filter((line) => line === 'error: no such part').length, 3);
    await board.ask('status', /^firmware +deeds 1\.0\.0/);
    await board.ask('set acme_deed nothing', /^kept/);
    chip.type('restart');
    await board.line(/^info: deeds 1\.0\.0/, at);
  },
);

/** What `fractus monitor` prints for this output of a board. */
async function monitored(t: ExecutionContext, output: string, enough: RegExp): Promise<string> {
  const server = createServer((socket) => {
    socket.on('error', () => {});
    socket.resume().write(Buffer.from(output, 'latin1'));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => server.close());
  const port = `socket://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const project = directory('projects/deeds');
  const args = ['monitor', '--project', project, '--port', port];
  const monitor = new DeviceProcess(t, { command: FRACTUS, args, group: true });
  // With that of ESP-IDF, whose connection would keep this process alive.
  t.teardown(() => process.kill(-monitor.pid, 'SIGKILL'));
  await until(
    () => enough.test(monitor.output),
    () => monitor.output,
    TRANSLATION_MS,
  );
  return monitor.output;
}

test.serial(
  'an app that never ends: the watchdog says so and restarts the chip; the monitor names functions',
  async (t) => {
    const board = alone(t, 'spin');
    const at = await board.line(/^Task watchdog got triggered/);
    await board.line(REGISTERS, at);
    await board.line(/^info: fractus .*, start 2 \(watchdog\)/, at);
    const { lines } = board.chip;
    const panic = lines.slice(
      at - 1,
      lines.findIndex((line, number) => number > at && ROM.test(line)),
    );
    const text = await monitored(t, `${panic.join('\r\n')}\r\n`, RUNS);
    t.notRegex(text, /are not translated/);
    t.log(text.slice(-3000));
  },
);

test.serial('an app that takes all memory: the engine says so, and it is a crash', async (t) => {
  const board = alone(t, 'fill');
  const at = await board.line(/memory full|not enough/i);
  await board.line(/^info: fractus .*, start 2 \(panic\)/, at);
  t.pass();
});
