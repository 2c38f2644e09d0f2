// SPDX-License-Identifier: Apache-2.0
/** A change of Wi-Fi on a simulated machine, and its invariant. */

import type { Operation } from '../../platform/model.ts';
import { BARN, HOUSE, SHED } from '../machine/equipment.ts';
import type { Life, Scenario } from '../machine/life.ts';

const FRAGMENT = 'c8y_Network';
/** I18: a network is only kept after an exchange over it has ended since it was joined. */
export class WifiWatch {
  readonly #life: Life;
  #kept: string | undefined;
  /** The network of the last answer, and the number of its trial. */
  #proven: { readonly name: string | undefined; readonly trial: number } | undefined;

  constructor(life: Life) {
    this.#life = life;
    this.#kept = life.device.machine.wifi?.kept.name;
  }

  /** Must be called when the platform has answered. */
  answered(): void {
    const { hal, wifi } = this.#life.device.machine;
    this.#proven = { name: hal?.network.access?.name, trial: wifi?.trials.length ?? 0 };
  }

  afterEvent(): void {
    const { wifi } = this.#life.device.machine;
    if (wifi === undefined) return;
    const { name } = wifi.kept;
    if (name === this.#kept) return;
    this.#kept = name;
    const isProven = this.#proven?.name === name && this.#proven.trial === wifi.trials.length;
    if (!isProven) throw new Error(`I18: ${name} is kept, and was not proven`);
  }
}

/** The joined network is the kept one, and agrees with the inventory and the operation. */
function checkNetwork({ device, world, plant, operations }: Life): void {
  const { machine } = device;
  const operation = operations.find(({ fragments }) => fragments[FRAGMENT] !== undefined) as Operation;
  const kept = machine.wifi?.kept.name;
  const joined = machine.hal?.network.access?.name;
  // A lost write of the flash is not the device's fault.
  const isHarmed = plant.harmedWrites() > 0;
  if (joined !== kept && !isHarmed) throw new Error(`I18: it is on ${joined}, and keeps ${kept}`);
  const told = (world.object?.fragments[FRAGMENT] ?? {}) as { fractus_WiFi?: object };
  // After an error of the HAL, the fragment may be missing until the next start.
  const isSilent = machine.lines.some(({ line }) => line.includes(`${FRAGMENT} declares nothing`));
  if (!isSilent && JSON.stringify(told.fractus_WiFi) !== JSON.stringify({ name: joined }))
    throw new Error(`I18: it is on ${joined}, and the inventory says ${JSON.stringify(told)}`);
  const isChanged = kept !== HOUSE.name;
  if (!isHarmed && isChanged !== (operation.status === 'SUCCESSFUL'))
    throw new Error(`I1: operation ${operation.id} is ${operation.status}, and ${kept} is kept`);
  for (const { password } of [HOUSE, BARN, SHED]) {
    const records = [...world.platform.core.events.values()].map(({ fragments }) => fragments);
    const texts = [world.object?.fragments, operation.failureReason, records];
    if (JSON.stringify(texts).includes(password)) throw new Error('I18: a password is on the platform');
  }
}

export const NETWORK_SCENARIOS: readonly Scenario[] = [
  {
    name: 'network',
    meaning: 'c8y_Network: another network is joined, proven and kept',
    begin: 'listening',
    wifi: true,
    act: (life) => void life.order({ [FRAGMENT]: { fractus_WiFi: BARN } }),
    check: checkNetwork,
  },
  {
    name: 'network-wrong',
    meaning: 'c8y_Network with a wrong password: back to the former network',
    begin: 'listening',
    wifi: true,
    act: (life) => void life.order({ [FRAGMENT]: { fractus_WiFi: SHED } }),
    check: checkNetwork,
  },
];
