// SPDX-License-Identifier: Apache-2.0
/** Breaches at the service for advanced software management. */

import type { Json } from '../../../../tools/platform/model.ts';
import type { BreachCase } from '../scene.ts';

type Scene = Parameters<BreachCase[2]>[0];

function tell({ desk, user, id }: Scene, body: Json): void {
  desk.platform.settings.advancedSoftware = true;
  desk.send('POST', `/service/advanced-software-mgmt/software?deviceId=${id}`, {
    as: user,
    headers: { 'content-type': 'application/json', accept: 'application/json' },
    bytes: Buffer.from(JSON.stringify(body)),
  });
}

const good = { name: 'cellar', version: '1.0' };

export const softwareBreaches: readonly BreachCase[] = [
  ['software-service', 'no list', (scene) => tell(scene, { softwareList: [good] })],
  ['software-service', 'no object', (scene) => tell(scene, ['cellar'])],
  ['software-service', 'without a version', (scene) => tell(scene, [{ name: 'cellar' }])],
  ['software-service', 'with an empty name', (scene) => tell(scene, [{ ...good, name: '' }])],
  ['software-service', 'a type that is no text', (scene) => tell(scene, [{ ...good, softwareType: 1 }])],
  ['software-service', 'twice', (scene) => tell(scene, [good, good])],
];
