// SPDX-License-Identifier: Apache-2.0
/** What clients that nobody here wrote have shown: go-c8y-cli and the platform's own for Python. */

import test from 'ava';
import type { JsonObject } from '../../../../tools/platform/model.ts';
import { Desk } from '../desk.ts';
import { alarm, objects } from '../scene.ts';

const times = ['2026-01-15T11:00:00.000Z', '2026-01-15T11:00:01.000Z'];

/** A device with two temperatures, the second with a humidity. */
function measured(): { desk: Desk; id: string } {
  const desk = new Desk();
  const { user, id } = desk.device('d1');
  const [first, second] = times;
  for (const [time, c8y_T] of [
    [second, { T: { value: 6, unit: 'C' }, H: { value: 50 } }],
    [first, { T: { value: 5, unit: 'C' } }],
  ] as [string, JsonObject][]) {
    desk.send('POST', '/measurement/measurements', { as: user, body: { source: { id }, type: 't', time, c8y_T } });
  }
  return { desk, id };
}

test('series of measurements are read for a chart', (t) => {
  const { desk, id } = measured();
  const answer = desk.send('GET', `/measurement/measurements/series?source=${id}&series=c8y_T.T&series=c8y_T.H`);
  t.is(answer.status, 200);
  const [first = '', second = ''] = times;
  t.deepEqual(answer.json, {
    values: {
      [first]: [{ min: 5, max: 5 }, null],
      [second]: [
        { min: 6, max: 6 },
        { min: 50, max: 50 },
      ],
    },
    series: [
      { type: 'c8y_T', name: 'T', unit: 'C' },
      { type: 'c8y_T', name: 'H', unit: '' },
    ],
    truncated: false,
  });
  const one = `series?source=${id}&series=c8y_T.H&dateFrom=2026-01-15T11:00:00.500123456Z`;
  t.deepEqual(Object.keys(desk.send('GET', `/measurement/measurements/${one}`).json['values'] ?? {}), [second]);
});

test('the options of a category are read at once', (t) => {
  const desk = new Desk();
  for (const key of ['a', 'b']) desk.send('POST', '/tenant/options', { body: { category: 'c', key, value: key } });
  desk.send('POST', '/tenant/options', { body: { category: 'd', key: 'x', value: 'y' } });
  t.deepEqual(desk.send('GET', '/tenant/options/c').json, { a: 'a', b: 'b' });
});

test('an empty segment in a path is none, but a device that sends one has lost an id', (t) => {
  const desk = new Desk();
  const { user, id } = desk.device('d1');
  const raised = desk.send('POST', '/alarm/alarms/', { body: alarm(id) });
  t.is(raised.status, 201);
  t.is(desk.send('PUT', `/alarm/alarms//${raised.id}`, { body: { status: 'CLEARED' } }).status, 200);
  t.is(desk.send('GET', `${objects}/`).status, 200);
  t.deepEqual(desk.broken, []);
  desk.send('DELETE', `${objects}/${id}/childDevices/`, { as: user });
  t.deepEqual(desk.broken, ['unknown-resource', 'unknown-resource']);
});
