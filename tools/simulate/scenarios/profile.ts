// SPDX-License-Identifier: Apache-2.0
/** A device profile for a simulated machine, with a firmware and a mod, and the checks after it. */

import type { JsonObject, Operation } from '../../platform/model.ts';
import type { Life } from '../machine/life.ts';
import { FIRST_RECIPE } from '../machine/workbench.ts';
import { CAKE, cakeFile } from './bench-orders.ts';
import { checkRunning, NEW_VERSION, uploadFirmware } from './firmware.ts';
import { checkSoftware, uploadSoftware } from './software.ts';

const FRAGMENT = 'c8y_DeviceProfile';

export function orderProfile(life: Life): void {
  const parts = { firmware: uploadFirmware(life), software: [uploadSoftware(life)] };
  life.order({ profileName: 'winter', profileId: '7', [FRAGMENT]: parts });
}

/** A profile of a mod and a configuration file. */
export function orderFileProfile(life: Life): void {
  const parts = { software: [uploadSoftware(life)], configuration: [cakeFile(life)] };
  life.order({ profileName: 'sunday', profileId: '9', [FRAGMENT]: parts });
}

/** As `checkProfile`, for such a profile. */
export function checkFileProfile(life: Life): void {
  const { recipe } = life.plant.workbench;
  const isSuccessful = checkShown(life);
  if (isSuccessful ? recipe !== CAKE : ![CAKE, FIRST_RECIPE].includes(recipe))
    throw new Error(
      `I1: the profile is ${isSuccessful ? '' : 'not '}in force, and the recipe is ${recipe.slice(0, 20)}`,
    );
  checkSoftware(life);
}

/** The profile is in force if the operation is SUCCESSFUL, and the inventory agrees. */
export function checkProfile(life: Life): void {
  const { machine } = life.device;
  const isSuccessful = checkShown(life);
  checkRunning(life);
  const { version } = machine.firmware.running;
  if (isSuccessful && (version !== NEW_VERSION || machine.modules.place === undefined))
    throw new Error(`I1: the profile is in force, and ${version} runs`);
  checkSoftware(life);
}

/** Whether the profile is in force, on which operation and inventory agree. */
function checkShown({ world, operations }: Life): boolean {
  const ordered = operations.find(({ fragments }) => fragments[FRAGMENT] !== undefined) as Operation;
  const isSuccessful = ordered.status === 'SUCCESSFUL';
  const shown = world.object?.fragments['c8y_Profile'] as JsonObject | undefined;
  if ((shown?.['profileExecuted'] === true) !== isSuccessful)
    throw new Error(`I1: operation ${ordered.id} is ${ordered.status}, and c8y_Profile is ${JSON.stringify(shown)}`);
  return isSuccessful;
}
