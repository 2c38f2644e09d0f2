// SPDX-License-Identifier: Apache-2.0

import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import test from 'ava';
import { builtImage, forgetNames } from '../../../../tools/moddable/firmware/built.ts';

test('names of earlier builds are forgotten, and so is the image; all else that ESP-IDF has built is kept', (t) => {
  const output = mkdtempSync(path.join(tmpdir(), 'fractus-built-'));
  t.teardown(() => rmSync(output, { recursive: true }));
  forgetNames(output);
  const files = {
    'tmp/esp32/esp32c3/release/barn/modules/mc.xsi': false,
    'tmp/esp32/esp32c3/release/barn/Resource.c.o': false,
    'tmp/esp32/esp32c3/release/barn/xsProj-esp32c3/build/.bin_timestamp': false,
    'tmp/esp32/esp32c3/release/barn/xsProj-esp32c3/build/xs_esp32.bin': false,
    'tmp/esp32/esp32c3/release/barn/xsProj-esp32c3/build/xs_esp32.elf': true,
    'tmp/esp32/esp32c3/release/lib/xsAll.c.o': true,
    'bin/esp32/esp32c3/release/barn/xs_esp32.bin': true,
  };
  for (const name of Object.keys(files)) {
    mkdirSync(path.dirname(path.join(output, name)), { recursive: true });
    writeFileSync(path.join(output, name), '');
  }
  forgetNames(output);
  for (const [name, isKept] of Object.entries(files)) t.is(existsSync(path.join(output, name)), isKept, name);
});

test('an image is the one that was just built, or none', (t) => {
  const output = mkdtempSync(path.join(tmpdir(), 'fractus-built-'));
  t.teardown(() => rmSync(output, { recursive: true }));
  const none = { message: /^mcconfig has made no image/ };
  t.throws(() => builtImage(output, 0), none);
  const folder = path.join(output, 'bin/esp32/esp32c3/release/barn');
  mkdirSync(folder, { recursive: true });
  writeFileSync(path.join(folder, 'xs_esp32.bin'), 'abc');
  writeFileSync(path.join(folder, 'partition-table.bin'), '');
  t.throws(() => builtImage(output, 0), { message: 'the partition table has no slot for a firmware' });
  const row = Buffer.from('aa5000100000010000001000', 'hex');
  writeFileSync(path.join(folder, 'partition-table.bin'), Buffer.concat([row, Buffer.alloc(20)]));
  t.deepEqual(builtImage(output, Date.now()), { parts: new Map(), bytes: 3, slot: 1 << 20 });
  t.throws(() => builtImage(output, Date.now() + 60_000), none);
});
