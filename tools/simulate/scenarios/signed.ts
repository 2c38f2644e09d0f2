// SPDX-License-Identifier: Apache-2.0
/** I21: a simulated machine that trusts one key, and files with valid and invalid signatures. */

import { bootSlots } from '../../../hal/common/slots.ts';
import { signatureLine } from '../../../src/capabilities/firmware/signed-firmware.ts';
import { sha256 } from '../../../src/enrolment/hmac.ts';
import { sign } from '../../../src/enrolment/key.ts';
import { softArithmetic } from '../../../src/enrolment/p256.ts';
import type { Operation } from '../../platform/model.ts';
import { RELEASE } from '../machine/equipment.ts';
import type { Life, Scenario } from '../machine/life.ts';
import { checkFirmware, firmwareFile, NEW_VERSION, orderFirmware, upload } from './firmware.ts';

const FRAGMENT = 'c8y_Firmware';
/** Versions without a signature, and with a signature of another image. */
const UNSIGNED = '6.6.6';
const FORGED = '7.7.7';
/** A version with the signature of another head. */
const BORROWED = '8.8.8';

/** Signs a file with the key; the signature is deterministic. */
function signed(file: Buffer): Buffer {
  const end = file.indexOf('\n\n') + 1;
  const head = file.subarray(0, end);
  const signature = sign(RELEASE.pair, sha256(head), softArithmetic);
  const line = signatureLine(RELEASE.publicKey, Buffer.from(signature).toString('base64url'));
  return Buffer.concat([head, Buffer.from(line), file.subarray(end)]);
}

/** A file with a signed head and another image. */
function forged(file: Buffer): Buffer {
  const copy = signed(file);
  copy.write('1', copy.length - 1);
  return copy;
}

/** A file with the signature of another file. */
function borrowing(file: Buffer): Buffer {
  const copy = signed(Buffer.from(file.toString('latin1').replace(BORROWED, UNSIGNED), 'latin1'));
  const head = copy.indexOf('\n\n');
  return Buffer.concat([
    Buffer.from(copy.subarray(0, head).toString('latin1').replace(UNSIGNED, BORROWED), 'latin1'),
    copy.subarray(head),
  ]);
}

/** Orders four files one after the other: only the last one may run. */
function orderFiles(life: Life): void {
  for (const [version, make] of [
    [UNSIGNED, (file: Buffer) => file],
    [FORGED, forged],
    [BORROWED, borrowing],
    [NEW_VERSION, signed],
  ] as const)
    life.order({ [FRAGMENT]: upload(life, version, make(firmwareFile(life, version))) });
}

/**
 * I21, I22: the running firmware, and that of the next start, is the original or the ordered one, complete and unchanged;
 * where a key is set, the signed one.
 */
export class ImageWatch {
  readonly #life: Life;
  readonly #first: string;
  readonly #file: Buffer | undefined;
  #record: unknown;

  constructor(life: Life) {
    const { machine } = life.device;
    this.#life = life;
    this.#first = machine.firmware.running.version;
    this.#file = life.scenario.slots === true ? firmwareFile(life, NEW_VERSION) : undefined;
  }

  afterEvent(): void {
    const { firmware } = this.#life.device.machine;
    if (this.#file === undefined || firmware.record === this.#record) return;
    this.#record = firmware.record;
    const { version } = firmware.running;
    if (version !== this.#first && version !== NEW_VERSION) throw new Error(`I21: ${version} runs, and was not signed`);
    const isNext = bootSlots(firmware.record).onTrial;
    if (isNext && !this.#file.subarray(-firmware.image.length).equals(Buffer.from(firmware.image)))
      throw new Error('I22: an image may start that is not as it was ordered');
  }
}

/** Each order ends as it must. */
function checkSigned(life: Life): void {
  const named = ({ fragments }: Operation) => (fragments[FRAGMENT] as { version?: string } | undefined)?.version;
  for (const operation of life.operations) {
    const version = named(operation);
    if (version !== undefined && version !== NEW_VERSION && operation.status !== 'FAILED')
      throw new Error(`I21: operation ${operation.id} is ${operation.status}, and ${version} was not signed`);
  }
  const { device, world } = life;
  checkFirmware({ device, world, operations: life.operations.filter((each) => named(each) === NEW_VERSION) });
}

export const FIRMWARE_SCENARIOS: readonly Scenario[] = [
  {
    name: 'firmware',
    meaning: 'c8y_Firmware: downloaded, on trial, kept',
    begin: 'listening',
    slots: true,
    act: orderFirmware,
    check: checkFirmware,
  },
  {
    name: 'firmware-signed',
    meaning:
      'c8y_Firmware with a trusted key: an unsigned file, one with another image, one with another signature, a good one',
    begin: 'listening',
    slots: true,
    signed: true,
    act: orderFiles,
    check: checkSigned,
  },
];
