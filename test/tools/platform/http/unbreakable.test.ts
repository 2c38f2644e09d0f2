// SPDX-License-Identifier: Apache-2.0
/** What comes in ends neither the emulator nor anything else that it does; its own defects are told as such. */

import { request } from 'node:http';
import test, { type ExecutionContext } from 'ava';
import type { Fault } from '../../../../tools/platform/faults.ts';
import type { Json } from '../../../../tools/platform/model.ts';
import { createObject } from '../../../../tools/platform/operator.ts';
import { startServer } from '../../../../tools/platform/server.ts';
import { within } from '../../../support/until.ts';
import { type Answer, Desk } from '../desk.ts';
import { event, objects, time } from '../scene.ts';

/** Answers below 500, no defect, and the next request is served as ever. */
function survives(t: ExecutionContext, desk: Desk, answers: readonly Answer[]): void {
  for (const answer of answers) t.true(answer.isEnded && (answer.status ?? 500) < 500, answer.text);
  t.deepEqual(desk.defects, []);
  t.is(desk.send('GET', '/tenant/currentTenant').status, 200);
}

/** Attaches bytes to a new event of a new device and takes them back. */
function attach(desk: Desk, headers: Record<string, string>, bytes = Buffer.from('abc')): Answer[] {
  const { user, id } = desk.device('d1');
  const created = desk.send('POST', '/event/events', { as: user, body: event(id) }).id;
  const url = `/event/events/${created}/binaries`;
  const stored = desk.send('POST', url, { as: user, bytes, headers });
  return [stored, desk.send('GET', url, { as: user })];
}

/** Half of a character: JSON can say it, UTF-8 cannot. */
const half = '"\\ud83d"';

const names = ['toString', 'constructor', '__proto__', 'hasOwnProperty', 'valueOf'];

for (const status of [20, 99, 199, 1000, 200.5]) {
  test(`an order with the status ${status} is refused`, (t) => {
    const desk = new Desk();
    t.throws(() => desk.platform.order({ kind: 'status', status }), { message: /^status: / });
    t.is(desk.send('POST', '/emulator/faults', { as: 'none', body: { kind: 'status', status } }).status, 422);
    t.deepEqual(desk.platform.faults, []);
  });
}

test('an order of a kind that does not exist is refused in the same process, too', (t) => {
  const desk = new Desk();
  t.throws(() => desk.platform.order({ kind: 'drop-before' } as unknown as Fault), { message: /^kind: one of / });
  t.throws(() => desk.platform.order({ kind: 'empty', tmes: 3 } as unknown as Fault), { message: /^tmes: unknown/ });
});

test('an order for no time at all is refused', (t) => {
  const desk = new Desk();
  t.throws(() => desk.platform.order({ kind: 'empty', times: 0 }), { message: /^times: at least 1/ });
  t.throws(() => desk.platform.order({ kind: 'empty', times: 1.5 }), { message: /^times: whole number/ });
  t.throws(() => desk.platform.order({ kind: 'empty', skip: 0.5 }), { message: /^skip: whole number/ });
});

for (const name of ['日本', 'a"b', 'c\\d', 'naïve.txt', "it's", 'x%y', ' ']) {
  test(`an attachment has a name of any characters: ${JSON.stringify(name)}`, async (t) => {
    const form = new FormData();
    form.set('object', JSON.stringify({ name, type: 'text/plain' }));
    form.set('file', new Blob(['abc']));
    const packed = new Response(form);
    const type = packed.headers.get('content-type') ?? '';
    const desk = new Desk();
    const answers = attach(desk, { 'content-type': type }, Buffer.from(await packed.arrayBuffer()));
    survives(t, desk, answers);
    const [stored, read] = answers;
    t.is(stored?.json['name'], name);
    const disposition = read?.headers['Content-Disposition'] ?? '';
    t.regex(disposition, /^attachment; [\x20-\x7e]+$/);
    const extended = /filename\*=UTF-8''([^;]*)/.exec(disposition)?.[1];
    const quoted = /filename="((?:[^"\\]|\\.)*)"/.exec(disposition)?.[1]?.replaceAll(/\\(.)/g, '$1');
    t.is(extended === undefined ? quoted : decodeURIComponent(extended), name);
  });
}

test('an upload names its file as RFC 8187 has it, and that name wins', (t) => {
  const desk = new Desk();
  const [stored] = attach(desk, {
    'content-type': 'text/plain',
    'content-disposition': `attachment; filename="plain.txt"; filename*=utf-8'en'%e6%97%a5%e6%9c%ac.txt`,
  });
  t.is(stored?.json['name'], '日本.txt');
});

