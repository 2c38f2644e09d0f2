// SPDX-License-Identifier: Apache-2.0
/** Breaches in requests for certificates. */

import { registerEnrolment } from '../../../../tools/platform/operator.ts';
import { enrol, PASSWORD, reenrolPath, requestFor } from '../enrolling.ts';
import type { BreachCase } from '../scene.ts';

type Scene = Parameters<BreachCase[2]>[0];

function ask(scene: Scene, options: Parameters<typeof enrol>[2]): void {
  registerEnrolment(scene.desk.platform, 'd1', PASSWORD);
  enrol(scene.desk, 'd1', options);
}

const good = requestFor('d1');

export const enrolmentBreaches: readonly BreachCase[] = [
  ['enrolment', 'for another name', (scene) => ask(scene, { body: requestFor('d2') })],
  ['enrolment', 'in armour', (scene) => ask(scene, { body: `-----BEGIN CERTIFICATE REQUEST-----\n${good}\n` })],
  ['enrolment', 'that is none', (scene) => ask(scene, { body: 'AAAA' })],
  ['enrolment', 'changed on the way', (scene) => ask(scene, { body: good.replace(/.{4}$/, 'AAAA') })],
  [
    'enrolment',
    'without its transfer encoding',
    (scene) => ask(scene, { headers: { 'content-transfer-encoding': undefined } }),
  ],
  [
    'enrolment',
    'again, for another name',
    (scene) => ask(scene, { path: reenrolPath, as: scene.user, body: requestFor('d2') }),
  ],
  [
    'media-type',
    'of a request for a certificate',
    (scene) => ask(scene, { headers: { 'content-type': 'text/plain' } }),
  ],
];
