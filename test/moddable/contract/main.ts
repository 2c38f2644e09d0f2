// SPDX-License-Identifier: Apache-2.0

import { createEsp32Hal, OWN_SPACE } from 'fractus/board';
import platform from 'fractus/platform';
import { boardConfig, FACTORY_SPACE, readSettings } from '../../../hal/esp32/config.ts';
import { verifyP256 } from '../../../hal/esp32/tls/signature.ts';
import { allChecks, allReboots, type Check, runCheck, Scene, type Targets, tlsChecks } from '../../hal/contract.ts';

const FEED_MS = 1000;

/** In the simulator, and on a chip: plays the contract's checks one after the other on one machine, and prints how each has ended. */
export default function main(): void {
  const config = boardConfig(readSettings(platform.openValues(FACTORY_SPACE)), platform.openValues(OWN_SPACE));
  // A board has it with `signedFirmware`.
  const hal = Object.assign(createEsp32Hal({ config }), { verify: verifyP256 });
  const targets = JSON.parse(String(config['targets'])) as Targets;
  const report = (name: string, error?: unknown) => {
    const message = error === undefined ? 'passed' : error instanceof Error ? error.message : String(error);
    platform.print(`check: ${name} => ${message}`);
  };
  // A chip bites once it has been fed, and has to find its network first.
  const feeding = hal.createTimer(() => {
    hal.watchdog?.feed();
    feeding.start(FEED_MS);
  });
  feeding.start(FEED_MS);
  const linked = new Promise<void>((resolve) => {
    if (hal.network.up) resolve();
    else hal.network.onChange(() => resolve());
  }).then(() => hal.network.onChange(() => {}));
  const play = async (list: readonly Check[]) => {
    await linked;
    for (const check of list) {
      // Others have set it to times in which no certificate is valid; a chip has to be told the right one.
      if (check === tlsChecks[0]) hal.clock.set(Number(config['nowMs'] ?? Date.now()));
      await runCheck(check, hal, targets).then(
        () => report(check.name),
        (error: unknown) => report(check.name, error),
      );
    }
    platform.print('checks: done');
  };
  const reboot = allReboots.find(({ name }) => name === config['reboot']);
  const only = config['only'];
  if (reboot === undefined) {
    play(only === undefined ? allChecks : allChecks.filter(({ name }) => name === only)).catch((error) =>
      report('checks', error),
    );
  } else if (hal.board.bootCount === 1) {
    linked.then(() => reboot.before(new Scene(hal, targets))).catch((error) => report(reboot.name, error));
  } else play([{ name: reboot.name, run: reboot.after }]);
}
