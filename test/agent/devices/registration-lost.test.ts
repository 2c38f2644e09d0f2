// SPDX-License-Identifier: Apache-2.0

import test, { type ExecutionContext } from 'ava';
import type { JsonObject } from '../../../tools/platform/model.ts';
import { alarmsOf, bindExternalId, createObject } from '../../../tools/platform/operator.ts';
import { calls, createSettled, createWorld, logged, objectOf, owned, settle } from '../scene.ts';
import { identities, lookUps, objects } from './registering.ts';

/** Answers that are lost after the platform has carried the request out. */
const lost = [
  { kind: 'dropAfter' },
  { kind: 'status', status: 500, applied: true },
  { kind: 'status', status: 502, applied: true, html: true },
  { kind: 'status', status: 504, applied: true, html: true },
  { kind: 'delay', ms: 100_000, after: true },
] as const;

for (const fault of [
  { kind: 'status', status: 401 },
  { kind: 'status', status: 403 },
  { kind: 'status', status: 400 },
  { kind: 'status', status: 408 },
  { kind: 'status', status: 422 },
  { kind: 'status', status: 429, retryAfterSeconds: 3 },
  { kind: 'status', status: 500 },
  { kind: 'status', status: 502, html: true },
  { kind: 'status', status: 503 },
  { kind: 'status', status: 504, html: true },
  { kind: 'status', status: 404, html: true },
  { kind: 'status', status: 404, html: true, body: '' },
  { kind: 'status', status: 301 },
  { kind: 'status', status: 200, html: true },
  { kind: 'status', status: 200, body: '{"managedObject":{}}' },
  { kind: 'status', status: 200, body: '{"managedObject":{"id":""}}' },
  { kind: 'status', status: 200, body: '{"managedObject":null}' },
  { kind: 'dropBefore' },
  { kind: 'dropAfter' },
  { kind: 'delay', ms: 100_000 },
  { kind: 'delay', ms: 200_000, after: true },
  { kind: 'truncate', bytes: 0 },
  { kind: 'truncate', bytes: 20 },
] as const) {
  test(`only a real 404 on the external id leads to a creation, not ${JSON.stringify(fault)}`, (t) => {
    const world = createSettled(t);
    const times = 3;
    world.platform.order({ ...fault, method: 'GET', path: lookUps, times });
    const before = world.requests;
    world.device.reboot();
    world.runUntil(() => calls(world, 'PUT', `${objects}/*`, before).length > 0, 3_600_000);
    world.run(60_000);
    t.deepEqual(calls(world, 'POST', objects, before), []);
    t.deepEqual(calls(world, 'POST', identities, before), []);
    t.is(owned(world).length, 1);
    t.true(calls(world, 'GET', lookUps, before).length >= times);
  });
}

for (const fault of lost) {
  for (const times of [1, 2]) {
    test(`one object although the answer to its creation is lost (${JSON.stringify(fault)}, ${times} times)`, (t) => {
      const world = createWorld(t);
      world.platform.order({ ...fault, method: 'POST', path: objects, times });
      world.start();
      settle(world, 600_000);
      t.is(owned(world).length, 1);
      t.true(logged(world, 'was made before: adopted'));
    });
  }

  test(`one object although the answer to its registration is lost (${JSON.stringify(fault)})`, (t) => {
    const world = createWorld(t);
    world.platform.order({ ...fault, method: 'POST', path: identities });
    world.start();
    settle(world, 600_000);
    t.is(owned(world).length, 1);
    t.deepEqual(owned(world), [objectOf(world)]);
    t.deepEqual(calls(world, 'DELETE', `${objects}/*`), []);
  });
}

for (const fault of [{ kind: 'dropBefore' }, { kind: 'status', status: 504, html: true }] as const) {
  test(`one object although the platform finishes its creation two seconds later (${JSON.stringify(fault)})`, (t) => {
    const world = createWorld(t);
    world.onRequest = ({ method, path, body }) => {
      if (method !== 'POST' || path !== objects || owned(world).length > 0) return true;
      world.platform.order({ ...fault, method, path });
      const document = JSON.parse(Buffer.from(body).toString()) as JsonObject;
      world.time.schedule(2000, () => createObject(world.platform, document, world.device.user));
      return true;
    };
    world.start();
    settle(world, 600_000);
    t.is(owned(world).length, 1);
    t.is(calls(world, 'POST', objects).length, 1);
    t.true(logged(world, 'was made before: adopted'));
  });
}

