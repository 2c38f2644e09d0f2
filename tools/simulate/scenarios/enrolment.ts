// SPDX-License-Identifier: Apache-2.0
/** A simulated machine that enrols its certificate, and the checks for it. */

import type { X509Certificate } from 'node:crypto';
import type { RawConfig } from '../../../src/index.ts';
import { registerEnrolment } from '../../platform/operator.ts';
import { certificateIn } from '../machine/certificate.ts';
import type { Life, Scenario } from '../machine/life.ts';

const PASSWORD = 'a-password-for-once';
/** Interval in which a person checks the device, and registers it again if it is missing. */
const LOOK_MS = 60_000;
const ENROL = '/.well-known/est/simpleenroll';
/** A certificate life after which the renewal is due when a known device starts, an hour after it was switched off. */
const SHORT_LIFE_MS = 5_700_000;
/** Time by which the certificate is replaced, unless a fault prevents it. */
const LATE_MS = 900_000;
const ENROLLED: RawConfig = {
  ...{ auth: 'certificate', certificate: 'enrolled', privateKey: 'enrolled' },
  bootstrapPassword: PASSWORD,
};

/** Registers the device, as a person does. */
function register({ world, device }: Pick<Life, 'world' | 'device'>): void {
  registerEnrolment(world.platform, device.deviceId, PASSWORD);
}

/** Registers the device again when its certificate was lost in transit. */
function registerOnceMore(life: Life): void {
  const { world, device } = life;
  const look = () => {
    const enrolment = world.platform.core.enrolments.get(device.deviceId);
    if (enrolment?.usedBy !== undefined && !life.listening) register(life);
    world.time.schedule(LOOK_MS, look);
  };
  world.time.schedule(LOOK_MS, look);
}

/** The device uses a certificate. Flash that did not keep a write costs one more at the next start. */
function isEnrolled({ listening, device, plant }: Life): boolean {
  return listening && (device.machine.flash.values.has('enrolled') || plant.harmedWrites() > 0);
}

/** The certificate in use is for this device, whole, and has its key. */
function checkEnrolment(life: Life): void {
  const { device, plant } = life;
  const kept = device.machine.flash.values.get('enrolled');
  if (kept === undefined && plant.harmedWrites() > 0) return;
  const certificate = certificateIn(life, 'enrolled');
  if (certificate === undefined) throw new Error('I19: there is no certificate with its key');
  if (certificate.subject !== `CN=${device.deviceId}`) throw new Error(`I19: a certificate for ${certificate.subject}`);
}

/** Whether the certificate was issued since the scenario began. */
function isNew(certificate: X509Certificate | undefined, { world, msSinceAct }: Life): boolean {
  return Date.parse(certificate?.validFrom ?? '') > world.time.epochMs - msSinceAct;
}

function isRenewed(life: Life): boolean {
  const { values } = life.device.machine.flash;
  if (isNew(certificateIn(life, 'enrolled'), life) && !values.has('enrolled-new')) return true;
  // After a harmed write, the old certificate may still be in use, or the new one is proven again at the next start.
  return life.plant.harmedWrites() > 0 && life.msSinceAct > LATE_MS;
}

/** The certificate is new, and the one-time password was not used again. */
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
    meaning: 'a new device enrols its certificate',
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
    meaning: 'a certificate is replaced after two thirds of its life; the old one is in use until then',
    begin: 'listening',
    enrols: true,
    certificateLifeMs: SHORT_LIFE_MS,
    config: { ...ENROLLED, measurementInterval: '300' },
    prepare: register,
    done: isRenewed,
    check: checkRenewal,
  },
];
