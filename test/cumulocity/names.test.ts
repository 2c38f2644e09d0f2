// SPDX-License-Identifier: Apache-2.0

import test from 'ava';
import { checkExternalId } from '../../src/cumulocity/identity.ts';
import { checkFreeName, checkName, isAmong } from '../../src/cumulocity/names.ts';

test('names that the platform can reach', (t) => {
  for (const name of ['T', 'c8y_TemperatureMeasurement', 'a-b', 'ä', '日本', "it's", 'x:y', '#', 'x'.repeat(256)]) {
    t.notThrows(() => checkName('fragment', name), name);
  }
});

test('invalid names are refused, and shown on one line', (t) => {
  const wrong = ['', ' ', 'a b', 'a\tb', 'a\u00a0b', 'x'.repeat(257), 'a\nb', 'a\0b', 'a\x7fb', 'a"b', 'a\\b'];
  for (const character of '.,*[]()@$/') wrong.push(`a${character}b`);
  for (const name of wrong) {
    const error = t.throws(() => checkName('series', name), { instanceOf: RangeError }, JSON.stringify(name));
    t.regex(
      error?.message ?? '',
      /^series: the name "[^\u0000-\u001f\u007f]*" is not allowed; allowed: no white space and none of/,
    );
    t.true((error?.message.length ?? 0) < 200);
  }
});

test('a name that has a meaning of its own is refused where it would be taken for that', (t) => {
  t.notThrows(() => checkFreeName('fragment', 'type2', ' type time '));
  t.throws(() => checkFreeName('fragment', 'type', ' type time '), {
    message: /"type" is not allowed: it has a meaning/,
  });
  t.throws(() => checkFreeName('fragment', 'a b', ' a b '), { message: /no white space/ });
});

test('a name is among others as a whole only', (t) => {
  const names = ' creationTime time id c8y_Id ids ';
  for (const name of ['creationTime', 'time', 'id', 'c8y_Id', 'ids']) t.true(isAmong(name, names), name);
  for (const name of ['', 'creation', 'Time', 'i', 'c8y_', 's', 'other']) t.false(isAmong(name, names), name);
});

test('an external id is visible ASCII in both parts', (t) => {
  t.notThrows(() => checkExternalId('child', { type: 'c8y_Serial', id: 'A/7%20b' }));
  t.notThrows(() => checkExternalId('child', { type: 'x'.repeat(200), id: '~' }));
  t.notThrows(() => checkExternalId('child', { type: '.a', id: '...' }));
  const wrong: readonly unknown[] = ['', '.', '..', 'a b', 'é', 'a\n', 'x'.repeat(201), 7, undefined, null, {}];
  for (const bad of wrong) {
    t.throws(() => checkExternalId('child "c1"', { type: bad, id: 'x' }), { message: /^child "c1": type and id/ });
    t.throws(() => checkExternalId('child "c1"', { type: 'x', id: bad }), { message: /^child "c1": type and id/ });
  }
});
