// SPDX-License-Identifier: Apache-2.0

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { readProbe, unfit } from '../../../../tools/cli/board/plugged.ts';
import { readFirmware } from '../../../../tools/image/flash-image.ts';
import { firmwareFiles } from '../../../support/firmware-files.ts';

/** Of esptool 5.6. */
const SAID = `esptool v5.6.0
Connected to ESP32-C3 on /dev/ttyACM0:
Chip type:          ESP32-C3 (QFN32) (revision v0.0)
Features:           Wi-Fi, BT 5 (LE), Single Core, 160MHz

Flash Memory Information:
=========================
Manufacturer: 20
Detected flash size: 4MB

Hard resetting via RTS pin...
`;

test('what esptool says, of 5 and of 4', (t) => {
  t.deepEqual(readProbe(SAID), { chip: 'ESP32-C3', flashBytes: 4 << 20 });
  for (const [name, chip] of [
    ['ESP32-D0WD-V3 (revision v3.1)', 'ESP32'],
    ['ESP32-PICO-D4', 'ESP32'],
    ['ESP32-U4WDH (revision v3.0)', 'ESP32'],
    ['ESP32-S3 (QFN56) (revision v0.2)', 'ESP32-S3'],
    ['ESP32-C6FH4 (QFN32)', 'ESP32-C6'],
    ['ESP32-C61 (QFN40)', 'ESP32-C61'],
  ] as const) {
    t.deepEqual(readProbe(`Chip is ${name}\nDetected flash size: 512KB\n`), { chip, flashBytes: 512 << 10 }, name);
  }
  t.is(readProbe(''), undefined);
  t.is(readProbe(SAID.replace('4MB', 'Unknown')), undefined);
});

function firmware(t: ExecutionContext, chip: number) {
  const directory = mkdtempSync(path.join(tmpdir(), 'fractus-plugged-'));
  t.teardown(() => rmSync(directory, { recursive: true }));
  for (const [name, content] of Object.entries(firmwareFiles(chip))) writeFileSync(path.join(directory, name), content);
  return readFirmware(directory);
}

test('an image for another chip, or a flash that is too small, is told before anything is written', (t) => {
  const board = { chip: 'ESP32-C3', flashBytes: 4 << 20 };
  t.is(unfit(board, firmware(t, 5)), undefined);
  t.regex(unfit(board, firmware(t, 0)) ?? '', /for an ESP32, but the board is an ESP32-C3/);
  t.regex(
    unfit({ ...board, flashBytes: 2 << 20 }, firmware(t, 5)) ?? '',
    /ends at 4005888, and this board has .* 2097152/,
  );
});
