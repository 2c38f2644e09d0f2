// SPDX-License-Identifier: Apache-2.0
/** The guide, "Replacing a physical device", step by step, with and without children, in each order of the steps. */

import test, { type ExecutionContext } from 'ava';
import { type App, measurement } from '../../../src/index.ts';
import { createAuthority, createDeviceCertificate } from '../../../tools/platform/certificates.ts';
import type { ManagedObject } from '../../../tools/platform/model.ts';
import {
  bindExternalId,
  createObject,
  createOperation,
  deleteObject,
  eventsOf,
  findDevice,
  measurementsOf,
  trustAuthority,
  unbindExternalId,
  updateObject,
} from '../../../tools/platform/operator.ts';
import type { SimulatedDevice } from '../../../tools/simulate/machine/device.ts';
import type { DeviceOptions, World } from '../../../tools/simulate/machine/world.ts';
import { calls, createWorld } from '../scene.ts';

const validity = { notBefore: new Date('2025-01-01'), notAfter: new Date('2035-01-01') };
const root = await createAuthority('Factory', validity);
const identities = {
  old: await createDeviceCertificate(root, 'old', validity),
  new: await createDeviceCertificate(root, 'new', validity),
};

const objects = '/inventory/managedObjects';
const level = measurement({ type: 'level', fragments: { level: { L: { of: 'level' } } } });
const family = ['meter', 'valve'];

/** A gateway with these children, each with a sensor and an operation. */
function appOf(children: readonly string[], delayMs = 0): App {
  return (board) => {
    const declare = () => {
      for (const id of children) {
        const child = board.child(id, {});
        child.sensor({ reports: level, sensor: { sample: () => ({ level: 1 }) } });
        child.operation({ name: 'x_Work', run: (operation) => operation.succeed() });
      }
    };
    if (delayMs > 0) board.hal.createTimer(declare).start(delayMs);
    else declare();
  };
}

interface Case {
  readonly certificates: boolean;
  readonly children: readonly string[];
  /** The children that the new device has created: deleted with its object, or left. */
  readonly twins: 'deleted' | 'left';
  /** The time at which the new device runs again. */
  readonly on: 'after all' | 'before the owners are changed' | 'all the time';
  /** Delay after which a driver finds its children, in ms. */
  readonly delayMs?: number;
}

function options(name: 'old' | 'new', { certificates, children, delayMs }: Case): DeviceOptions {
  const files = { auth: 'certificate', certificate: `${name}.pem`, privateKey: `${name}.key` };
  const { chain, privateKey } = identities[name];
  const resources = { [`${name}.pem`]: Buffer.from(chain), [`${name}.key`]: Buffer.from(privateKey) };
  const secret = certificates ? { ...files, bootstrapPassword: undefined } : {};
  const board = { serialNumber: `serial-${name}`, mac: name === 'old' ? '0200000000aa' : '0200000000bb' };
  return {
    config: { deviceId: name, ...secret },
    app: appOf(children, delayMs),
    machine: { board, ...(certificates ? { resources } : {}) },
  };
}

function found(world: World, externalId: string): ManagedObject {
  const object = findDevice(world.platform, externalId);
  if (object === undefined) throw new Error(`no object with the external id ${externalId}`);
  return object;
}

/** Steps 1 to 3: the old device is off, the new one has registered like any other. */
function begin(t: ExecutionContext, each: Case) {
  const world = createWorld(t, options('old', each));
  if (each.certificates) trustAuthority(world.platform, root.certificate);
  const names = ['', ...each.children.map((child) => `:${child}`)];
  const isThere = (device: string) => names.every((name) => findDevice(world.platform, device + name) !== undefined);
  world.start();
  world.runUntil(() => isThere('old'), 120_000);
  world.run(120_000);
  world.device.powerCut();
  const replacement = world.add(options('new', each));
  replacement.start();
  world.runUntil(() => isThere('new'), 120_000);
  world.run(10_000);
  return { world, replacement, names };
}

