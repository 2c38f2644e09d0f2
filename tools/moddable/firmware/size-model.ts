// SPDX-License-Identifier: Apache-2.0
/** Estimates the size of an image from the SDK's results alone, without a compiler or ESP-IDF. */

import type { ImageSize } from './image.ts';
import { readPartitions, slotBytes } from './partitions.ts';

/** C code of the SDK's linker (xsl) and resource tool (mcrez). */
export interface LinkedCode {
  readonly modules: string;
  readonly resources: string;
}

const SLOT_BYTES = 16;
const ADDRESS_BYTES = 4;
/** Size of an `xsHostBuilder`. */
const BUILDER_BYTES = 12;
/** Size of the engine's tables from xsl, and of the functions between C and JavaScript. */
const TABLES_BYTES = 8600;

/** Size of preloaded slots, names, byte code and texts. */
export function javaScriptBytes({ modules }: Pick<LinkedCode, 'modules'>): number {
  const count = (name: string) => Number(new RegExp(`^#define mx${name}Count (\\d+)`, 'm').exec(modules)?.[1] ?? 0);
  const slots = count('Heap') + count('Stack');
  const addresses = ['Keys', 'Names', 'Symbols', 'BigInt', 'RegExp'].reduce((sum, name) => sum + count(name), 0);
  const builders = Number(/gxBuilders\[(\d+)\]/.exec(modules)?.[1] ?? 0);
  let code = 0;
  for (const [, bytes] of modules.matchAll(/ gxCode\d+\[(\d+)\];/g)) code += Number(bytes);
  return (
    slots * SLOT_BYTES + addresses * ADDRESS_BYTES + builders * BUILDER_BYTES + code + literals(modules) + TABLES_BYTES
  );
}

/** Size of preloaded byte code and texts, which are C literals: equal ones count once, with a zero, aligned to four. */
function literals(text: string): number {
  const different = new Set<string>();
  for (const [, literal = ''] of text.matchAll(/"((?:[^"\\]|\\.)*)"/g)) different.add(literal);
  let bytes = 0;
  for (const each of different) {
    const length = each.replace(/\\x[0-9a-fA-F]{2}|\\[0-7]{1,3}|\\./g, '.').length + 1;
    bytes += (length + 3) & ~3;
  }
  return bytes;
}

export function resourceBytes({ resources }: Pick<LinkedCode, 'resources'>): number {
  return resources.match(/\b0x[0-9a-f]{2}\b/g)?.length ?? 0;
}

/**
 * Measured size of everything else by chip, with our settings of ESP-IDF 6.0 and the SDK 8.2.3, compiled by GCC 12 for
 * RISC-V and GCC 13 for Xtensa, with Espressif's C library and lwIP. The Wi-Fi libraries of the ESP32-C6 alone are 65
 * KB larger.
 */
const ELSE_BYTES: Readonly<Record<string, number>> = {
  esp32: 1_040_013,
  esp32s3: 1_041_270,
  esp32c3: 1_058_244,
  esp32c6: 1_136_269,
};
/** The chip used for unmeasured ones. */
const OTHERS = 'esp32c3';

/** @param partitions the partition table, as text @param chip its name in ESP-IDF */
export function estimate(code: LinkedCode, partitions: string, chip: string = OTHERS): ImageSize {
  const known = chip in ELSE_BYTES ? chip : OTHERS;
  const name = known.toUpperCase().replace(/^ESP32(?=.)/, 'ESP32-');
  const parts = new Map([
    ['JavaScript', javaScriptBytes(code)],
    ['certificates and other files', resourceBytes(code)],
    [`engine, SDK and ESP-IDF, as on an ${name}`, ELSE_BYTES[known] ?? 0],
  ]);
  const bytes = [...parts.values()].reduce((sum, each) => sum + each, 0);
  return { parts, bytes, slot: slotBytes(readPartitions(partitions)) };
}
