// SPDX-License-Identifier: Apache-2.0

import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import test from 'ava';
import { registerEnrolment, World } from 'fractus/test';
import { app, capabilities } from '../../examples/enrolled/app.ts';
import { composition } from '../../tools/moddable/project/composition.ts';

const PROJECT = fileURLToPath(new URL('../../examples/enrolled', import.meta.url));
const { config } = JSON.parse(readFileSync(path.join(PROJECT, 'manifest.json'), 'utf8')) as {
  config: Record<string, string>;
};
const DEVICE = 'cold-store-1';
const PASSWORD = 'a-password-for-once';
const DAY_MS = 86_400_000;
/** Instead of a year. */
const LIFE_MS = 9 * DAY_MS;

function createColdStore() {
  const world = new World({
    app,
    capabilities,
    platform: { settings: { certificateLifeMs: LIFE_MS } },
    machine: { sensors: { climate: { sample: () => ({ temperature: -18.4 }) } } },
    config: {
      ...config,
      deviceId: DEVICE,
      bootstrapPassword: PASSWORD,
      measurementInterval: '43200',
      pollTimeout: '7200',
    },
  });
  const certificate = () => new X509Certificate(world.device.machine.flash.values.get('enrolled') ?? '');
  return { world, certificate };
}

test('registered with a one-time password, it gets its certificate and reports as itself', (t) => {
  const { world, certificate } = createColdStore();
  registerEnrolment(world.platform, DEVICE, PASSWORD);
  world.connect();
  t.is(certificate().subject, `CN=${DEVICE}`);
  t.is(world.object?.owner, `device_${DEVICE}`);
  world.run(DAY_MS);
  t.deepEqual(world.measurements[0]?.fragments['c8y_TemperatureMeasurement'], { T: { value: -18.4, unit: '°C' } });
  t.is(world.operate({ c8y_Command: { text: 'help' } }).status, 'SUCCESSFUL');
  world.finish();
});

test('before that it waits, and when two thirds of its life are over it has another one', (t) => {
  const { world, certificate } = createColdStore();
  world.start();
  world.run(3_600_000);
  t.is(world.object, undefined);
  registerEnrolment(world.platform, DEVICE, PASSWORD);
  world.connect();
  const first = certificate().serialNumber;
  world.run(5 * DAY_MS);
  t.is(certificate().serialNumber, first);
  world.run(2 * DAY_MS);
  t.not(certificate().serialNumber, first);
  world.finish();
});

test('its firmware has what it lists, and no more', async (t) => {
  t.regex((await composition(PROJECT)) ?? '', /export \{ command, configuration, enrolment, restart \} from/);
});