const cases: Case[] = [];
for (const certificates of [false, true]) {
  for (const on of ['after all', 'before the owners are changed', 'all the time'] as const) {
    cases.push({ certificates, on, children: [], twins: 'deleted' });
    for (const twins of ['deleted', 'left'] as const) cases.push({ certificates, on, children: family, twins });
  }
}
cases.push({ certificates: false, on: 'after all', children: family, twins: 'left', delayMs: 30_000 });
cases.push({ certificates: false, on: 'after all', children: family, twins: 'deleted', delayMs: 30_000 });

for (const each of cases) {
  const what = `${each.certificates ? 'certificates' : 'passwords'}, ${each.children.length} children, new ones ${each.twins}, on ${each.on}${each.delayMs ? ', found late' : ''}`;
  test(`a device is replaced by the guide: ${what}`, (t) => {
    const { world, replacement, names } = begin(t, each);
    const { platform } = world;
    const old = names.map((name) => found(world, `old${name}`));
    const made = names.map((name) => found(world, `new${name}`));
    const device = found(world, 'old');
    if (each.on !== 'all the time') replacement.powerCut();
    // Steps 4 to 7.
    unbindExternalId(platform, 'new');
    if (each.on !== 'before the owners are changed')
      for (const { id } of old) updateObject(platform, id, { owner: replacement.user });
    bindExternalId(platform, device.id, 'new');
    for (const { id } of each.twins === 'deleted' ? made : made.slice(0, 1)) deleteObject(platform, id);
    const { requests } = world;
    const since = world.time.epochMs;
    // Step 8.
    if (each.on !== 'all the time') replacement.start();
    world.run(600_000);
    if (each.on === 'before the owners are changed') {
      const refused = world.exchanges.filter(({ number, status }) => number > requests && status === 403);
      t.true(refused.length > 0 && refused.length < 120 * names.length, `${refused.length} refused requests`);
      t.true(replacement.lines.some((line) => /error: managed object .* of the device .*owner/.test(line)));
      for (const { id } of old) updateObject(platform, id, { owner: replacement.user });
      world.run(600_000);
      const healed = eventsOf(platform, device.id).filter(
        ({ fragments }) => fragments['type'] === 'fractus_RegistrationHealed',
      );
      t.is(healed.length, 1);
    }

    t.deepEqual(calls(world, 'POST', objects, requests), [], 'nothing is created');
    names.forEach((name, i) => {
      const object = found(world, `new${name}`);
      t.is(old[i]?.id, object.id, `the old object of ${name}`);
      const late = measurementsOf(platform, object.id).filter(({ timeMs }) => timeMs > since);
      if (name !== '')
        t.true(late.length >= (each.on === 'all the time' ? 4 : 8), `${late.length} measurements of ${name}`);
    });
    t.like(device.fragments, { c8y_Hardware: { serialNumber: 'serial-new' } });
    const below = [...device.children.childDevices].sort();
    t.deepEqual(
      below,
      old
        .slice(1)
        .map(({ id }) => id)
        .sort(),
      'the old children and no others',
    );
    // One event reports the takeover.
    const texts = eventsOf(platform, device.id)
      .filter(({ fragments }) => fragments['type'] === 'fractus_ChildrenTakenOver')
      .map(({ fragments }) => String(fragments['text']));
    t.is(texts.length, each.children.length === 0 ? 0 : 1);
    for (const text of texts) {
      for (const child of each.children) t.true(text.includes(child), text);
      for (const { id } of each.twins === 'left' ? made.slice(1) : []) t.true(text.includes(id), text);
    }
    const operations = old.map(({ id }, i) =>
      createOperation(platform, id, i === 0 ? { c8y_Command: { text: 'help' } } : { x_Work: {} }),
    );
    world.run(20_000);
    t.deepEqual(
      operations.map(({ status }) => status),
      operations.map(() => 'SUCCESSFUL'),
    );

    // The next start changes nothing.
    const next = world.requests;
    replacement.reboot();
    world.run(120_000);
    t.deepEqual(calls(world, 'POST', objects, next), []);
    t.deepEqual(calls(world, 'GET', `${objects}/*/childDevices`, next), []);
    t.deepEqual(calls(world, 'DELETE', '/identity/externalIds/*/*', next), []);
  });
}

