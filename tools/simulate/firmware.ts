// SPDX-License-Identifier: Apache-2.0
/** A firmware for a machine of the simulator, and what has to be true when an update of it has ended. */

import { createHash } from 'node:crypto';
import { IMAGE_MAGIC } from '../../src/capabilities/firmware-image.ts';
import type { JsonObject, Operation } from '../platform/model.ts';
import { createBinary } from '../platform/operator.ts';
import type { Life } from './life.ts';
import { platformUrl } from './world.ts';

export const NEW_VERSION = '2.0.0';
/** A few pieces of the network. */
const IMAGE_BYTES = 9000;

/** People upload a firmware and order it. */
export function orderFirmware(life: Life): void {
  life.order({ c8y_Firmware: uploadFirmware(life) });
}

/** What an operation says of a firmware that is there. */
export function uploadFirmware(life: Pick<Life, 'device' | 'world'>): JsonObject {
  const { board } = life.device.machine.hal ?? {};
  const name = board?.firmware.name ?? '';
  // A fake machine reads out of its image who it is.
  const image = Buffer.from(JSON.stringify({ name, version: NEW_VERSION }).padEnd(IMAGE_BYTES));
  const sha256 = createHash('sha256').update(image).digest('hex');
  const lines = [
    `name ${name}`,
    `version ${NEW_VERSION}`,
    `model ${board?.model}`,
    `bytes ${image.length}`,
    `sha256 ${sha256}`,
  ];
  const file = Buffer.concat([Buffer.from(`${[IMAGE_MAGIC, ...lines].join('\n')}\n\n`), image]);
  const { id } = createBinary(life.world.platform, file);
  return { name, version: NEW_VERSION, url: `${platformUrl}/inventory/binaries/${id}` };
}

/** What runs is kept, is what the operation says, and is in the inventory. */
export function checkFirmware({ device, world, operations }: Life): void {
  const { machine } = device;
  const { version } = machine.firmware.running;
  const ordered = operations.find(({ fragments }) => fragments['c8y_Firmware'] !== undefined) as Operation;
  if (machine.slots.onTrial) throw new Error('I8: the firmware is on trial for ever');
  if ((ordered.status === 'SUCCESSFUL') !== (version === NEW_VERSION)) {
    throw new Error(`I8: operation ${ordered.id} is ${ordered.status}, and ${version} runs: ${ordered.failureReason}`);
  }
  const shown = (world.object?.fragments['c8y_Firmware'] ?? {}) as JsonObject;
  if (shown['version'] !== version) throw new Error(`I8: ${version} runs, and the inventory says ${shown['version']}`);
}
