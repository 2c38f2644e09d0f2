// SPDX-License-Identifier: Apache-2.0

import type { FirmwareSlots } from '../../../hal/hal.ts';
import { pattern } from './peer.ts';
import type { RebootCheck } from './reboot.ts';
import { assert, type Check, equal, type Scene } from './scene.ts';

const IMAGE_BYTES = 5000;
/** With which an image of a chip begins: it takes no other. */
const MAGIC = 0xe9;

/** For a machine whose firmware can be replaced, and which runs one that is not on trial. */
export const firmwareChecks: readonly Check[] = [
  {
    name: 'firmware: what runs is kept, and cannot be given up',
    async run(scene) {
      const firmware = firmwareOf(scene);
      equal(firmware.onTrial, false, 'on trial');
      assert(firmware.confirm(), 'confirm what is confirmed');
      equal(firmware.rollBack(), false, 'roll back what is not on trial');
    },
  },
  {
    name: 'firmware: too long, too short and empty ones are refused',
    async run(scene) {
      const firmware = firmwareOf(scene);
      for (const length of [0, firmware.capacityBytes + 1, -1, Number.NaN]) {
        equal(firmware.install(length), undefined, `install(${length})`);
      }
      const short = firmware.install(IMAGE_BYTES);
      assert(short?.write(image(100), 0, 99) === true, 'write');
      equal(short?.complete(), false, 'complete without its end');
      const long = firmware.install(99);
      equal(long?.write(image(100), 0, 100), false, 'write more than was said');
      equal(long?.complete(), false, 'complete after that');
    },
  },
  {
    name: 'firmware: one at a time; what was given up leaves the place to the next',
    async run(scene) {
      const firmware = firmwareOf(scene);
      const first = firmware.install(IMAGE_BYTES);
      assert(first !== undefined, 'install');
      equal(firmware.install(IMAGE_BYTES), undefined, 'a second one');
      first?.abort();
      first?.abort();
      equal(first?.write(image(1), 0, 1), false, 'write after abort');
      equal(first?.complete(), false, 'complete after abort');
      const next = firmware.install(IMAGE_BYTES);
      assert(next !== undefined, 'install after abort');
      first?.abort();
      equal(firmware.install(IMAGE_BYTES), undefined, 'the abort of another one');
      next?.abort();
    },
  },
];

export const firmwareRebootChecks: readonly RebootCheck[] = [
  {
    name: 'firmware: a new one runs on trial until it is confirmed',
    reason: 'contract: firmware',
    async before(scene) {
      const installation = firmwareOf(scene).install(IMAGE_BYTES);
      const bytes = image(IMAGE_BYTES);
      for (let at = 0; at < IMAGE_BYTES; at += 1000)
        assert(installation?.write(bytes, at, at + 1000) === true, 'write');
      assert(installation?.complete() === true, 'complete');
      scene.hal.restart('contract: firmware');
    },
    async after(scene) {
      const firmware = firmwareOf(scene);
      equal(firmware.onTrial, true, 'on trial');
      equal(firmware.rolledBack, false, 'rolled back');
      equal(firmware.install(IMAGE_BYTES), undefined, 'install while on trial');
      assert(firmware.confirm(), 'confirm');
      equal(firmware.onTrial, false, 'on trial after confirm');
    },
  },
];

function image(length: number): Uint8Array {
  return pattern(0, length).fill(MAGIC, 0, 1);
}

function firmwareOf({ hal }: Scene): FirmwareSlots {
  if (hal.firmware === undefined) throw new Error('this machine has no slots for firmware');
  return hal.firmware;
}