test('a third device takes over from the second', (t) => {
  const each: Case = { certificates: false, on: 'after all', children: family, twins: 'deleted' };
  const { world, replacement, names } = begin(t, each);
  const { platform } = world;
  const old = names.map((name) => found(world, `old${name}`));
  let present: SimulatedDevice = replacement;
  for (const name of ['new', 'third']) {
    if (name === 'third') {
      present.powerCut();
      present = world.add({
        config: { deviceId: 'third' },
        app: appOf(family),
        machine: { board: { serialNumber: 's3', mac: '0200000000cc' } },
      });
      present.start();
      world.runUntil(() => findDevice(platform, 'third:valve') !== undefined, 120_000);
      world.run(10_000);
    }
    present.powerCut();
    const made = names.map((each) => found(world, name + each));
    unbindExternalId(platform, name);
    for (const { id } of old) updateObject(platform, id, { owner: present.user });
    bindExternalId(platform, old[0]?.id ?? '', name);
    for (const { id } of made) deleteObject(platform, id);
    present.start();
    world.run(120_000);
    t.deepEqual(
      names.map((each) => found(world, name + each)),
      old,
    );
  }
});

test('objects under the device that no replaced device has created are left alone, however long the list', (t) => {
  let children: readonly string[] = [];
  const world = createWorld(t, {
    config: { deviceId: 'new' },
    app: (board) => appOf(children)(board),
  });
  const { platform } = world;
  world.start();
  world.runUntil(() => world.object !== undefined, 60_000);
  world.run(5000);
  const parent = found(world, 'new');
  const made = [
    createObject(platform, { name: 'a pump', c8y_IsDevice: {} }),
    createObject(platform, { name: 'odd', fractus_ExternalId: 7 }),
    createObject(platform, { name: 'another agent', fractus_ExternalId: 'pump-meter' }),
    createObject(platform, { name: 'large', text: 'x'.repeat(9000), fractus_ExternalId: 'x:large' }),
    ...Array.from({ length: 45 }, (_, i) =>
      createObject(platform, { name: `n${i}`, fractus_ExternalId: `x:n${i}` }, world.device.user),
    ),
  ];
  for (const { id } of made) parent.children.childDevices.add(id);
  children = ['meter', 'n44'];
  world.device.reboot();
  world.run(60_000);
  t.is(made.at(-1)?.id, found(world, 'new:n44').id);
  t.false(made.includes(found(world, 'new:meter')), 'that one is new');
  t.is(parent.children.childDevices.size, made.length + 1);
});

for (const fault of [{ kind: 'dropAfter' }, { kind: 'dropBefore' }, { kind: 'status', status: 503 }] as const) {
  for (const [method, path] of [
    ['GET', `${objects}/*/childDevices`],
    ['GET', `${objects}/*/childDevices/*`],
    ['DELETE', '/identity/externalIds/*/*'],
    ['POST', '/identity/globalIds/*/externalIds'],
  ] as const) {
    test(`children are taken over once, whatever request is lost: ${method} ${path} ${JSON.stringify(fault)}`, (t) => {
      const each: Case = { certificates: false, on: 'after all', children: family, twins: 'left' };
      const { world, replacement, names } = begin(t, each);
      const { platform } = world;
      const old = names.map((name) => found(world, `old${name}`));
      replacement.powerCut();
      const { id } = found(world, 'new');
      unbindExternalId(platform, 'new');
      for (const object of old) updateObject(platform, object.id, { owner: replacement.user });
      bindExternalId(platform, old[0]?.id ?? '', 'new');
      deleteObject(platform, id);
      platform.order({ ...fault, method, path, times: 2 });
      const { requests } = world;
      replacement.start();
      world.run(300_000);
      t.deepEqual(calls(world, 'POST', objects, requests), []);
      t.deepEqual(
        names.map((name) => found(world, `new${name}`)),
        old,
      );
    });
  }
}