for (const type of ['text/plain\r\nX: y', 'text/plain\n', 'text', 'a/b/c', 'text/日本', 'text/plain; a=\x01', '']) {
  test(`what is no media type is not sent as one: ${JSON.stringify(type)}`, async (t) => {
    const form = new FormData();
    form.set('object', JSON.stringify({ name: 'n', type }));
    form.set('file', new Blob(['abc']));
    const packed = new Response(form);
    const bytes = Buffer.from(await packed.arrayBuffer());
    const desk = new Desk();
    const headers = { 'content-type': packed.headers.get('content-type') ?? '' };
    const answers = attach(desk, headers, bytes);
    t.deepEqual(
      answers.map(({ status }) => status),
      [201, 200],
    );
    t.is(answers[1]?.headers['Content-Type'], 'application/octet-stream');
    const { id } = desk.send('POST', '/inventory/binaries', { bytes, headers });
    t.is(desk.send('GET', `${objects}/${id}`).json['type'], type, 'the type of the object');
    const read = desk.send('GET', `/inventory/binaries/${id}`);
    t.is(read.headers['Content-Type'], 'application/octet-stream');
    const bare = desk.send('PUT', `/inventory/binaries/${id}`, { bytes, headers: { 'content-type': type } });
    t.is(bare.status, 422);
    survives(t, desk, [...answers, bare]);
  });
}

for (const host of ['a b', 'a/b', '[::1', 'a:b', 'a:99999', 'x"y', '日本', '', 'user@host', 'a\r\nb']) {
  test(`a Host that is none is answered 400: ${JSON.stringify(host)}`, (t) => {
    const desk = new Desk();
    const { user, id } = desk.device('d1');
    const answers = ['/tenant/currentTenant', `${objects}/${id}`].map((path) =>
      desk.send('GET', path, { as: user, headers: { host } }),
    );
    t.deepEqual(
      answers.map(({ status }) => status),
      [400, 400],
    );
    t.deepEqual(desk.broken, ['host', 'host']);
    survives(t, desk, answers);
  });
}

for (const [method, path, body] of [
  ['POST', '/devicecontrol/newDeviceRequests', `{"id":${half}}`],
  ['POST', objects, `{"name":${half}}`],
  ['POST', objects, `{${half}:{}}`],
  ['POST', '/identity/globalIds/1/externalIds', `{"type":${half},"externalId":"x"}`],
  ['POST', '/notification/operations', `[{"channel":${half}}]`],
  ['POST', objects, `{"x":${'['.repeat(100_000)}${']'.repeat(100_000)}}`],
  ['POST', objects, `{"x":${'{"y":'.repeat(5_000)}1${'}'.repeat(5_000)}}`],
] as const) {
  test(`text that is no text, and what is too deep, is not JSON: ${method} ${path} ${body.slice(0, 20)}`, (t) => {
    const desk = new Desk();
    const answer = desk.send(method, path, { bytes: Buffer.from(body) });
    t.is(answer.status, 400);
    survives(t, desk, [answer]);
    t.is(desk.send('POST', objects, { bytes: Buffer.from('{"name":"\\ud83d\\ude00"}') }).status, 201);
  });
}

for (const name of names) {
  test(`a name that every object has is data like any other: ${name}`, (t) => {
    const desk = new Desk();
    const plain = desk.device('d1');
    const count = (query: string) => (desk.send('GET', `${objects}?${query}`).json['managedObjects'] as Json[]).length;
    const queries = [`fragmentType=${name}`, `query=has(${name})`, `query=${name}%20eq%20'*'`];
    t.deepEqual(queries.map(count), [0, 0, 0]);
    const named = Buffer.from(`{"${name}":{"${name}":"v"}}`);
    const { id } = desk.send('POST', objects, { bytes: named });
    desk.send('PUT', `${objects}/${plain.id}`, { bytes: named });
    t.deepEqual(queries.slice(0, 2).map(count), [2, 2]);
    t.is(count(`query=${name}.${name}%20eq%20v`), 2);
    for (const each of [id, plain.id])
      t.regex(desk.send('GET', `${objects}/${each}`).text, new RegExp(named.toString().slice(1, -1)));
    desk.send('PUT', `${objects}/${id}`, { bytes: Buffer.from(`{"${name}":null}`) });
    t.is(count(`fragmentType=${name}`), 1);
    for (const path of [
      `/event/events?fragmentType=${name}`,
      `/measurement/measurements?valueFragmentType=${name}`,
      `/devicecontrol/operations?fragmentType=${name}`,
    ]) {
      desk.operation(plain.id);
      desk.send('POST', '/event/events', { as: plain.user, body: event(plain.id) });
      const answer = desk.send('GET', path);
      t.is(Object.values(answer.json).find((value) => Array.isArray(value))?.length, 0, path);
    }
    const operation = desk.operation(plain.id, { c8y_Command: { text: 'x' } });
    const body = Buffer.from(`{"status":"EXECUTING","${name}":{"a":1}}`);
    const url = `/devicecontrol/operations/${operation}`;
    t.is(desk.send('PUT', url, { as: plain.user, bytes: body }).status, 200);
    t.is(desk.send('GET', `${objects}?query=id%20${name}%20x`).status, 422, 'no operator');
    survives(t, desk, []);
  });
}

