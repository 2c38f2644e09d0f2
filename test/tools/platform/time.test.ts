// SPDX-License-Identifier: Apache-2.0

import test from 'ava';
import { formatTime, parseQueryTime, parseTime } from '../../../tools/platform/time.ts';

const noon = Date.UTC(2026, 0, 15, 12);
const times: readonly [unknown, number | undefined][] = [
  ['2026-01-15T12:00:00.000Z', noon],
  ['2026-01-15T12:00:00Z', noon],
  ['2026-01-15T12:00Z', noon],
  ['2026-01-15T13:00:00.000+01:00', noon],
  ['2026-01-15T13:00:00+0100', noon],
  ['2026-01-15T07:00:00.5-05:00', noon + 500],
  ['2026-01-15T12:00:00,123456Z', noon + 123],
  ['2024-02-29T00:00:00Z', Date.UTC(2024, 1, 29)],
  ['2026-02-29T00:00:00Z', undefined],
  ['2026-13-01T00:00:00Z', undefined],
  ['2026-01-15T24:00:00Z', undefined],
  ['2026-01-15T12:00:00', undefined],
  ['2026-01-15', undefined],
  ['15 Jan 2026', undefined],
  ['', undefined],
  [1_768_478_400_000, undefined],
  [null, undefined],
];
for (const [text, ms] of times) test(`time ${JSON.stringify(text)}`, (t) => t.is(parseTime(text), ms));

test('queries know dates alone and take times without a zone as UTC', (t) => {
  t.is(parseQueryTime('2026-01-15'), Date.UTC(2026, 0, 15));
  t.is(parseQueryTime('2026-01-15T12:00:00'), noon);
  t.is(parseQueryTime('2026-01-15T13:00:00+01:00'), noon);
  t.is(parseQueryTime('yesterday'), undefined);
});

test('times are written in UTC with milliseconds', (t) => t.is(formatTime(noon), '2026-01-15T12:00:00.000Z'));
