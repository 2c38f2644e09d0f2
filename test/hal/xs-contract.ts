// SPDX-License-Identifier: Apache-2.0

import { openSlots } from '../../hal/xs/slots.ts';
import { createXsHal } from '../../hal/xs/xs.ts';
import { allChecks, allReboots, runCheck, Scene, type Targets } from './contract.ts';

/** Begins the line that tells how a check has ended; nothing behind it: it has passed. */
export const RESULT = 'result: ';

/** Runs inside XS: plays the check that the configuration names, and logs how it has ended. */
export function main(): void {
  const hal = createXsHal();
  const slots = openSlots();
  if (slots !== undefined) hal.firmware = slots;
  // In quotes: a build for a board may call members otherwise.
  const name = hal.config['check'];
  const targets: Targets = JSON.parse(hal.config['targets'] ?? '');
  const reboot = allReboots.find((check) => check.name === name);
  const check = allChecks.find((check) => check.name === name);
  const report = (error: unknown) => hal.log('info', `${RESULT}${error instanceof Error ? error.message : ''}`);
  // The first part of a reboot ends with the machine.
  if (reboot && hal.board.bootCount === 1) reboot.before(new Scene(hal, targets)).catch(report);
  else if (reboot) runCheck({ name: reboot.name, run: reboot.after }, hal, targets).then(report, report);
  else if (check) runCheck(check, hal, targets).then(report, report);
}
