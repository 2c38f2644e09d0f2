// SPDX-License-Identifier: Apache-2.0
/** A service of a simulated app that a person stops, and the checks for it. */

import { findDevice } from '../../platform/operator.ts';
import type { Life } from '../machine/life.ts';
import { PUMP } from '../machine/plant-parts.ts';

const FRAGMENT = 'c8y_ServiceCommand';
/** The agent's name for its child. */
const CHILD = `service-${PUMP}`;

export function orderStop(life: Life): void {
  life.plant.stopping = life.order({ [FRAGMENT]: { command: 'STOP', serviceName: PUMP } }, CHILD).id;
}

/** The services of the agent exist once each, and are up when nothing is wrong. */
export function checkAgent({ world, device }: Life): void {
  for (const name of ['operations', 'records']) {
    const status = findDevice(world.platform, `${device.deviceId}:service-${name}`)?.fragments['status'];
    if (status !== 'up') throw new Error(`I16: all is well, and the service ${name} is ${status}`);
  }
}

/** The status of the service agrees with the pump. */
export function checkPump({ world, device, plant, operations }: Life): void {
  const ordered = operations.find(({ fragments }) => fragments[FRAGMENT] !== undefined);
  if (ordered?.status === 'SUCCESSFUL' && !plant.isStopped)
    throw new Error(`I1: operation ${ordered.id} is SUCCESSFUL, and the pump runs`);
  const status = findDevice(world.platform, `${device.deviceId}:${CHILD}`)?.fragments['status'];
  if (status !== (plant.isStopped ? 'down' : 'up'))
    throw new Error(`I1: the pump ${plant.isStopped ? 'stands' : 'runs'}, and its service is ${status}`);
}
