// SPDX-License-Identifier: Apache-2.0

import { readFileSync } from 'node:fs';
import test from 'ava';
import { buildForModdable } from '../../tools/moddable/bundle.ts';
import { imageTable, misfit, narrow } from '../../tools/moddable/image.ts';
import { linkForChip } from '../../tools/moddable/link.ts';
import { TABLES } from '../../tools/moddable/partitions.ts';
import { estimate } from '../../tools/moddable/size-model.ts';
import { directory, sdk } from './bench.ts';

interface Chip {
  readonly platform: string;
  readonly chip: string;
  /** As xsl takes it: chunks, slots, stack and the block that holds all of them, where there is one. */
  readonly creation: {
    readonly chunks: number;
    readonly slots: number;
    readonly stack: number;
    readonly block: number;
  };
}

const LARGE = { chunks: 78_848, slots: 4928, stack: 768, block: 0 };
const SMALL = { chunks: 1536, slots: 512, stack: 640, block: 106_496 };

const CHIPS: readonly Chip[] = [
  { platform: 'esp32/nodemcu', chip: 'esp32', creation: LARGE },
  { platform: 'esp32/esp32s3', chip: 'esp32s3', creation: LARGE },
  { platform: 'esp32/esp32c3', chip: 'esp32c3', creation: SMALL },
  { platform: 'esp32/xiao_esp32c3', chip: 'esp32c3', creation: SMALL },
  { platform: 'esp32/lolin_c3mini', chip: 'esp32c3', creation: SMALL },
  { platform: 'esp32/esp32c6', chip: 'esp32c6', creation: LARGE },
  { platform: 'esp32/m5nanoc6', chip: 'esp32c6', creation: LARGE },
];

test.before(async () => {
  await buildForModdable();
});

for (const { platform, chip, creation } of CHIPS) {
  test.serial(`${platform}: flattened, resolved, compiled, linked with creation, preload and strip`, async (t) => {
    const image = await linkForChip({ sdk, platform, output: directory(`link-${chip}`) });
    t.regex(image.makefile, new RegExp(`^ESP32_SUBCLASS = ${chip}$`, 'm'));
    const numbers = /^CREATION = -c (.*)$/m.exec(image.makefile)?.[1]?.split(',').map(Number) ?? [];
    t.is(numbers[0], creation.chunks);
    t.is(numbers[2], creation.slots);
    t.is(numbers[4], creation.stack);
    t.is(numbers[11], creation.block);
    // A mod may use what the firmware does not.
    const strips = [...image.makefile.matchAll(/^\t-s "(.*?)"/gm)].map(([, name]) => name);
    t.true(strips.includes('eval') && !strips.includes('*'), strips.join());
    t.true(image.defines.includes('#define MODDEF_XS_MODS'), 'the engine maps them');
    t.true(image.defines.includes('#define MODDEF_XS_ABORTHOOK (1)'), 'it says why it gives up');
    t.notRegex(image.config, /"rainbow": true/, 'the show of the SDK waits for ever where the light does not answer');
    for (const module of [
      'fractus/board',
      'fractus/platform',
      'crypt',
      'curve',
      'ec',
      'ecp',
      'modular',
      'mont',
      'rsa',
    ]) {
      t.regex(image.makefile, new RegExp(`-p ${module}\\.xsb`), `${module} lies in flash`);
    }
    // Of the SDK's TLS, only the arithmetic: no server reaches anything else.
    t.notRegex(image.makefile, /crypt\/(ssl\/|etc\/(?!curve|rsa))\w+\.js/);
    t.notRegex(image.makefile, /setup\/network/, 'the set-up that waits for ever is not in it');
    t.is(image.partitions, readFileSync(TABLES[4] as string, 'utf8'));
    const size = estimate(image.code, image.partitions, image.chip);
    t.log(imageTable(size).join('\n'));
    t.is(misfit(size), undefined);
    // What was measured of a C3 says nothing of the code of the S3; that of the C6 leaves a twentieth.
    if (chip === 'esp32c3' || chip === 'esp32') t.is(narrow(size), undefined);
    if (chip === 'esp32c6') t.true(size.slot - size.bytes >= size.slot / 20, narrow(size));
    t.is(size.slot, 1_966_080);
    t.true((size.parts.get('certificates and other files') ?? 0) < 40_000);
    // Each is an object in flash that could change, which costs memory; those left are mostly made by calls of functions.
    t.true(image.warnings.length <= 20, image.warnings.join('\n'));
  });
}
