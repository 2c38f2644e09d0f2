// SPDX-License-Identifier: Apache-2.0

import { createEsp32Hal, OWN_SPACE } from 'fractus/board';
import platform from 'fractus/platform';
import { boardConfig } from '../../../hal/esp32/config.ts';
import { verifyP256 } from '../../../hal/esp32/tls/signature.ts';
import {
  type Check,
  checks,
  firmwareChecks,
  firmwareRebootChecks,
  flashChecks,
  flashRebootChecks,
  nameChecks,
  panicChecks,
  rebootChecks,
  runCheck,
  Scene,
  signatureChecks,
  type Targets,
  tlsChecks,
} from '../../hal/contract.ts';

/** In the simulator: plays the contract's checks one after the other on one machine, and prints how each has ended. */
export default function main(): void {
  const config = boardConfig({}, platform.openValues(OWN_SPACE));
  // A board has it with `signedFirmware`.
  const hal = Object.assign(createEsp32Hal({ config }), { verify: verifyP256 });
  const targets = JSON.parse(String(config['targets'])) as Targets;
  const report = (name: string, error?: unknown) => {
    const message = error === undefined ? 'passed' : error instanceof Error ? error.message : String(error);
    platform.print(`check: ${name} => ${message}`);
  };
  const play = async (list: readonly Check[]) => {
    for (const check of list) {
      // Others have set it to times in which no certificate is valid.
      if (check === tlsChecks[0]) hal.clock.set(Date.now());
      await runCheck(check, hal, targets).then(
        () => report(check.name),
        (error: unknown) => report(check.name, error),
      );
    }
    platform.print('checks: done');
  };
  const reboot = [...rebootChecks, ...panicChecks, ...flashRebootChecks, ...firmwareRebootChecks].find(
    ({ name }) => name === config['reboot'],
  );
  const only = config['only'];
  const all = [...checks, ...flashChecks, ...firmwareChecks, ...signatureChecks, ...tlsChecks, ...nameChecks];
  if (reboot === undefined) play(only === undefined ? all : all.filter(({ name }) => name === only));
  else if (hal.board.bootCount === 1)
    reboot.before(new Scene(hal, targets)).catch((error) => report(reboot.name, error));
  else play([{ name: reboot.name, run: reboot.after }]);
}