/** Each connection carries one request: the server has just closed it when the next one is sent (RFC 9112 §9.3.1). */
test('connections that close at their reuse: one object, its alarm and its child', (t) => {
  const world = createWorld(t, {
    app: (board) => {
      board.alarm('x_Alarm', 'MAJOR', 'text');
      board.child('meter', {});
    },
  });
  const { platform } = world;
  const used = new Set<number>();
  const handle = platform.handle.bind(platform);
  platform.handle = (request, reply) => {
    const { connection = 0, path } = request;
    const isPoll = path === '/notification/operations';
    if (!isPoll && used.has(connection)) platform.order({ kind: 'dropBefore', path: path.split('?')[0] ?? '' });
    used.add(connection);
    handle(request, reply);
  };
  world.start();
  settle(world, 120_000);
  world.run(120_000);
  t.is(owned(world).length, 2);
  t.is(objectOf(world).children.childDevices.size, 1);
  t.is(alarmsOf(platform, objectOf(world).id).length, 1);
  t.true(world.requests < 80, `${world.requests} requests`);
});

for (const fault of [
  { kind: 'dropBefore' },
  { kind: 'status', status: 503 },
  { kind: 'status', status: 429 },
] as const) {
  test(`the creation is repeated if it did not happen (${JSON.stringify(fault)})`, (t) => {
    const world = createWorld(t);
    world.platform.order({ ...fault, method: 'POST', path: objects, times: 3 });
    world.start();
    settle(world, 600_000);
    t.is(owned(world).length, 1);
  });
}

test('an answer to the creation that names no object leads to a search', (t) => {
  const world = createWorld(t);
  world.platform.order({ kind: 'status', status: 201, applied: true, body: '{}', method: 'POST', path: objects });
  world.start();
  settle(world);
  t.is(owned(world).length, 1);
});

for (const mostPageSize of [2000, 3]) {
  test(`the own object is found among many, among large ones and among those of other boards, in pages of at most ${mostPageSize}`, (t) => {
    const world = createWorld(t, { platform: { settings: { mostPageSize } } });
    world.platform.order({ kind: 'dropAfter', method: 'POST', path: objects });
    const { user } = world.device;
    for (let i = 0; i < 45; i++) {
      const c8y_Notes = 'x'.repeat(i * 200);
      const c8y_SoftwareList = Array.from({ length: i }, (_, n) => ({
        name: `part ${n}`,
        fractus_ExternalId: world.device.deviceId,
      }));
      const own = { fractus_ExternalId: `other-${i}` };
      createObject(world.platform, { name: `other ${i}`, c8y_Notes, c8y_SoftwareList, ...own }, user);
    }
    world.start();
    settle(world);
    t.is(owned(world).length, 1);
    t.true(calls(world, 'GET', objects).length >= 3, 'all pages');
  });
}

test('if the search after a lost request finds no object, the device creates one', (t) => {
  const world = createWorld(t);
  world.platform.order({ kind: 'dropBefore', method: 'POST', path: objects });
  createObject(world.platform, { name: 'other', fractus_ExternalId: 'other' }, world.device.user);
  world.start();
  settle(world);
  t.is(owned(world).length, 1);
  t.is(calls(world, 'POST', objects).length, 2);
});

test('the intent is on flash before the creation: after a power cut the device searches first', (t) => {
  for (const applied of [false, true]) {
    const world = createWorld(t);
    world.onRequest = (request) => {
      if (request.method !== 'POST' || request.path !== objects || applied) return true;
      world.device.powerCut();
      return false;
    };
    world.onApplied = (number) => {
      const last = world.exchanges.at(-1);
      if (applied && last?.number === number && last.method === 'POST' && last.path === objects)
        world.device.powerCut();
    };
    world.start();
    world.runUntil(() => !world.device.powered, 60_000);
    world.onRequest = undefined;
    world.onApplied = undefined;
    const before = world.requests;
    world.device.start();
    settle(world);
    const first = world.exchanges
      .filter((each) => each.number > before)
      .map(({ method, path }) => `${method} ${path.split('?')[0]}`);
    t.is(first[0], `GET /identity/externalIds/c8y_Serial/${world.device.deviceId}`);
    t.is(first[1], `GET ${objects}`);
    t.is(calls(world, 'POST', objects, before).length, applied ? 0 : 1);
    t.is(owned(world).length, 1);
  }
});

