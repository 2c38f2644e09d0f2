// SPDX-License-Identifier: Apache-2.0

import test from 'ava';
import type { Message } from '../../../../tools/platform/messages.ts';
import { alarmsOf, createOperation } from '../../../../tools/platform/operator.ts';
import { Answer, Desk } from '../desk.ts';

const measurement = (id: string, time: string) => ({
  source: { id },
  time,
  type: 'c8y_Air',
  c8y_Air: { T: { value: 20.5, unit: '°C' } },
});

/** Reads along, from a number that it has had last. */
function read(desk: Desk, after?: string): { answer: Answer; messages: () => Message[]; lastId: () => string } {
  const answer = new Answer();
  const headers = after === undefined ? {} : { 'last-event-id': after };
  desk.platform.handle(
    {
      method: 'GET',
      path: '/emulator/stream',
      headers,
      body: new Uint8Array(0),
      port: 'api',
      origin: 'http://127.0.0.1',
    },
    answer,
  );
  return {
    answer,
    messages: () => [...answer.text.matchAll(/^data: (.*)$/gm)].map(([, json = '']) => JSON.parse(json) as Message),
    lastId: () => [...answer.text.matchAll(/^id: (.*)$/gm)].at(-1)?.[1] ?? '',
  };
}

function kinds(messages: readonly Message[]): string[] {
  return messages.map(({ kind }) => kind);
}

test('a newcomer gets all that there is between reset and live, then what happens', (t) => {
  const desk = new Desk();
  const { user, id } = desk.device('d1');
  const { answer, messages } = read(desk);
  t.is(answer.status, 200);
  t.is(answer.headers['Content-Type'], 'text/event-stream');
  const listed = messages();
  t.is(listed[0]?.kind, 'reset');
  t.is(listed.at(-1)?.kind, 'live');
  t.true(listed.some((each) => each.kind === 'object' && each.id === id && each.object?.owner === user));

  const time = '2026-01-15T12:00:00.000Z';
  desk.send('POST', '/measurement/measurements', { as: user, body: measurement(id, time) });
  desk.time.advance(100);
  const after = messages().slice(listed.length);
  t.deepEqual(kinds(after), ['exchange', 'exchange', 'object', 'measurement']);
  const asked = after[0];
  const ended = after[1];
  if (asked?.kind !== 'exchange' || ended?.kind !== 'exchange') return t.fail();
  t.is(asked.exchange.status, undefined);
  t.like(ended.exchange, { label: 'measurements', step: 'step 9', status: 201, user });
  t.is(ended.told?.text, 'measures Air T 20.5 °C');
  const stored = after.find((each) => each.kind === 'measurement');
  t.like(stored, {
    measurement: { sourceId: id, sampledMs: Date.parse(time), series: [{ name: 'c8y_Air.T', value: 20.5 }] },
  });
  const numbers = after.map(({ number }) => number);
  t.deepEqual(
    numbers,
    numbers.map((_, i) => (numbers[0] ?? 0) + i),
    'no number is left out',
  );
});

test('after a gap comes what was missed, and no more; after too long a gap or a new start everything', (t) => {
  const desk = new Desk();
  const { id } = desk.device('d1');
  const first = read(desk);
  const operation = createOperation(desk.platform, id, { c8y_Command: { text: 'x' } });
  desk.time.advance(100);
  const last = first.lastId();
  first.answer.close();
  createOperation(desk.platform, id, { c8y_Restart: {} });
  desk.time.advance(100);
  const missed = read(desk, last).messages();
  t.deepEqual(kinds(missed), ['operation']);
  t.false(missed.some((each) => each.kind === 'operation' && each.id === operation.id));
  t.is(read(desk, 'elsewhere-3').messages()[0]?.kind, 'reset');
  for (let i = 0; i < 23_000; i++) desk.platform.watch().say({ kind: 'told' });
  t.is(read(desk, last).messages()[0]?.kind, 'reset');
});

test('alarms, operations, faults and breaches are told when they change; what is deleted is told as gone', (t) => {
  const desk = new Desk();
  const { user, id } = desk.device('d1');
  const { messages } = read(desk);
  const alarm = { source: { id }, type: 'hot', text: 'too hot', severity: 'MAJOR', time: '2026-01-15T12:00:00.000Z' };
  desk.send('POST', '/alarm/alarms', { as: user, body: alarm });
  desk.time.advance(100);
  const [raised] = alarmsOf(desk.platform, id);
  desk.send('PUT', `/alarm/alarms/${raised?.id}`, { as: 'operator', body: { status: 'CLEARED' } });
  desk.time.advance(100);
  const alarms = messages().flatMap((each) => (each.kind === 'alarm' ? [each.alarm?.fragments['status']] : []));
  t.deepEqual(alarms, ['ACTIVE', 'CLEARED']);
  const fault = desk.platform.order({ kind: 'dropBefore' });
  desk.platform.cancel(fault);
  const faults = messages().flatMap((each) => (each.kind === 'faults' ? [each.faults.length] : []));
  t.deepEqual(faults.slice(-2), [1, 0]);
  desk.send('DELETE', `/inventory/managedObjects/${id}`, { as: 'operator' });
  desk.time.advance(100);
  t.true(messages().some((each) => each.kind === 'object' && each.id === id && each.object === undefined));
});

test('who does not read is let go, and readers are limited', (t) => {
  const desk = new Desk();
  const { answer } = read(desk);
  Object.assign(answer, { backlogBytes: 17 * 1024 * 1024 });
  desk.platform.watch().say({ kind: 'told' });
  t.true(answer.isDropped);
  t.is(desk.platform.watch().journal.readers, 0);
  const readers = Array.from({ length: 50 }, () => read(desk));
  t.is(read(desk).answer.status, 503);
  readers[0]?.answer.close();
  t.is(read(desk).answer.status, 200);
});
