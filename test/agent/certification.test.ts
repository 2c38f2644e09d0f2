// SPDX-License-Identifier: Apache-2.0

import test from 'ava';
import type { JsonObject } from '../../tools/platform/model.ts';
import { alarmsOf, eventsOf, findDevice, measurementsOf } from '../../tools/platform/operator.ts';
import { calls, createSettled, objectOf } from './scene.ts';

/** The mandatory table of the certification requirements: fragment → members that must be strings. */
const mandatory: Readonly<Record<string, readonly string[]>> = {
  c8y_IsDevice: [],
  c8y_Agent: ['name', 'version'],
  c8y_Hardware: ['model', 'revision', 'serialNumber'],
  c8y_Firmware: ['name', 'version'],
};

const instant = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}(Z|[+-]\d\d:\d\d)$/;

function isText(value: unknown): boolean {
  return typeof value === 'string' && value !== '';
}

test('the managed object meets the mandatory table', (t) => {
  const hardware = { model: 'M1', revision: '3', serialNumber: 'c-1' };
  const firmware = { name: 'metering', version: '7' };
  const world = createSettled(t, { app: (board) => void board.child('c', { hardware, firmware }) });
  const { fragments } = objectOf(world);
  const child = findDevice(world.platform, `${world.device.deviceId}:c`)?.fragments ?? {};
  for (const document of [fragments, child]) {
    t.true(isText(document['name']));
    t.true(isText(document['type']));
    for (const [name, members] of Object.entries(mandatory)) {
      if (document === child && name === 'c8y_Agent') continue;
      const fragment = document[name] as JsonObject | undefined;
      t.truthy(fragment, name);
      for (const member of members) t.true(isText(fragment?.[member]), `${name}.${member}`);
    }
  }
  t.deepEqual(fragments['com_cumulocity_model_Agent'], {});
  const names = fragments['c8y_SupportedOperations'] as string[];
  t.true(names.length > 0 && names.every(isText));
  t.is(new Set(names).size, names.length);
  t.is(findDevice(world.platform, world.device.deviceId)?.id, objectOf(world).id, 'it has an external id');
});

test('measurements, events and alarms have all mandatory members', (t) => {
  const world = createSettled(t, {
    app: (board) => {
      const thermometer = board.hal.sensors['thermometer'];
      t.truthy(thermometer?.sample());
      board.measure('mixed', { a_b: { x: { value: -1.5, unit: 'V' }, y: { value: 2 } }, c: { z: { value: 0 } } });
      board.event('door', 'Door open', { c8y_Door: { open: true } });
      board.alarm('smoke', 'CRITICAL', 'Smoke', { c8y_Floor: 2 });
      board.position(51.2, 6.15, 73.9);
    },
  });
  world.run(5000);
  const { id } = objectOf(world);
  const bodies = (path: string) => calls(world, 'POST', path).map(({ body }) => JSON.parse(body) as JsonObject);
  for (const document of [
    ...bodies('/measurement/measurements'),
    ...bodies('/event/events'),
    ...bodies('/alarm/alarms'),
  ]) {
    t.deepEqual(document['source'], { id });
    t.true(isText(document['type']));
    t.regex(String(document['time']), instant);
  }
  for (const document of [...bodies('/event/events'), ...bodies('/alarm/alarms')]) t.true(isText(document['text']));
  for (const document of bodies('/alarm/alarms')) {
    t.true(['CRITICAL', 'MAJOR', 'MINOR', 'WARNING'].includes(String(document['severity'])));
    t.is(document['status'], 'ACTIVE');
  }
  t.like(measurementsOf(world.platform, id)[0]?.fragments, {
    a_b: { x: { value: -1.5, unit: 'V' }, y: { value: 2 } },
    c: { z: { value: 0 } },
  });
  t.like(eventsOf(world.platform, id)[0]?.fragments, { type: 'door', c8y_Door: { open: true } });
  t.like(eventsOf(world.platform, id)[1]?.fragments, {
    type: 'c8y_LocationUpdate',
    c8y_Position: { lat: 51.2, lng: 6.15, alt: 73.9 },
  });
  t.deepEqual(objectOf(world).fragments['c8y_Position'], { lat: 51.2, lng: 6.15, alt: 73.9 });
  t.like(alarmsOf(world.platform, id)[0]?.fragments, { type: 'smoke', c8y_Floor: 2 });
});
