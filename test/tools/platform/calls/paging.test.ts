// SPDX-License-Identifier: Apache-2.0

import test from 'ava';
import type { JsonObject } from '../../../../tools/platform/model.ts';
import { Desk } from '../desk.ts';

const path = '/inventory/managedObjects';

function full(count: number): Desk {
  const desk = new Desk();
  for (let n = 1; n <= count; n++) desk.send('POST', path, { body: { n } });
  return desk;
}

function numbers(body: JsonObject): unknown[] {
  return (body['managedObjects'] as JsonObject[]).map(({ n }) => n);
}

test('pages are five long by default and lead to the next and the one before', (t) => {
  const desk = full(12);
  const first = desk.send('GET', path).json;
  t.deepEqual(numbers(first), [1, 2, 3, 4, 5]);
  t.deepEqual(first['statistics'], { currentPage: 1, pageSize: 5 });
  t.is(first['prev'], undefined);
  const next = String(first['next']).replace('http://platform.test:8080', '');
  const second = desk.send('GET', next).json;
  t.deepEqual(numbers(second), [6, 7, 8, 9, 10]);
  t.true(String(second['prev']).includes('currentPage=1'));
  const last = desk.send('GET', `${path}?currentPage=3&withTotalPages=true&withTotalElements=true`).json;
  t.deepEqual(numbers(last), [11, 12]);
  t.is(last['next'], undefined);
  t.deepEqual(last['statistics'], { currentPage: 3, pageSize: 5, totalPages: 3, totalElements: 12 });
  t.deepEqual(numbers(desk.send('GET', `${path}?currentPage=4`).json), []);
});

test('next may be there on the last page too', (t) => {
  const desk = full(1);
  desk.platform.settings.alwaysNext = true;
  t.true(String(desk.send('GET', path).json['next']).includes('currentPage=2'));
});

test('pages may be shorter than asked for', (t) => {
  const desk = full(7);
  desk.platform.settings.mostPageSize = 3;
  const first = desk.send('GET', `${path}?pageSize=20`).json;
  t.deepEqual(numbers(first), [1, 2, 3]);
  t.regex(String(first['next']), /pageSize=3&currentPage=2/);
  t.deepEqual(numbers(desk.send('GET', `${path}?pageSize=20&currentPage=3`).json), [7]);
});

test('a page has at most 2,000 elements and its size must be a number', (t) => {
  const desk = full(1);
  t.like(desk.send('GET', `${path}?pageSize=5000`).json['statistics'], { pageSize: 2000 });
  for (const bad of ['0', '-1', 'x', '1.5', '']) t.is(desk.send('GET', `${path}?pageSize=${bad}`).status, 422, bad);
  t.is(desk.send('GET', `${path}?currentPage=0`).status, 422);
});
