// SPDX-License-Identifier: Apache-2.0
/** What an emulated chip shows without a network. */

import { crc32 } from 'node:zlib';
import test from 'ava';
import { nvsPartition } from '../../tools/image/nvs.ts';
import { narrow } from '../../tools/moddable/firmware/image.ts';
import { estimate } from '../../tools/moddable/firmware/size-model.ts';
import { linkForChip } from '../../tools/moddable/link.ts';
import { MAC } from '../../tools/moddable/qemu.ts';
import { improvClient } from '../support/improv-client.ts';
import { BOARD, Board, buildImage, directory, type Firmware, qemu, sdk } from './bench.ts';

/** Where the console can be typed at, whatever is set. */
const STARTED = new RegExp(`^info: fractus .* on ${qemu.chip.name} ${MAC}, start (\\d+) \\(([\\w-]+)\\)`);
/** A line of `status`. */
const DESCRIBED = new RegExp(`^board +${qemu.chip.name} ${qemu.chip.revision.replace('.', '\\.')}, ${MAC}`);

/** Of Improv: Wi-Fi can be set. */
const READY = 2;
/** As NVS of ESP-IDF has them. */
const PAGE_BYTES = 4096;
const FULL = 0xffff_fffc;

const NVS_LOST = /^error: NVS could not read its partition/;

let firmware: Firmware;

test.before(async () => {
  firmware = await buildImage();
});

test.serial('a tenth of the slot is free, as the estimate without ESP-IDF has said', async (t) => {
  t.is(narrow(firmware.size), undefined);
  const { code, partitions, chip } = await linkForChip({ sdk, platform: BOARD, output: directory('linked') });
  const estimated = estimate(code, partitions, chip).bytes;
  const share = estimated / firmware.size.bytes - 1;
  t.log(`image ${firmware.size.bytes} bytes, estimate ${(share * 100).toFixed(2)} % off`);
  t.true(Math.abs(share) < 0.03, `${estimated} bytes estimated, ${firmware.size.bytes} built`);
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
    await board.ask('status', DESCRIBED);
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

test.serial('Improv, on the same line: a page learns what the board is', async (t) => {
  const board = new Board(t, firmware, { deviceId: 'barn' });
  board.chip.powerOn();
  // The last that it says of itself: nothing else comes between.
  await board.line(/^error: wifiName: not set/);
  const client = improvClient(board.port);
  t.teardown(() => client.close());
  const { chipFamily, name } = await client.initialize(60_000);
  t.deepEqual({ chipFamily, name, state: client.state }, { chipFamily: qemu.chip.name, name: 'barn', state: READY });
  await board.ask('status', DESCRIBED);
});

test.serial('NVS that is full: the console says that it cannot keep anything, and the board goes on', async (t) => {
  const board = new Board(t, firmware);
  const { bytes } = board.partition('nvs');
  const values = Object.fromEntries(Array.from({ length: 5 }, (_, i) => [`v${i}`, new Uint8Array(3900).fill(i)]));
  board.put('nvs', nvsPartition({ other: values }, bytes));
  board.chip.powerOn();
  await board.line(/^error: url: missing/);
  await board.ask(`set name ${'x'.repeat(1000)}`, /^the flash refuses it: nothing has changed/);
  await board.ask('status', /^store +about \d+ bytes free/);
  t.pass();
});

/** What a chip prints first at each start: a C3, or an ESP32. */
const ROM = /^(?:ESP-ROM:|ets )/gm;

/** Pages of NVS without an entry that are never written again. @param version as it stands on flash: 0xfe is the second */
function fullPages(bytes: number, version: number): Uint8Array {
  const pages = Buffer.alloc(bytes, 0xff);
  for (let at = 0; at < bytes; at += PAGE_BYTES) {
    pages.writeUInt32LE(FULL, at);
    pages.writeUInt32LE(at / PAGE_BYTES, at + 4);
    pages[at + 8] = version;
    pages.writeUInt32LE(crc32(pages.subarray(at + 4, at + 28), 0xffff_ffff), at + 28);
  }
  return pages;
}

for (const [what, version] of [
  ['full of the values of another firmware', 0xfe],
  ['written by a newer ESP-IDF', 0xfd],
] as const) {
  test.serial(`NVS that cannot be opened, ${what}: erased, the console says so, and the board goes on`, async (t) => {
    const board = new Board(t, firmware);
    board.put('nvs', fullPages(board.partition('nvs').bytes, version));
    board.chip.powerOn();
    await board.line(NVS_LOST);
    const from = await board.line(/^error: url: missing/);
    t.is(board.chip.text.match(ROM)?.length, 1, 'it did not start again and again');
    await board.ask('set name Again', /^kept/);
    board.chip.type('restart');
    await board.line(/^error: url: missing/, from);
    t.is(board.chip.lines.slice(from).filter((line) => NVS_LOST.test(line)).length, 0);
  });
}

for (const content of ['erased', 'zeros', 'noise'] as const) {
  for (const name of ['nvs', 'otadata', 'xs', 'fractus'] as const) {
    test.serial(`the partition ${name}, ${content}: the board comes up, and says what it has lost`, async (t) => {
      const board = new Board(t, firmware, { url: 'http://192.168.4.2:9', deviceId: 'barn' });
      const fill = { erased: () => 0xff, zeros: () => 0, noise: (_: unknown, i: number) => (i * i * 31 + 7) & 0xff };
      board.put(name, Uint8Array.from({ length: board.partition(name).bytes }, fill[content]));
      board.chip.powerOn();
      // With a url, records and mods are looked for.
      await board.line(name === 'nvs' ? /^error: url: missing/ : STARTED, 0, 60_000);
      await board.line(/^error: wifiName: not set/);
      await board.ask('status', /^store +about \d+ bytes free/);
      const said = (pattern: RegExp) => board.chip.lines.some((line) => pattern.test(line));
      t.is(said(NVS_LOST), name === 'nvs' && content !== 'erased');
      t.is(said(/^warn: flash for records: unreadable/), name === 'fractus' && content !== 'erased');
    });
  }
}
