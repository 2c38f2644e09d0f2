// SPDX-License-Identifier: Apache-2.0
/** A machine of the simulator that gets its certificate by itself, and what has to be true of it. */

import type { X509Certificate } from 'node:crypto';
import type { RawConfig } from '../../src/index.ts';
import { registerEnrolment } from '../platform/operator.ts';
import { certificateIn } from './certificate-watch.ts';
import type { Life, Scenario } from './life.ts';

const PASSWORD = 'a-password-for-once';
/** Somebody looks so often whether the device is there, and registers it once more when it is not. */
const LOOK_MS = 60_000;
const ENROL = '/.well-known/est/simpleenroll';
/** A device that is known has been off for an hour: it is time when it starts. */
const SHORT_LIFE_MS = 5_700_000;
/** By then it has been replaced, but for what goes wrong. */
const LATE_MS = 900_000;
const ENROLLED: RawConfig = {
  ...{ auth: 'certificate', certificate: 'enrolled', privateKey: 'enrolled' },
  bootstrapPassword: PASSWORD,
};

/** People register the device. */
function register({ world, device }: Pick<Life, 'world' | 'device'>): void {
  registerEnrolment(world.platform, device.deviceId, PASSWORD);
}

/** And once more when the certificate has got lost on its way. */
function registerOnceMore(life: Life): void {
  const { world, device } = life;
  const look = () => {
    const enrolment = world.platform.core.enrolments.get(device.deviceId);
    if (enrolment?.usedBy !== undefined && !life.listening) register(life);
    world.time.schedule(LOOK_MS, look);
  };
  world.time.schedule(LOOK_MS, look);
}

/** It has a certificate in use; flash that has not kept it as it said it would costs one more at the next start. */
function isEnrolled({ listening, device, plant }: Life): boolean {
  return listening && (device.machine.flash.values.has('enrolled') || plant.harmedWrites() > 0);
}

/** What is in use is a certificate of this device with its key, whole. */
function checkEnrolment(life: Life): void {
  const { device, plant } = life;
  const kept = device.machine.flash.values.get('enrolled');
  if (kept === undefined && plant.harmedWrites() > 0) return;
  const certificate = certificateIn(life, 'enrolled');
  if (certificate === undefined) throw new Error('I19: there is no certificate with its key');
  if (certificate.subject !== `CN=${device.deviceId}`) throw new Error(`I19: a certificate for ${certificate.subject}`);
}

/** Made since people have looked away. */
function isNew(certificate: X509Certificate | undefined, { world, msSinceAct }: Life): boolean {
  return Date.parse(certificate?.validFrom ?? '') > world.time.epochMs - msSinceAct;
}

function isRenewed(life: Life): boolean {
  const { values } = life.device.machine.flash;
  if (isNew(certificateIn(life, 'enrolled'), life) && !values.has('enrolled-new')) return true;
  // Flash that has not done what it said it would: what was before is in force, or what is is proven once more, at the next start.
  return life.plant.harmedWrites() > 0 && life.msSinceAct > LATE_MS;
}

/** The certificate is another one, and nobody has given the device a password for it. */
function checkRenewal(life: Life): void {
  checkEnrolment(life);
  const { device, world, plant } = life;
  if (plant.harmedWrites() > 0) return;
  if (device.machine.flash.values.has('enrolled-new')) throw new Error('I19: a candidate is left');
  if (!isNew(certificateIn(life, 'enrolled'), life)) throw new Error('I19: the certificate is the old one');
  const asked = world.platform.requests.filter(({ path }) => path === ENROL);
  if (asked.length > 0) throw new Error('I19: it has asked with its one-time password again');
}

export const ENROLMENT_SCENARIOS: readonly Scenario[] = [
  {
    name: 'enrolment',
    meaning: 'a new device gets its certificate by itself',
    begin: 'new',
    enrols: true,
    config: ENROLLED,
    prepare: register,
    act: registerOnceMore,
    done: isEnrolled,
    check: checkEnrolment,
  },
  {
    name: 'renewal',
    meaning: 'a certificate is replaced when two thirds of its life are over; the one before is in use until then',
    begin: 'listening',
    enrols: true,
    certificateLifeMs: SHORT_LIFE_MS,
    config: { ...ENROLLED, measurementInterval: '300' },
    prepare: register,
    done: isRenewed,
    check: checkRenewal,
  },
];
