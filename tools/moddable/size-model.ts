// SPDX-License-Identifier: Apache-2.0
/** How large an image would be, of what the SDK alone can make of a manifest: no compiler and no ESP-IDF is needed. */

import type { ImageSize } from './image.ts';
import { readPartitions, slotBytes } from './partitions.ts';

/** In C, as the SDK's linker (xsl) and its tool for resources (mcrez) write it. */
export interface LinkedCode {
  readonly modules: string;
  readonly resources: string;
}

const SLOT_BYTES = 16;
const ADDRESS_BYTES = 4;
/** Of `xsHostBuilder`. */
const BUILDER_BYTES = 12;
/** What xsl writes of the engine's tables, and functions between C and JavaScript. */
const TABLES_BYTES = 14_600;

/** Preloaded slots, names, byte code and texts. */
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

/** Byte code of what is preloaded, and texts, are literals in C: the same one once, with a zero, on a border of four. */
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
 * What everything else has measured by chip, with our settings of ESP-IDF 6.0 and the SDK 8.2.3, compiled by GCC 12 for RISC-V and
 * GCC 13 for Xtensa, with Espressif's C library and lwIP. Of the ESP32-C6, the Wi-Fi libraries alone are 65 KB larger.
 */
const ELSE_BYTES: Readonly<Record<string, number>> = {
  esp32: 1_059_569,
  esp32s3: 1_061_450,
  esp32c3: 1_068_872,
  esp32c6: 1_156_641,
};
/** For those that nobody has built for. */
const OTHERS = 'esp32c3';

/**
 * @param partitions the table, as text
 * @param chip as ESP-IDF calls it
 */
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
