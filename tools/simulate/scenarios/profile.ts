// SPDX-License-Identifier: Apache-2.0
/** A device profile for a simulated machine, with a firmware and a mod, and the checks after it. */

import type { JsonObject, Operation } from '../../platform/model.ts';
import type { Life } from '../machine/life.ts';
import { checkRunning, NEW_VERSION, uploadFirmware } from './firmware.ts';
import { checkSoftware, uploadSoftware } from './software.ts';

const FRAGMENT = 'c8y_DeviceProfile';

export function orderProfile(life: Life): void {
  const parts = { firmware: uploadFirmware(life), software: [uploadSoftware(life)] };
  life.order({ profileName: 'winter', profileId: '7', [FRAGMENT]: parts });
}

/** The profile is in force if the operation is SUCCESSFUL, and the inventory agrees. */
export function checkProfile(life: Life): void {
  const { device, world, operations } = life;
  const { machine } = device;
  const ordered = operations.find(({ fragments }) => fragments[FRAGMENT] !== undefined) as Operation;
  const isSuccessful = ordered.status === 'SUCCESSFUL';
  checkRunning(life);
  const { version } = machine.firmware.running;
  if (isSuccessful && (version !== NEW_VERSION || machine.modules.place === undefined))
    throw new Error(`I1: operation ${ordered.id} is SUCCESSFUL, and ${version} runs`);
  const shown = world.object?.fragments['c8y_Profile'] as JsonObject | undefined;
  if ((shown?.['profileExecuted'] === true) !== isSuccessful)
    throw new Error(`I1: operation ${ordered.id} is ${ordered.status}, and c8y_Profile is ${JSON.stringify(shown)}`);
  checkSoftware(life);
}
