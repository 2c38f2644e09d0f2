// SPDX-License-Identifier: Apache-2.0
/** Breaches in services. */

import type { JsonObject } from '../../../../tools/platform/model.ts';
import { type BreachCase, objects } from '../scene.ts';

type Scene = Parameters<BreachCase[2]>[0];

const SERVICE = { name: 'log', type: 'c8y_Service', serviceType: 'task', status: 'up' };

function create({ desk, user }: Scene, changes: JsonObject = {}): string {
  desk.send('GET', '/identity/externalIds/c8y_Serial/d1:service-log', { as: user });
  return desk.send('POST', objects, { as: user, body: { ...SERVICE, ...changes } }).id;
}

export const serviceBreaches: readonly BreachCase[] = [
  ['service', 'without a status', (scene) => create(scene, { status: '' })],
  ['service', 'without a type', (scene) => create(scene, { serviceType: null })],
  ['service', 'that is a device', (scene) => create(scene, { c8y_IsDevice: {} })],
  [
    'service',
    'as a child device',
    (scene) => {
      const id = create(scene);
      const body = { managedObject: { id } };
      scene.desk.send('POST', `${objects}/${scene.id}/childDevices`, { as: scene.user, body });
    },
  ],
  [
    'create-without-lookup',
    'a service that was not looked for',
    ({ desk, user }) => desk.send('POST', objects, { as: user, body: SERVICE }),
  ],
];
