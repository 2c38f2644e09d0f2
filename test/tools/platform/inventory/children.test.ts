// SPDX-License-Identifier: Apache-2.0

import test from 'ava';
import { Desk } from '../desk.ts';

const path = '/inventory/managedObjects';
const reference = 'application/vnd.com.nsn.cumulocity.managedobjectreferencecollection+json';
const object = 'application/vnd.com.nsn.cumulocity.managedobject+json';

test('children are linked, listed from both ends and unlinked without being deleted', (t) => {
  const desk = new Desk();
  const device = desk.device('d1');
  const child = desk.child(device, 'd1:c');
  const url = `${path}/${device.id}/childDevices`;
  t.like(desk.send('GET', url).json, { references: [{ managedObject: { id: child, name: 'd1:c' } }] });
  t.like(desk.send('GET', `${path}/${child}`).json['deviceParents'], {
    references: [{ managedObject: { id: device.id } }],
  });
  t.deepEqual(
    (desk.send('GET', `${path}/${device.id}?withChildren=false`).json['childDevices'] as { references: [] }).references,
    [],
  );
  t.is(desk.send('GET', `${url}/${child}`).status, 200);
  t.is(
    desk.send('POST', url, { as: device.user, body: { managedObject: { id: child } } }).status,
    201,
    'again is harmless',
  );
  t.is(desk.send('DELETE', `${url}/${child}`, { as: device.user }).status, 204);
  const gone = desk.send('DELETE', `${url}/${child}`, { as: device.user });
  t.is(gone.status, 422);
  t.like(gone.json, {
    error: 'inventory/Invalid Data',
    message: `managedObject ${child} is not a child of ${device.id}`,
  });
  t.is(desk.send('GET', `${path}/${child}`).status, 200);
  t.deepEqual(desk.broken, []);
});

test('several are linked at once, and one is created and linked in one step', (t) => {
  const desk = new Desk();
  const { user, id } = desk.device('d1');
  const url = `${path}/${id}/childAdditions`;
  const a = desk.send('POST', path, { as: user, body: { name: 'a' } }).id;
  const b = desk.send('POST', path, { as: user, body: { name: 'b' } }).id;
  const both = { references: [{ managedObject: { id: a } }, { managedObject: { id: b } }] };
  t.is(desk.send('POST', url, { as: user, body: both, headers: { 'content-type': reference } }).status, 201);
  const created = desk.send('POST', url, { as: user, body: { name: 'c' }, headers: { 'content-type': object } });
  t.like(created.json, { name: 'c', owner: user });
  t.like(desk.send('GET', url).json, {
    references: [{ managedObject: { id: a } }, { managedObject: { id: b } }, { managedObject: { id: created.id } }],
  });
});

test('what cannot be linked is refused', (t) => {
  const desk = new Desk();
  const { user, id } = desk.device('d1');
  const other = desk.user('d2');
  const link = (as: string, body: object) =>
    desk.send('POST', `${path}/${id}/childDevices`, { as, body: body as never }).status;
  t.is(link(user, { managedObject: { id: '1' } }), 404);
  t.is(link(user, { managedObject: {} }), 422);
  t.is(link(user, { managedObject: { id } }), 422);
  t.is(link(other, { managedObject: { id } }), 403);
});
