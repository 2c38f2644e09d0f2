// SPDX-License-Identifier: Apache-2.0

import test from 'ava';
import { type Exchange, tell } from '../../../../tools/platform/stream/story.ts';

function exchange(method: string, path: string, rest: Partial<Exchange> = {}): Exchange {
  return { method, path, body: undefined, status: 200, createdId: '', ...rest };
}

test('a measurement alone and a collection are told alike', (t) => {
  const measurement = { type: 'x', c8y_Steam: { T: { value: 96.5, unit: '°C' }, p: { value: 2 } } };
  const path = '/measurement/measurements';
  const text = 'measures Steam T 96.5 °C, Steam p 2';
  t.is(tell(exchange('POST', path, { body: measurement, status: 201 }))?.text, text);
  t.is(tell(exchange('POST', path, { body: { measurements: [measurement] }, status: 201 }))?.text, text);
});

test('what is of a child is told with its name', (t) => {
  const childName = (id: string) => (id === '7' ? 'Meter 1' : undefined);
  const told = (path: string, body: Exchange['body']) =>
    tell(exchange('POST', path, { body, status: 201, childName }))?.text;
  const own = { source: { id: '1' }, c8y_Steam: { T: { value: 96.5, unit: '°C' }, p: { value: 2 } } };
  const childs = { source: { id: '7' }, c8y_Power: { P: { value: 5, unit: 'W' } } };
  t.is(told('/measurement/measurements', childs), 'measures Meter 1: Power P 5 W');
  t.is(
    told('/measurement/measurements', { measurements: [own, childs, own] }),
    'measures Steam T 96.5 °C, Steam p 2; Meter 1: Power P 5 W; Steam T 96.5 °C, Steam p 2',
  );
  t.is(
    told('/event/events', { source: { id: '7' }, type: 'acme_Full', text: 'it is full' }),
    'event acme_Full of Meter 1: it is full',
  );
  t.is(
    told('/alarm/alarms', { source: { id: '7' }, type: 'acme_Hot', severity: 'MAJOR', text: 'hot' }),
    'alarm MAJOR acme_Hot of Meter 1: hot',
  );
});

test('what is looked for and created is told as a person writes it', (t) => {
  const at = '/identity/externalIds/c8y_Serial/';
  t.is(tell(exchange('GET', `${at}a%3Apump`, { status: 404 }))?.text, 'looks for a:pump: not registered yet');
  t.is(tell(exchange('GET', `${at}a%zz`))?.text, 'looks for a%zz: found');
  for (const [operations, offered] of [
    [['c8y_Relay'], '1 operation'],
    [['c8y_Relay', 'c8y_Restart'], '2 operations'],
  ] as const) {
    const body = { name: 'Pump', c8y_SupportedOperations: [...operations] };
    const created = tell(exchange('POST', '/inventory/managedObjects', { body, status: 201, createdId: '7' }));
    t.is(created?.text, `creates managed object 7, "Pump", which offers ${offered}`);
  }
});

test('operations: what is sent, how it ends, and the lines of an answer', (t) => {
  const order = { deviceId: '1', c8y_Command: { text: 'help' } };
  const sent = tell(exchange('POST', '/devicecontrol/operations', { body: order, status: 201, createdId: '7' }));
  t.deepEqual(sent, { who: 'operator', text: 'sends operation 7, c8y_Command: help', mood: 'plain', more: [] });
  const end = { status: 'SUCCESSFUL', c8y_Command: { text: 'help', result: 'a\nb\n' } };
  t.deepEqual(tell(exchange('PUT', '/devicecontrol/operations/7', { body: end })), {
    who: 'device',
    text: 'operation 7: SUCCESSFUL',
    mood: 'good',
    more: ['a', 'b'],
  });
  const failure = { status: 'FAILED', failureReason: 'no coffee' };
  const failed = tell(exchange('PUT', '/devicecontrol/operations/7', { body: failure }));
  t.is(failed?.text, 'operation 7: FAILED, no coffee');
  t.is(failed?.mood, 'bad');
});

test('the story tells alarms, events and signs of life', (t) => {
  const alarm = { type: 'c8y_Hot', severity: 'MAJOR', text: 'too hot' };
  t.is(tell(exchange('POST', '/alarm/alarms', { body: alarm }))?.text, 'alarm MAJOR c8y_Hot: too hot');
  t.is(tell(exchange('PUT', '/alarm/alarms/9', { body: { status: 'CLEARED' } }))?.mood, 'good');
  t.is(
    tell(exchange('POST', '/event/events', { body: { type: 'c8y_Door', text: 'open' } }))?.text,
    'event c8y_Door: open',
  );
  t.is(tell(exchange('PUT', '/inventory/managedObjects/1', { body: {} }))?.text, 'says that it is alive');
});

test('what is refused is told, whatever it was; what was cut or is no news is not', (t) => {
  const refused = tell(exchange('POST', '/event/events', { status: 422 }));
  t.is(refused?.text, 'POST /event/events is refused: 422');
  t.is(refused?.mood, 'bad');
  t.is(tell(exchange('POST', '/event/events', { status: 0 })), undefined);
  t.is(tell(exchange('GET', '/alarm/alarms')), undefined);
  t.is(tell(exchange('POST', '/notification/operations', { body: [{ channel: '/meta/connect' }] })), undefined);
});
