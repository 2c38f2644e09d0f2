// SPDX-License-Identifier: Apache-2.0

import test from 'ava';
import { Desk } from '../desk.ts';

test('an external id is unknown, bound, listed, bound only once and freed', (t) => {
  const desk = new Desk();
  const user = desk.user('d1');
  const url = '/identity/externalIds/c8y_Serial/a%20b%2Fc';
  const missing = desk.send('GET', url, { as: user });
  t.is(missing.status, 404);
  t.like(missing.json, {
    error: 'identity/Not Found',
    message: 'External id not found; external id = ID [type=c8y_Serial, value=a b/c]',
  });
  const { id } = desk.send('POST', '/inventory/managedObjects', { as: user, body: { name: 'x' } });
  const body = { type: 'c8y_Serial', externalId: 'a b/c' };
  const bound = desk.send('POST', `/identity/globalIds/${id}/externalIds`, { as: user, body });
  t.is(bound.status, 201);
  t.is(bound.headers['Location'], 'http://platform.test:8080/identity/externalIds/c8y_Serial/a%20b%2Fc');
  t.like(desk.send('GET', url, { as: user }).json, {
    ...body,
    managedObject: { id, self: `http://platform.test:8080/inventory/managedObjects/${id}` },
  });
  const again = desk.send('POST', `/identity/globalIds/${id}/externalIds`, { as: user, body });
  t.is(again.status, 409);
  t.is(again.json['error'], 'identity/Duplicate');
  t.is((desk.send('GET', `/identity/globalIds/${id}/externalIds`).json['externalIds'] as unknown[]).length, 1);
  t.is(desk.send('DELETE', url).status, 204);
  t.is(desk.send('DELETE', url).status, 404);
});

test('binding needs an object, a type and an id', (t) => {
  const desk = new Desk();
  const { id } = desk.send('POST', '/inventory/managedObjects', { body: {} });
  const bind = (target: string, body: Record<string, string>) =>
    desk.send('POST', `/identity/globalIds/${target}/externalIds`, { body }).status;
  t.is(bind('1', { type: 'a', externalId: 'b' }), 404);
  t.is(bind(id, { type: 'a' }), 422);
  t.is(bind(id, { externalId: 'b' }), 422);
});

test('external ids of a deleted object may answer a while longer', (t) => {
  const desk = new Desk();
  const { id } = desk.device('d1');
  desk.platform.settings.deletionDelayMs = 1000;
  desk.send('DELETE', `/inventory/managedObjects/${id}`);
  t.is(desk.send('GET', '/identity/externalIds/c8y_Serial/d1').status, 200);
  desk.time.advance(1000);
  t.is(desk.send('GET', '/identity/externalIds/c8y_Serial/d1').status, 404);
});

test('more external ids of an object need no look-up of their own, and a child has one of its own', (t) => {
  const desk = new Desk();
  const device = desk.device('d1');
  const body = { type: 'c8y_Imei', externalId: '4711' };
  desk.send('POST', `/identity/globalIds/${device.id}/externalIds`, { as: device.user, body });
  desk.child(device, 'c1');
  t.deepEqual(desk.broken, []);
});
