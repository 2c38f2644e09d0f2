// SPDX-License-Identifier: Apache-2.0

import type { Capability } from '../../capability.ts';
import { type FirmwareCapability, firmware } from './firmware.ts';
import { type HeadCheck, parseImageHead } from './firmware-image.ts';

/**
 * Refuses firmware with a version before the running one: `onlyNewer(firmware)`, `onlyNewer(signedFirmware(KEY))`. The
 * version in the head of the file counts, which a signature covers. Versions compare as in Semantic Versioning 2.0.0
 * §11.
 * @throws RangeError for a capability of another kind
 */
export function onlyNewer(capability: Capability): Capability {
  if (capability.name !== firmware.name) throw new RangeError('onlyNewer: allowed are firmware and signedFirmware(…)');
  const { headCheck: before } = capability as FirmwareCapability;
  const headCheck: HeadCheck = (head, hal) =>
    before?.(head, hal) ?? ageFault(parseImageHead(head)?.version ?? '', hal.board.firmware.version);
  return { ...capability, headCheck } as FirmwareCapability;
}

function ageFault(version: string, running: string): string | undefined {
  if (compareVersions(version, running) >= 0) return undefined;
  return `${version} is older than ${running}, which runs: this device takes no older firmware`;
}

/** Less than 0: `a` is before `b`; 0: neither is before the other. Texts that are not versions compare as texts. */
export function compareVersions(a: string, b: string): number {
  const [mainA, earlyA] = partsOf(a);
  const [mainB, earlyB] = partsOf(b);
  const main = compareLists(mainA, mainB, '0');
  if (main !== 0) return main;
  // 1.0.0-rc.1 is before 1.0.0.
  if (earlyA === '' || earlyB === '') return (earlyA === '' ? 1 : 0) - (earlyB === '' ? 1 : 0);
  return compareLists(earlyA, earlyB, '');
}

/** The numbers and the pre-release part of a version. Build metadata after a plus is ignored. */
function partsOf(version: string): [main: string, early: string] {
  const [text = ''] = version.replace(/^v/, '').split('+');
  const at = text.indexOf('-');
  return at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at + 1)];
}

/** @param missing replaces the parts that one list lacks; empty: the shorter list is before the other */
function compareLists(a: string, b: string, missing: string): number {
  const [as, bs] = [a.split('.'), b.split('.')];
  for (let i = 0; i < Math.max(as.length, bs.length); i++) {
    const order = compareParts(as[i] ?? missing, bs[i] ?? missing);
    if (order !== 0) return order;
  }
  return 0;
}

/** Numbers compare by value and come before texts. Leading zeros do not matter; numbers may have any length. */
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
