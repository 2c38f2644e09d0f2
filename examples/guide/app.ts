// SPDX-License-Identifier: Apache-2.0

import { type App, type AppBoard, type Capability, measurement, type RuleDefinition } from 'fractus';
import { track } from 'fractus/gps';

/** The package manager: it knows the installed packages, and installs others. */
export interface Packages {
  /** Versions by name. */
  readonly installed: Readonly<Record<string, string>>;
  install(name: string, version: string): void;
}

const SIGNAL = measurement({
  type: 'SignalStrength',
  fragments: {
    c8y_SignalStrength: {
      rssi: { of: 'rssi', unit: 'dBm', decimals: 0 },
      ber: { of: 'ber', unit: '%' },
    },
  },
});
const POWER: readonly RuleDefinition[] = [
  {
    of: 'supplyV',
    below: 9,
    back: 11,
    type: 'c8y_PowerAlarm',
    severity: 'MAJOR',
    text: 'Tracker lost power',
  },
];

/** The Raspberry Pi of the integration guide: a tracker with a modem, and a home with a thermostat. */
export function createApp(packages: Packages): App {
  return (board) => {
    const { hal } = board;
    const { modem, gps } = hal.sensors;
    board.fragment('c8y_Hardware', {
      model: 'RaspPi BCM2708',
      revision: '000e',
      serialNumber: hal.board.serialNumber,
    });
    board.fragment('c8y_Mobile', {
      imei: '861145013087177',
      cellId: '4904-A496',
      iccid: '89490200000876620613',
    });
    for (const [name, version] of Object.entries(packages.installed)) board.software(name, version);
    board.operation(softwareOf(board, packages));
    if (modem !== undefined) board.sensor({ reports: SIGNAL, sensor: modem, rules: POWER });
    if (gps !== undefined) track(board, { sensor: gps });

    const thermostat = board.child('thermostat', { name: 'Thermostat, living room', type: 'acme_Thermostat' });
    board.command({
      name: 'forget',
      help: 'the thermostat is gone for good',
      run() {
        thermostat.remove();
        return 'forgotten';
      },
    });
  };
}

/** `c8y_Software`: versions by name, for the packages that it has. */
function softwareOf(board: AppBoard, packages: Packages): Capability {
  return {
    name: 'c8y_Software',
    run(operation) {
      for (const name of Object.keys(packages.installed)) {
        const version = operation.text(name);
        if (version === undefined) continue;
        packages.install(name, version);
        board.software(name, version);
      }
      operation.succeed();
    },
  };
}
