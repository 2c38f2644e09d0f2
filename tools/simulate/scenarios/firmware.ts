// SPDX-License-Identifier: Apache-2.0
/** A firmware for a simulated machine, and the checks after its update. */

import { createHash } from 'node:crypto';
import { IMAGE_MAGIC } from '../../../src/capabilities/firmware/firmware-image.ts';
import type { JsonObject, Operation } from '../../platform/model.ts';
import { createBinary } from '../../platform/operator.ts';
import type { Life } from '../machine/life.ts';
import { platformUrl } from '../machine/world.ts';

export const NEW_VERSION = '2.0.0';
/** Large enough for several pieces on the network. */
const IMAGE_BYTES = 9000;

/** Uploads and orders a firmware, as a person does. */
export function orderFirmware(life: Life): void {
  life.order({ c8y_Firmware: uploadFirmware(life) });
}

/** Uploads the firmware; returns the fragment of its operation. */
export function uploadFirmware(life: Pick<Life, 'device' | 'world'>): JsonObject {
  return upload(life, NEW_VERSION, firmwareFile(life, NEW_VERSION));
}

/** Uploads any file under this version; returns the fragment of its operation. */
export function upload({ device, world }: Pick<Life, 'device' | 'world'>, version: string, file: Buffer): JsonObject {
  const name = device.machine.firmware.running.name;
  const { id } = createBinary(world.platform, file);
  return { name, version, url: `${platformUrl}/inventory/binaries/${id}` };
}

/** A firmware file in the form of a build. */
export function firmwareFile({ device }: Pick<Life, 'device'>, version: string): Buffer {
  const { board } = device.machine.hal ?? {};
  const name = board?.firmware.name ?? '';
  // A fake machine reads its identity from its image.
  const image = Buffer.from(JSON.stringify({ name, version }).padEnd(IMAGE_BYTES));
  const sha256 = createHash('sha256').update(image).digest('hex');
  const lines = [
    `name ${name}`,
    `version ${version}`,
    `model ${board?.model}`,
    `bytes ${image.length}`,
    `sha256 ${sha256}`,
  ];
  return Buffer.concat([Buffer.from(`${[IMAGE_MAGIC, ...lines].join('\n')}\n\n`), image]);
}

/** The running firmware is confirmed, and agrees with the operation and the inventory. */
export function checkFirmware({ device, world, operations }: Pick<Life, 'device' | 'world' | 'operations'>): void {
  const { version } = device.machine.firmware.running;
  const ordered = operations.find(({ fragments }) => fragments['c8y_Firmware'] !== undefined) as Operation;
  if ((ordered.status === 'SUCCESSFUL') !== (version === NEW_VERSION)) {
    throw new Error(`I8: operation ${ordered.id} is ${ordered.status}, and ${version} runs: ${ordered.failureReason}`);
  }
  checkRunning({ device, world });
}

/** The running firmware is confirmed, and is what the inventory says. */
export function checkRunning({ device, world }: Pick<Life, 'device' | 'world'>): void {
  const { machine } = device;
  const { version } = machine.firmware.running;
  if (machine.slots.onTrial) throw new Error('I8: the firmware is on trial for ever');
  const shown = (world.object?.fragments['c8y_Firmware'] ?? {}) as JsonObject;
  if (shown['version'] !== version) throw new Error(`I8: ${version} runs, and the inventory says ${shown['version']}`);
}
