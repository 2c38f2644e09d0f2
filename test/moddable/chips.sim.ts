// SPDX-License-Identifier: Apache-2.0

import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import test from 'ava';
import { buildForModdable, buildProject } from '../../tools/moddable/bundle.ts';
import { imageTable, misfit, narrow } from '../../tools/moddable/firmware/image.ts';
import { TABLES } from '../../tools/moddable/firmware/partitions.ts';
import { estimate } from '../../tools/moddable/firmware/size-model.ts';
import { linkForChip } from '../../tools/moddable/link.ts';
import { ROOT } from '../../tools/places.ts';
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
  { platform: 'esp32/esp32_thing', chip: 'esp32', creation: LARGE },
  { platform: 'esp32/esp32s3', chip: 'esp32s3', creation: LARGE },
  { platform: 'esp32/esp32c3', chip: 'esp32c3', creation: SMALL },
  { platform: 'esp32/xiao_esp32c3', chip: 'esp32c3', creation: SMALL },
  { platform: 'esp32/lolin_c3mini', chip: 'esp32c3', creation: SMALL },
  { platform: 'esp32/esp32c6', chip: 'esp32c6', creation: LARGE },
  { platform: 'esp32/m5nanoc6', chip: 'esp32c6', creation: LARGE },
];

/** What SPI and the two that count pulses are made of. */
const SDK_BUSES = ['io/pulsecount/esp32/_pulsecount.js', 'io/pulsewidth/esp32/_pulsewidth.js', 'io/spi/spi.js'];
const STAND_INS = ['buses/pulsecount.js', 'buses/pulsewidth.js', 'buses/spi.js'];

/** Without them, nobody learns why a board fails, or it fails for ever. The SDK has others, and not the same for each chip. */
const SETTINGS: Readonly<Record<string, string>> = {
  BOOTLOADER_APP_ROLLBACK_ENABLE: 'y',
  BOOTLOADER_SKIP_VALIDATE_ALWAYS: '',
  ESP_CONSOLE_NONE: '',
  ESP_CONSOLE_SECONDARY_USB_SERIAL_JTAG: 'y',
  ESP_CONSOLE_UART_DEFAULT: 'y',
  ESP_SYSTEM_PANIC_GDBSTUB: '',
  ESP_SYSTEM_PANIC_PRINT_REBOOT: 'y',
  ESP_TASK_WDT_EN: 'y',
  ESP_TASK_WDT_INIT: 'y',
  ESP_TASK_WDT_PANIC: 'y',
};

/** What ESP-IDF takes: of a name that stands there twice, the last. `n` and nothing are the same. */
function settingsIn(lines: string): Readonly<Record<string, string>> {
  const all = lines.matchAll(/^CONFIG_(\w+)=(.*)$/gm);
  return Object.fromEntries([...all].map(([, name = '', value = '']) => [name, value === 'n' ? '' : value]));
}

function busesIn(makefile: string): string[] {
  const files = makefile.match(/\b(?:io|buses)\/(?:spi|pulsecount|pulsewidth)\S*\.js\b/g) ?? [];
  return [...new Set(files)].sort();
}

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
    t.deepEqual(busesIn(image.makefile), platform === 'esp32/esp32_thing' ? SDK_BUSES : STAND_INS);
    t.like(settingsIn(image.settings), SETTINGS);
    t.is(image.partitions, readFileSync(TABLES[4] as string, 'utf8'));
    const size = estimate(image.code, image.partitions, image.chip);
    t.log(imageTable(size).join('\n'));
    t.is(misfit(size), undefined);
    t.is(narrow(size), undefined);
    t.is(size.slot, 1_966_080);
    t.true((size.parts.get('certificates and other files') ?? 0) < 40_000);
    // Each is an object in flash that could change, which costs memory; those left are mostly made by calls of functions.
    t.true(image.warnings.length <= 20, image.warnings.join('\n'));
  });
}

test.serial('who imports SPI has that of the SDK, whatever its manifest says', async (t) => {
  const project = directory('spi');
  const files = {
    'manifest.json': JSON.stringify({
      include: ['./build/fractus/manifest.json'],
      creation: { main: 'main' },
      modules: { main: './build/main' },
      preload: ['main'],
    }),
    'package.json': '{ "name": "spi", "version": "1.0.0", "type": "module" }',
    'main.ts': `import SPI from 'embedded:io/spi';
import { start } from 'fractus/board';
import { thermocouple } from 'fractus/spi';
export default () =>
  start((device) => void device, { sensors: { oven: thermocouple({ io: SPI, clock: 6, in: 2, select: 3 }) } });`,
  };
  for (const [name, text] of Object.entries(files)) writeFileSync(path.join(project, name), text);
  await buildForModdable(project);
  await buildProject(project);
  for (const platform of ['esp32/esp32c6', 'esp32/esp32c3']) {
    const image = await linkForChip({ sdk, platform, output: directory('link-spi'), project });
    t.deepEqual(busesIn(image.makefile), SDK_BUSES);
    t.regex(image.code.modules, /xs_spi_constructor/);
    t.is(misfit(estimate(image.code, image.partitions, image.chip)), undefined);
  }
});

test.serial('a project of others that includes the package has all buses, whatever uses them', async (t) => {
  const project = directory('others');
  const includes = ['manifest.json', 'firmware.json'].map((name) => path.join(ROOT, name));
  for (const [include, buses] of [
    [includes[0], SDK_BUSES],
    [includes[1], STAND_INS],
  ]) {
    writeFileSync(path.join(project, 'manifest.json'), JSON.stringify({ include }));
    const image = await linkForChip({ sdk, platform: 'esp32/esp32c3', output: directory('link-others'), project });
    t.deepEqual(busesIn(image.makefile), buses);
  }
});
