// SPDX-License-Identifier: Apache-2.0
/** Every route with every kind of nonsense: an answer below 500, no defect, and afterwards all is as it should be. */

import { validateHeaderValue } from 'node:http';
import test from 'ava';
import type { Json } from '../../../../tools/platform/model.ts';
import { routes } from '../../../../tools/platform/routes.ts';
import { Desk } from '../desk.ts';

const values: readonly Json[] = [
  null,
  true,
  0,
  -1,
  1e308,
  '',
  'x',
  '1',
  '\u0000',
  '日本\r\n',
  '\ud83d',
  '../..',
  '9999-12-31T23:59:59Z',
  'x'.repeat(5000),
  [],
  {},
  [[]],
  { id: {} },
  { id: '1' },
];
/** Members that some document or other has, each with each value. */
const names = [
  'id',
  'type',
  'name',
  'text',
  'time',
  'status',
  'severity',
  'source',
  'deviceId',
  'externalId',
  'managedObject',
  'references',
  'measurements',
  'failureReason',
  'securityToken',
  'value',
  'category',
  'key',
  'enabled',
  'password',
  'owner',
  'certInPemFormat',
  'c8y_RequiredAvailability',
  'c8y_Hardware',
  'com_cumulocity_model_Agent',
];
const bayeux = ['channel', 'clientId', 'subscription', 'advice', 'ext', 'version', 'connectionType', 'id'];
const parameters = ['source', 'type', 'status', 'dateFrom', 'pageSize', 'currentPage', 'query', 'q', 'ids', 'series'];
const oddQueries = ["name eq '", '((', '*', 'has(', "a eq '(' or", '%', '[', '-5', '1e9', 'NaN', '2026-01-01', ','];
const segments = ['1', '10001', 'x', '%00', '%E6%97%A5', '__proto__', '%', '%ff', '..', 'a%2Fb', 'x'.repeat(3000)];

for (const route of routes) {
  test(`${route.method} ${route.path}`, (t) => {
    const desk = new Desk({ accept: true });
    const device = desk.device('d1');
    let answers = 0;
    const see = (path: string, as: string, body?: Json, headers?: Record<string, string>) => {
      const answer = desk.send(route.method, path, {
        as,
        ...(body === undefined ? {} : { body }),
        ...(headers && { headers }),
      });
      answers += 1;
      // A real server would refuse to send it.
      for (const [name, value] of Object.entries(answer.headers)) validateHeaderValue(name, value);
      const isFine = answer.status !== undefined && answer.status < 500;
      if (!isFine) t.fail(`${answer.status} for ${path.slice(0, 100)} ${JSON.stringify(body)?.slice(0, 200)}`);
    };
    const plain = route.path.replace(/\{[^}]+\}/g, device.id);
    const users = route.users?.[0] === 'bootstrap' ? ['bootstrap', device.user] : ['operator', device.user];
    for (const as of users) {
      for (const segment of segments) see(route.path.replace(/\{[^}]+\}/g, segment), as, {});
      for (const name of parameters) {
        for (const odd of oddQueries) see(`${plain}?${name}=${encodeURIComponent(odd)}`, as);
      }
      for (const value of values) {
        see(plain, as, value);
        for (const name of names) see(plain, as, { ...sound(device.id), [name]: value });
        for (const name of bayeux) see(plain, as, [{ ...message, [name]: value }]);
      }
      for (const type of [
        'multipart/form-data; boundary=x',
        'multipart/form-data',
        'x',
        '',
        'text/plain; a="',
        'é/x',
      ]) {
        see(plain, as, 'x', { 'content-type': type });
      }
    }
    t.deepEqual(desk.defects, []);
    t.true(answers > 1000);
    t.is(desk.send('GET', '/tenant/currentTenant').status, 200);
    t.notThrows(() => desk.time.advance(1e9));
    t.deepEqual(desk.defects, []);
  });
}

const message = { channel: '/meta/handshake', version: '1.0', supportedConnectionTypes: ['long-polling'] };

/** Right for most resources, but for the one member that a test replaces. */
function sound(id: string) {
  return {
    source: { id },
    deviceId: id,
    managedObject: { id },
    type: 't',
    text: 'x',
    severity: 'MAJOR',
    time: '2026-01-15T12:00:00Z',
    externalId: 'e',
    f: { s: { value: 1 } },
  };
}