test('a defect of the emulator is told, answered 500 or by a cut, and the rest goes on', (t) => {
  const desk = new Desk();
  const { user, id } = desk.device('d1');
  const broken = new Error('planted');
  const breakOnce = () => {
    desk.platform.core.onRequest = () => {
      desk.platform.core.onRequest = undefined;
      throw broken;
    };
  };
  breakOnce();
  t.notThrows(() => desk.send('GET', `${objects}/${id}`, { as: user }));
  t.deepEqual(desk.defects, [broken]);
  // In a timer.
  desk.platform.order({ kind: 'delay', ms: 10 });
  breakOnce();
  desk.send('GET', `${objects}/${id}`, { as: user });
  t.notThrows(() => desk.time.advance(10));
  t.is(desk.defects.length, 2);
  // Before there is an answer, and before there is a user.
  const { core } = desk.platform;
  const { agentOf, findUser } = core;
  core.agentOf = () => {
    throw broken;
  };
  const answer = desk.send('GET', `/devicecontrol/operations?agentId=${desk.operation}`, { as: user });
  t.true(answer.isEnded);
  core.agentOf = agentOf;
  core.findUser = () => {
    throw broken;
  };
  t.is(desk.send('GET', `${objects}/${id}`, { as: user }).status, 500);
  core.findUser = findUser;
  t.is(desk.send('GET', `${objects}/${id}`, { as: user }).status, 200);
});

test('a real server outlives a head that cannot be sent', async (t) => {
  const server = await startServer();
  t.teardown(() => server.close());
  const defects: unknown[] = [];
  server.platform.core.onDefect = (error) => defects.push(error);
  const { id } = createObject(server.platform, { name: 'x' });
  const { operator, tenant } = server.platform.core;
  const object = server.platform.core.objects.get(id);
  if (object !== undefined) object.binary = { bytes: Buffer.from('abc'), mediaType: 'text/plain\r\nX: y' };
  const authorization = `Basic ${btoa(`${tenant}/${operator.name}:${operator.password}`)}`;
  const get = (path: string) => {
    const answered = new Promise<number | string>((resolve) => {
      const made = request(`${server.url}${path}`, { headers: { authorization } }, (response) => {
        response.resume();
        response.on('end', () => resolve(response.statusCode ?? 0));
      });
      made.on('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? 'error'));
      made.end();
    });
    return within(answered, `no answer of ${path}`);
  };
  t.is(await get(`/inventory/binaries/${id}`), 500);
  t.is(defects.length, 1);
  t.is(await get('/tenant/currentTenant'), 200);
});

test('times that are none are refused', (t) => {
  const desk = new Desk();
  const { user, id } = desk.device('d1');
  const good = ['2026-01-15T12:00:00+14:00', '2026-01-15T12:00:00-1100', '9999-12-31T23:59:59Z', time];
  const bad = [
    '2026-01-15T12:00:00+99:99',
    '2026-01-15T12:00:00+24:00',
    '2026-01-15T12:00:00+01:60',
    '9999-12-31T23:59:59-01:00',
    '10000-01-01T00:00:00Z',
    '+010000-01-01T00:00:00Z',
    '0000-01-01T00:00:00+01:00',
    '2026-01-15T12:00:00+1:00',
  ];
  for (const each of [...good, ...bad]) {
    const answer = desk.send('POST', '/event/events', { as: user, body: event(id, { time: each }) });
    t.is(answer.status, good.includes(each) ? 201 : 422, each);
  }
  t.is(desk.send('GET', '/event/events?dateFrom=2026-01-01T00:00:00%2B99:99').status, 422);
  t.deepEqual(desk.defects, []);
});
