// SPDX-License-Identifier: Apache-2.0

import test from 'ava';
import { overheadRatio, smallestRequest } from '../../tools/bench/wire.ts';

const TYPE = 'c8y_TemperatureMeasurement';
const item = (time: string, value: number) => ({ time, source: { id: '1' }, [TYPE]: { T: { value } } }) as const;

test('the smallest request has nothing that could be left out', (t) => {
  const body = `{"type":"${TYPE}","time":"2026-01-04T10:00:00Z","source":{"id":"1"},"${TYPE}":{"T":{"value":20.5,"unit":"°C"}}}`;
  const lines = [
    'POST /measurement/measurements HTTP/1.1',
    'Host:platform.test',
    'User-Agent:fractus/1',
    'Authorization:Basic abc',
    'Content-Type:application/vnd.com.nsn.cumulocity.measurement+json',
    `Content-Length:${Buffer.byteLength(body)}`,
    '',
    body,
  ];
  const request = smallestRequest([item('2026-01-04T10:00:00.000Z', 20.5)], 'Basic abc', 'fractus/1');
  t.is(request.toString(), lines.join('\r\n'));
});

test('several are a collection; fractions of a second stay as far as they say something', (t) => {
  const items = [item('2026-01-04T10:00:00.120Z', 1), item('2026-01-04T10:00:01.000+00:00', 2)];
  const text = smallestRequest(items, 'Basic abc', 'fractus/1').toString();
  t.regex(text, /measurementcollection\+json/);
  t.deepEqual(text.match(/"time":"[^"]*"/g), ['"time":"2026-01-04T10:00:00.12Z"', '"time":"2026-01-04T10:00:01Z"']);
  t.deepEqual(Object.keys(JSON.parse(text.slice(text.indexOf('{')))), ['measurements']);
});

test('what the agent sends is larger than the smallest, and the same each time', (t) => {
  for (const batch of [1, 50]) {
    const ratio = overheadRatio(batch);
    t.true(ratio > 1, `${batch}: ${ratio}`);
    t.is(overheadRatio(batch), ratio);
  }
});
