// SPDX-License-Identifier: Apache-2.0
/** The image of a virtual board: a script for XS and Node. Its first line, a comment, says which firmware it is. */

import type { Firmware } from '../../hal/hal.ts';

export interface VirtualImage {
  readonly firmware: Firmware;
  /** Sets `bundle` with what hal/xs/device.ts exports. */
  readonly script: string;
}

const START = '//# fractus ';
/** Of its first line. */
const LINE_MAX_CHARS = 1000;
const TEXT_MAX_CHARS = 128;

/** @throws Error when name or version cannot stand in a comment */
export function virtualImage({ firmware, script }: VirtualImage): Buffer {
  const { name, version, buildTimeMs } = firmware;
  if (/[\n\r\u2028\u2029]/.test(name + version))
    throw new Error('name and version of the firmware must be one line each');
  return Buffer.from(`${START}${JSON.stringify({ name, version, buildTimeMs })}\n${script}`);
}

/** @throws Error that says why it is none */
export function readVirtualImage(bytes: Uint8Array): VirtualImage {
  const text = Buffer.from(bytes).toString();
  const end = text.indexOf('\n');
  const isImage = text.startsWith(START) && end < LINE_MAX_CHARS;
  try {
    if (!isImage) throw new Error('its first line does not name a firmware');
    const { name, version, buildTimeMs } = JSON.parse(text.slice(START.length, end)) as Firmware;
    const isSound = isText(name) && isText(version) && Number.isSafeInteger(buildTimeMs) && buildTimeMs >= 0;
    if (!isSound) throw new Error('name, version or build time is missing in its first line');
    return { firmware: { name, version, buildTimeMs }, script: text.slice(end + 1) };
  } catch (error) {
    throw new Error(`it is no image of a virtual board: ${(error as Error).message}`);
  }
}

function isText(value: unknown): boolean {
  return typeof value === 'string' && value.length > 0 && value.length <= TEXT_MAX_CHARS;
}
