// SPDX-License-Identifier: Apache-2.0

import test from 'ava';
import { type Rule, rules } from '../../../../tools/platform/rules.ts';
import { agentDocument, Desk } from '../desk.ts';
import { objects } from '../scene.ts';
import { documentBreaches } from './breaches-documents.ts';
import { enrolmentBreaches } from './breaches-enrolment.ts';
import { operationBreaches } from './breaches-operations.ts';
import { remoteBreaches } from './breaches-remote.ts';
import { carryOut, keptResults, resultBreaches } from './breaches-results.ts';
import { serviceBreaches } from './breaches-services.ts';
import { softwareBreaches } from './breaches-software.ts';
import { strictBreaches } from './breaches-strict.ts';

const breaches = [
  ...documentBreaches,
  ...enrolmentBreaches,
  ...operationBreaches,
  ...remoteBreaches,
  ...resultBreaches,
  ...serviceBreaches,
  ...softwareBreaches,
  ...strictBreaches,
];

for (const [rule, name, act] of breaches) {
  test(`${rule}: ${name}`, (t) => {
    const desk = new Desk();
    const scene = { desk, ...desk.device('d1') };
    t.deepEqual(desk.broken, []);
    act(scene);
    t.deepEqual(desk.broken, [rule]);
    t.deepEqual(desk.defects, []);
  });
}

for (const [name, asked, deed] of keptResults) {
  test(`no breach: ${name}`, (t) => {
    const desk = new Desk();
    carryOut({ desk, ...desk.device('d1') }, asked, deed);
    t.deepEqual(desk.broken, []);
  });
}

test('every rule has a breach in this table', (t) => {
  const covered = new Set(breaches.map(([rule]) => rule));
  t.deepEqual(
    Object.keys(rules).filter((rule) => !covered.has(rule as Rule)),
    [],
  );
});

test('a breach says who, what, where, when and by which clause', (t) => {
  const desk = new Desk();
  const { user, id } = desk.device('d1');
  desk.send('PUT', `${objects}/${id}`, { as: user, body: { name: 'x' } });
  t.deepEqual(desk.platform.breaches, [
    {
      rule: 'name-updated',
      what: `name of object ${id}`,
      clause: rules['name-updated'],
      user: 'device_d1',
      request: `PUT ${objects}/${id}`,
      time: '2026-01-15T12:00:00.000Z',
    },
  ]);
});

test('people break no rules', (t) => {
  const desk = new Desk();
  const { id } = desk.device('d1');
  desk.send('PUT', `${objects}/${id}`, { body: { name: 'x' }, headers: { 'content-type': 'application/json' } });
  desk.send('POST', objects, { body: agentDocument('d1') });
  desk.send('POST', '/event/events', { body: {} });
  t.deepEqual(desk.broken, []);
});
