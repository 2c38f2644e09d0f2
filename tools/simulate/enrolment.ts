// SPDX-License-Identifier: Apache-2.0
/** A machine of the simulator that gets its certificate by itself, and what has to be true of it. */

import { createPrivateKey, X509Certificate } from 'node:crypto';
import type { RawConfig } from '../../src/index.ts';
import { registerEnrolment } from '../platform/operator.ts';
import type { Life, Scenario } from './life.ts';

const PASSWORD = 'a-password-for-once';
/** Somebody looks so often whether the device is there, and registers it once more when it is not. */
const LOOK_MS = 60_000;
const ENROLLED: RawConfig = {
  ...{ auth: 'certificate', certificate: 'enrolled', privateKey: 'enrolled' },
  bootstrapPassword: PASSWORD,
};

/** People register the device, and once more when the certificate has got lost on its way. */
function registerOnceMore(life: Life): void {
  const { world, device } = life;
  const { platform } = world;
  const look = () => {
    const enrolment = platform.core.enrolments.get(device.deviceId);
    if (enrolment?.usedBy !== undefined && !life.listening) registerEnrolment(platform, device.deviceId, PASSWORD);
    world.time.schedule(LOOK_MS, look);
  };
  registerEnrolment(platform, device.deviceId, PASSWORD);
  world.time.schedule(LOOK_MS, look);
}

/** It has a certificate in use; flash that has not kept it as it said it would costs one more at the next start. */
function isEnrolled({ listening, device, plant }: Life): boolean {
  return listening && (device.machine.flash.values.has('enrolled') || plant.harmedWrites() > 0);
}

/** What is in use is a certificate of this device with its key, whole. */
function checkEnrolment({ device, plant }: Life): void {
  const kept = device.machine.flash.values.get('enrolled');
  if (kept === undefined && plant.harmedWrites() > 0) return;
  const text = Buffer.from(kept ?? []).toString();
  const certificate = new X509Certificate(text);
  if (!certificate.checkPrivateKey(createPrivateKey(text)))
    throw new Error('I5: the key is that of another certificate');
  if (certificate.subject !== `CN=${device.deviceId}`) throw new Error(`I5: a certificate for ${certificate.subject}`);
}

export const ENROLMENT_SCENARIOS: readonly Scenario[] = [
  {
    name: 'enrolment',
    meaning: 'a new device gets its certificate by itself',
    begin: 'new',
    enrols: true,
    config: ENROLLED,
    act: registerOnceMore,
    done: isEnrolled,
    check: checkEnrolment,
  },
];
