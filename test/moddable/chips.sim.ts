import test, { type ExecutionContext } from 'ava';
import { buildForModdable } from '../../tools/moddable/bundle.ts';
import { type LinkedImage, linkForChip } from '../../tools/moddable/link.ts';
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
    t.true(image.bytes > 100_000, `${image.bytes}`);
    checkPartitions(t, image);
    // Each is an object in flash that could change, which costs memory; those left are mostly made by calls of functions.
    t.true(image.warnings.length <= 40, image.warnings.join('\n'));
  });
}

/** They lie one behind the other, apps on borders of 64 KB, within 4 MB. */
function checkPartitions(t: ExecutionContext, image: LinkedImage): void {
  const rows = image.partitions
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => line.split(',').map((field) => field.trim()));
  t.deepEqual(
    rows.map(([name]) => name),
    ['nvs', 'otadata', 'phy_init', 'ota_0', 'ota_1', 'xs', 'fractus'],
  );
  let end = 0x9000;
  for (const [name = '', type, , offset, size] of rows) {
    t.true(Number(offset) >= end, `${name} lies over what is before it`);
    t.is(Number(offset) % (type === 'app' ? 0x10000 : 0x1000), 0, name);
    end = Number(offset) + Number(size);
  }
  t.true(end <= 0x400000);
}
