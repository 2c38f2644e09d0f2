// SPDX-License-Identifier: Apache-2.0

import type { Capability } from './capability.ts';
import { type FirmwareCapability, firmware } from './firmware.ts';
import { type HeadCheck, parseImageHead } from './firmware-image.ts';

/**
 * Takes no firmware whose version is before the one that runs: `onlyNewer(firmware)`, `onlyNewer(signedFirmware(KEY))`. The version is
 * that in the head of the file, which a signature covers. Versions are compared as Semantic Versioning 2.0.0 §11 has it.
 * @throws RangeError for a capability of another kind
 */
export function onlyNewer(capability: Capability): Capability {
  if (capability.name !== firmware.name) throw new RangeError('onlyNewer: allowed are firmware and signedFirmware(…)');
  const { headCheck: before } = capability as FirmwareCapability;
  const headCheck: HeadCheck = (head, hal) =>
    before?.(head, hal) ?? ageTrouble(parseImageHead(head)?.version ?? '', hal.board.firmware.version);
  return { ...capability, headCheck } as FirmwareCapability;
}

function ageTrouble(version: string, running: string): string | undefined {
  if (compareVersions(version, running) >= 0) return undefined;
  return `${version} is older than ${running}, which runs: this device takes no older firmware`;
}

/** Less than 0: `a` is before `b`; 0: neither is before the other. What is no version is compared as a text. */
export function compareVersions(a: string, b: string): number {
  const [mainA, earlyA] = partsOf(a);
  const [mainB, earlyB] = partsOf(b);
  const main = compareLists(mainA, mainB, '0');
  if (main !== 0) return main;
  // 1.0.0-rc.1 is before 1.0.0.
  if (earlyA === '' || earlyB === '') return (earlyA === '' ? 1 : 0) - (earlyB === '' ? 1 : 0);
  return compareLists(earlyA, earlyB, '');
}

/** Without what is behind a plus, which counts for nothing: numbers, and what makes it an early one. */
function partsOf(version: string): [main: string, early: string] {
  const [text = ''] = version.replace(/^v/, '').split('+');
  const at = text.indexOf('-');
  return at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at + 1)];
}

/** @param missing stands where one has fewer; empty: the shorter one is before the other */
function compareLists(a: string, b: string, missing: string): number {
  const [as, bs] = [a.split('.'), b.split('.')];
  for (let i = 0; i < Math.max(as.length, bs.length); i++) {
    const order = compareParts(as[i] ?? missing, bs[i] ?? missing);
    if (order !== 0) return order;
  }
  return 0;
}

/** Numbers by their values, before texts. Leading zeros and lengths beyond what a number holds do not matter. */
function compareParts(a: string, b: string): number {
  const isNumber = (text: string) => /^\d+$/.test(text);
  if (isNumber(a) && isNumber(b)) {
    const [x, y] = [a.replace(/^0+/, ''), b.replace(/^0+/, '')];
    if (x.length !== y.length) return x.length - y.length;
    return x < y ? -1 : x > y ? 1 : 0;
  }
  if (a === b) return 0;
  if (a === '' || b === '') return a === '' ? -1 : 1;
  if (isNumber(a) !== isNumber(b)) return isNumber(a) ? -1 : 1;
  return a < b ? -1 : 1;
}