test('a device whose flash refuses the intent creates nothing', (t) => {
  const world = createWorld(t);
  world.onRequest = (request) => {
    if (request.path.startsWith('/identity')) world.device.machine.flash.refusing = true;
    return true;
  };
  world.start();
  world.run(600_000);
  t.deepEqual(calls(world, 'POST', objects), []);
  world.onRequest = undefined;
  world.device.machine.flash.refusing = false;
  settle(world);
  t.is(owned(world).length, 1);
});

/** Another client binds the external id to its own object just before the device does. */
function createRace(t: ExecutionContext) {
  const world = createWorld(t);
  const other = createObject(world.platform, { name: 'made by hand', c8y_IsDevice: {} }, world.device.user);
  world.onRequest = (request) => {
    const race = request.method === 'POST' && request.path.startsWith('/identity');
    if (race) bindExternalId(world.platform, other.id, world.device.deviceId);
    return true;
  };
  return { world, other };
}

test('an object that another client has bound to the external id is adopted, and the orphan deleted', (t) => {
  const { world, other } = createRace(t);
  world.start();
  settle(world);
  t.is(objectOf(world).id, other.id);
  t.deepEqual(owned(world), [other]);
  t.is(calls(world, 'DELETE', `${objects}/*`).length, 1);
  t.is(other.fragments['name'], 'made by hand');
  t.like(other.fragments, { c8y_Hardware: { serialNumber: 'fake-0200000000fa' } });
});

test('an object that another client has created is used if the external id is bound to it', (t) => {
  const world = createWorld(t);
  const other = createObject(world.platform, { name: 'prepared', c8y_IsDevice: {} }, world.device.user);
  bindExternalId(world.platform, other.id, world.device.deviceId);
  world.start();
  settle(world);
  t.deepEqual(owned(world), [other]);
  t.deepEqual(calls(world, 'POST', objects), []);
});

for (const [status, path, said] of [
  [403, objects, /error: managed object .* of the device for device_.*: HTTP 403/],
  [422, objects, /error: the device: the registration fails/],
  [422, identities, /error: the device: the registration fails/],
] as const) {
  test(`POST ${path} refused with ${status} is an error in the log and is retried slowly`, (t) => {
    const world = createWorld(t);
    world.platform.order({ kind: 'status', status, method: 'POST', path, times: 20 });
    world.start();
    world.run(600_000);
    t.true(logged(world, said));
    t.is(logged(world, 'HTTP 403'), status === 403);
    t.true(calls(world, 'POST', path).length <= 24);
    settle(world, 1_200_000);
    t.is(owned(world).length, 1);
  });
}

for (const connections of ['1', '2']) {
  test(`a start with credentials takes no more than nine requests to the first poll (connections=${connections})`, (t) => {
    const world = createSettled(t, { config: { connections } });
    const path = '/devicecontrol/deviceCredentials';
    const poll = world.exchanges.findIndex(({ body }) => body.includes('/meta/connect'));
    const telemetry = /^\/(measurement|event|alarm)\//;
    const counted = world.exchanges
      .slice(0, poll + 1)
      .filter((each) => each.path !== path && !telemetry.test(each.path));
    t.true(counted.length <= 9, counted.map((each) => `${each.method} ${each.path}`).join('\n'));
    t.is(world.connections, Number(connections));
  });
}

test('an object that this start found and did not create is never deleted', (t) => {
  const { world, other } = createRace(t);
  world.platform.order({ kind: 'dropAfter', method: 'POST', path: objects });
  world.start();
  settle(world);
  t.is(objectOf(world).id, other.id);
  t.is(owned(world).length, 2);
  t.deepEqual(calls(world, 'DELETE', `${objects}/*`), []);
});
