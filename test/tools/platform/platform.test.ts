// SPDX-License-Identifier: Apache-2.0

import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import test from 'ava';
import type { JsonObject } from '../../../tools/platform/model.ts';
import {
  acceptDevice,
  alarmsOf,
  bindExternalId,
  createObject,
  createOperation,
  deleteObject,
  eventsOf,
  findDevice,
  measurementsOf,
  objectsOf,
  registerDevice,
  unbindExternalId,
  updateObject,
} from '../../../tools/platform/operator.ts';
import { agentDocument, Desk, handshakeMessage } from './desk.ts';

const time = '2026-01-15T12:00:00.000Z';

/** A device from its first request to its first operation, as the guide has it. Returns all answers. */
function life(desk: Desk): string[] {
  const answers: string[] = [];
  const send = (...args: Parameters<Desk['send']>) => {
    const answer = desk.send(...args);
    answers.push(`${answer.status} ${JSON.stringify(answer.headers)} ${answer.text}`);
    return answer;
  };
  const poll = () => send('POST', '/devicecontrol/deviceCredentials', { as: 'bootstrap', body: { id: 'd1' } });
  registerDevice(desk.platform, 'd1');
  poll();
  acceptDevice(desk.platform, 'd1');
  const { username, password, tenantId } = poll().json;
  const headers = { authorization: `Basic ${btoa(`${tenantId}/${username}:${password}`)}` };
  const own = { as: 'none', headers };
  send('GET', '/identity/externalIds/c8y_Serial/d1', own);
  const { id } = send('POST', '/inventory/managedObjects', { ...own, body: agentDocument('d1') });
  const externalId = { type: 'c8y_Serial', externalId: 'd1' };
  send('POST', `/identity/globalIds/${id}/externalIds`, { ...own, body: externalId });
  send('GET', `/devicecontrol/operations?agentId=${id}&status=EXECUTING`, own);
  const bayeux = (message: JsonObject) => send('POST', '/notification/operations', { ...own, body: [message] });
  const clientId = String(bayeux(handshakeMessage).list[0]?.['clientId']);
  bayeux({ channel: '/meta/subscribe', clientId, subscription: `/${id}` });
  const held = desk.bayeux('', [{ channel: '/meta/connect', clientId, connectionType: 'long-polling' }], own);
  send('GET', `/devicecontrol/operations?agentId=${id}&status=PENDING`, own);
  const operation = createOperation(desk.platform, id, { c8y_Restart: {} });
  answers.push(held.text);
  for (const status of ['EXECUTING', 'SUCCESSFUL']) {
    send('PUT', `/devicecontrol/operations/${operation.id}`, { ...own, body: { status } });
  }
  desk.time.advance(5000);
  const common = { source: { id }, time, type: 't' };
  send('POST', '/measurement/measurements', { ...own, body: { ...common, f: { s: { value: 1 } } } });
  send('POST', '/event/events', { ...own, body: { ...common, text: 'x' } });
  send('POST', '/alarm/alarms', { ...own, body: { ...common, text: 'x', severity: 'MINOR' } });
  return answers;
}

test('a device that does as the guide says breaks no rule', (t) => {
  const desk = new Desk();
  const answers = life(desk);
  t.deepEqual(desk.broken, []);
  t.deepEqual(desk.defects, []);
  t.is(answers.length, 15);
});

test('the same requests at the same times get the same answers', (t) => {
  t.deepEqual(life(new Desk()), life(new Desk()));
});

test('time, timers and chance of the core are injected', (t) => {
  const folder = new URL('../../../tools/platform/', import.meta.url);
  // What is made of sockets, and what runs it.
  const outside = new Set([
    'server.ts',
    'certificates.ts',
    'upgrade.ts',
    path.join('http', 'arrival.ts'),
    path.join('http', 'http-reply.ts'),
  ]);
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter(
    (name) => name.endsWith('.ts') && !outside.has(name),
  );
  t.true(files.length > 40);
  for (const name of files) {
    const text = readFileSync(new URL(name, folder), 'utf8');
    t.notRegex(
      text,
      /Date\.now|Math\.random|setTimeout|setInterval|new Date\(\)|node:(net|http|https|tls|timers)/,
      name,
    );
  }
});

test('a defect of the emulator is answered with 500 and reported', (t) => {
  const desk = new Desk();
  desk.platform.core.externalIds.get = () => {
    throw new Error('broken on purpose');
  };
  const answer = desk.send('GET', '/identity/externalIds/a/b');
  t.is(answer.status, 500);
  t.is(answer.json['error'], 'general/internalError');
  t.is(desk.defects.length, 1);
});

test('a device is replaced: its successor takes the object over', (t) => {
  const desk = new Desk();
  const old = desk.device('d1');
  const fresh = desk.device('d2');
  unbindExternalId(desk.platform, 'd2');
  bindExternalId(desk.platform, old.id, 'd2');
  updateObject(desk.platform, old.id, { owner: fresh.user, fragments: { c8y_Notes: 'replaced' } });
  deleteObject(desk.platform, fresh.id);
  t.is(findDevice(desk.platform, 'd2')?.id, old.id);
  t.is(desk.send('PUT', `/inventory/managedObjects/${old.id}`, { as: fresh.user, body: { a: 1 } }).status, 200);
  t.is(desk.send('PUT', `/inventory/managedObjects/${old.id}`, { as: old.user, body: { a: 1 } }).status, 403);
  t.deepEqual(
    objectsOf(desk.platform, fresh.user).map(({ id }) => id),
    [old.id],
  );
});

test('what a device reported is found by its object', (t) => {
  const desk = new Desk();
  life(desk);
  const id = findDevice(desk.platform, 'd1')?.id ?? '';
  t.like(measurementsOf(desk.platform, id), [{ timeMs: Date.parse(time), fragments: { f: { s: { value: 1 } } } }]);
  t.is(eventsOf(desk.platform, id).length, 1);
  t.is(alarmsOf(desk.platform, id)[0]?.fragments['status'], 'ACTIVE');
  t.is(createObject(desk.platform, {}).owner, 'operator');
});

test('the request log and the breaches are bounded', (t) => {
  const desk = new Desk();
  const { user, id } = desk.device('d1');
  for (let n = 0; n < 1200; n++) desk.send('PUT', `/inventory/managedObjects/${id}`, { as: user, body: { name: 'x' } });
  t.true(desk.platform.breaches.length <= 1100);
  t.is(desk.platform.requests.length, 1203);
});
