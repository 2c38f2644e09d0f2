// SPDX-License-Identifier: Apache-2.0
/** What an emulated chip shows without a network. */

import test from 'ava';
import { nvsPartition } from '../../tools/image/nvs.ts';
import { MAC } from '../../tools/moddable/qemu.ts';
import { Board, buildImage, type Firmware, qemu } from './bench.ts';

/** Where the console can be typed at, whatever is set. */
const STARTED = new RegExp(`^info: fractus .* on ${qemu.chip.name} ${MAC}, start (\\d+) \\(([\\w-]+)\\)`);
/** A line of `status`. */
const BOARD = new RegExp(`^board +${qemu.chip.name} ${qemu.chip.revision.replace('.', '\\.')}, ${MAC}`);

let firmware: Firmware;

test.before(async () => {
  firmware = await buildImage();
});

test.serial('the image fits its slot', (t) => {
  t.true(firmware.size.bytes < firmware.size.slot);
});

test.serial('a board with nothing set says what is missing, in lines that end as they should', async (t) => {
  const board = new Board(t, firmware);
  board.chip.powerOn();
  await board.line(/^error: url: missing/);
  const ours = board.chip.text.slice(board.chip.text.indexOf('error:'));
  t.regex(ours, /\r\n/);
  t.notRegex(ours, /\r\r|[^\r]\n/);
});

test.serial(
  'the console: what is set lasts over a restart and over a power cut, and is forgotten as asked',
  async (t) => {
    const board = new Board(t, firmware, { url: 'http://192.168.4.2:9', name: 'From the factory' });
    const { chip } = board;
    chip.powerOn();
    t.regex(chip.lines[(await board.line(STARTED)) - 1] ?? '', /start 1 \(power-on\)/);
    await board.ask('set type acme_barn', /^kept; "restart" uses it/);
    await board.ask('wifiPassword=hunter2-hunter2', /^kept/);
    await board.ask('set url ftp://x', /url: "ftp:\/\/x" is not allowed/);
    t.regex(chip.lines[(await board.ask('restart', STARTED)) - 1] ?? '', /start 2 \(software\)/);
    await board.ask('show', /^type=acme_barn \(this board\)/);
    await chip.powerOff();
    const cut = chip.lines.length;
    chip.powerOn();
    t.regex(chip.lines[(await board.line(STARTED, cut)) - 1] ?? '', /start 3 \(power-on\)/);
    await board.ask('show', /^wifiPassword=\(set, not shown\) \(this board\)/);
    await board.ask('status', BOARD);
    await board.line(/^memory +\d+ bytes free, \d+ in one piece/);

    t.regex(chip.lines[(await board.ask('reset settings yes', STARTED)) - 1] ?? '', /start 4 \(software\)/);
    const settings = chip.lines.length;
    await board.ask('show', /^name=From the factory \(firmware\)/);
    t.regex(chip.lines[(await board.ask('reset all yes', STARTED)) - 1] ?? '', /start 1 \(software\)/);
    await board.ask('show', /^name=From the factory \(firmware\)/);
    t.false(chip.lines.slice(settings).some((line) => line.startsWith('type=acme')));
    t.notRegex(chip.text, /hunter2/);
  },
);

test.serial('Improv, on the same line', async (t) => {
  const board = new Board(t, firmware, { deviceId: 'barn' });
  board.chip.powerOn();
  // The last that it says of itself: nothing else comes between.
  await board.line(/^error: wifiName: not set/);
  const from = board.chip.text.length;
  board.chip.send(Buffer.from('494d50524f5601030203 00e6 0a'.replaceAll(' ', ''), 'hex'));
  await board.line(new RegExp(`^IMPROV\u0001\u0004.*${qemu.chip.name}\u0004barn`, 's'));
  t.is(board.chip.text.slice(from).indexOf('IMPROV'), 1);
});

test.serial('NVS that is full: the console says that it cannot keep anything, and the board goes on', async (t) => {
  const board = new Board(t, firmware);
  const { bytes } = board.partition('nvs');
  const values = Object.fromEntries(Array.from({ length: 5 }, (_, i) => [`v${i}`, new Uint8Array(3900).fill(i)]));
  board.put('nvs', nvsPartition({ other: values }, bytes));
  board.chip.powerOn();
  await board.line(/^error: url: missing/);
  await board.ask(`set name ${'x'.repeat(1000)}`, /^the flash does not take it: nothing has changed/);
  await board.ask('status', /^store +about \d+ bytes free/);
  t.pass();
});

for (const content of ['erased', 'zeros', 'noise'] as const) {
  for (const name of ['nvs', 'otadata', 'xs', 'fractus'] as const) {
    test.serial(`the partition ${name}, ${content}: the board comes up`, async (t) => {
      const board = new Board(t, firmware);
      const fill = { erased: () => 0xff, zeros: () => 0, noise: (_: unknown, i: number) => (i * i * 31 + 7) & 0xff };
      board.put(name, Uint8Array.from({ length: board.partition(name).bytes }, fill[content]));
      board.chip.powerOn();
      await board.line(/^error: url: missing/, 0, 60_000);
      await board.ask('status', /^store +about \d+ bytes free/);
      t.pass();
    });
  }
}
