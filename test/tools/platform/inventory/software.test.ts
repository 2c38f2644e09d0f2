// SPDX-License-Identifier: Apache-2.0

import test from 'ava';
import type { Json } from '../../../../tools/platform/model.ts';
import { Desk } from '../desk.ts';

const PATH = '/service/advanced-software-mgmt/software';
const headers = { 'content-type': 'application/json', accept: 'application/json' };

function open(on = true) {
  const desk = new Desk();
  desk.platform.settings.advancedSoftware = on;
  const { id, user } = desk.device('d1');
  const send = (method: string, body?: Json, more = '', as = user) =>
    desk.send(method, `${PATH}?deviceId=${id}${more}`, {
      as,
      headers,
      ...(body !== undefined && { bytes: Buffer.from(JSON.stringify(body)) }),
    });
  const list = (more = '') => (send('GET', undefined, more).json as { softwareList: Json[] }).softwareList;
  return { desk, id, send, list };
}

const cellar = { name: 'cellar', version: '1.0', softwareType: 'mod', url: 'https://example.com/cellar' };
const attic = { name: 'attic', version: '2', softwareType: 'mod' };

test('the whole list is replaced, more is appended, some is taken away', (t) => {
  const { desk, id, send, list } = open();
  t.deepEqual(list(), []);
  t.is(send('POST', [cellar]).status, 201);
  t.deepEqual(list(), [cellar]);
  t.is(send('PUT', [attic]).status, 200);
  t.deepEqual(list(), [cellar, attic]);
  t.is(send('PUT', [{ ...attic, url: 'https://example.com/attic' }]).status, 200);
  t.deepEqual(list(), [cellar, { ...attic, url: 'https://example.com/attic' }]);
  t.is(send('DELETE', [{ name: 'cellar', version: '0.9' }]).status, 204);
  t.is(list().length, 2, 'another version is another one');
  t.is(send('DELETE', [{ name: 'cellar', version: '1.0' }]).status, 204);
  t.is(list().length, 1);
  t.is(send('POST', [cellar]).status, 201);
  t.deepEqual(list(), [cellar]);
  const additions = desk.send('GET', `/inventory/managedObjects/${id}/childAdditions`).json;
  t.is((additions as { references: Json[] }).references.length, 1);
  t.deepEqual(desk.broken, []);
});

test('it is asked for by name, version and type, in pages', (t) => {
  const { send, list } = open();
  const many = Array.from({ length: 7 }, (_, i) => ({ name: `part-${i}`, version: String(i % 2) }));
  send('POST', [...many, cellar]);
  t.is(list().length, 5, 'as many as a page has');
  t.is(list('&pageSize=100').length, 8);
  t.is(list('&pageSize=5&currentPage=2').length, 3);
  t.deepEqual(list('&name=cellar'), [cellar]);
  t.deepEqual(list('&type=mod'), [cellar]);
  t.is(list('&version=1&pageSize=100').length, 3);
  t.like(send('GET', undefined, '&withTotalPages=true').json, { statistics: { totalPages: 2 } });
});

test('who it is not of may not write it, and of nobody there is none', (t) => {
  const { desk, id, send } = open();
  const { user: other } = desk.device('d2');
  t.is(send('POST', [cellar], '', other).status, 403);
  t.is(desk.send('GET', `${PATH}?deviceId=0`, { headers }).status, 404);
  t.is(
    desk.send('POST', `${PATH}?deviceId=${id}`, { headers, bytes: Buffer.from(JSON.stringify([cellar])) }).status,
    201,
  );
});

test('a tenant without the service answers 404, which is no breach', (t) => {
  const { desk, send } = open(false);
  t.is(send('POST', [cellar]).status, 404);
  t.is(send('GET').status, 404);
  t.deepEqual(desk.broken, []);
});
