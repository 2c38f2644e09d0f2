// SPDX-License-Identifier: Apache-2.0
/** Capabilities of a child, by handlers of its app: software, firmware, parameters and configuration files. */

import { createHash } from 'node:crypto';
import test from 'ava';
import { FakeMachine } from '../../../hal/fake/machine.ts';
import { PARTS } from '../../../src/agent/parts/index.ts';
import {
  CAPABILITIES,
  childFirmware,
  childSoftware,
  parameterSet,
  parameters,
} from '../../../src/capabilities/index.ts';
import { composeAgent } from '../../../src/compose.ts';
import { type App, ConfigError } from '../../../src/index.ts';
import type { Json, JsonObject } from '../../../tools/platform/model.ts';
import { eventsOf } from '../../../tools/platform/operator.ts';
import type { World } from '../../../tools/simulate/machine/world.ts';
import { childOf, order, runToEnd, statuses } from '../../agent/operations/operating.ts';
import { calls, createSettled, objectOf, settle } from '../../agent/scene.ts';
import { asked, Controller, createScene, KID, operate, pack, shown, update, url, VALUES } from './children-scene.ts';

test('capabilities of a child are declared on the child and not on the board', (t) => {
  const { world } = createScene(t);
  const names = ['c8y_SoftwareUpdate', 'c8y_Firmware', 'c8y_ParameterUpdate'];
  const files = ['c8y_DownloadConfigFile', 'c8y_UploadConfigFile'];
  t.deepEqual(shown(world, 'c8y_SupportedOperations'), [...names, ...files]);
  t.deepEqual(shown(world, 'c8y_Firmware'), { name: 'plc', version: '1', url: '' });
  t.deepEqual(shown(world, 'acme_Limits'), VALUES);
  t.deepEqual(shown(world, 'c8y_SupportedConfigurations'), ['recipe']);
  const board = objectOf(world).fragments;
  t.is(board['acme_Limits'], undefined);
  t.is(board['c8y_SupportedConfigurations'], undefined);
  t.false((board['c8y_SupportedOperations'] as string[]).includes('c8y_ParameterUpdate'));
});

test('software: installed, replaced, removed, and the list is sent before the operation ends', (t) => {
  const { world, controller } = createScene(t);
  const content = 'x'.repeat(5000);
  const first = update(world, pack(world, 'mixer', '1', content), pack(world, 'oven', '1'));
  t.is(first.status, 'SUCCESSFUL', first.failureReason);
  t.is(controller.packages.get('mixer')?.content, content);
  t.true(controller.pieces > 2, 'as it comes');
  const list = (version: string) => [
    { name: 'mixer', version, url: '' },
    { name: 'oven', version: '1', url: '' },
  ];
  t.deepEqual(shown(world, 'c8y_SoftwareList'), list('1'));
  t.deepEqual(shown(world, 'c8y_Software'), { mixer: '1', oven: '1' });
  const path = `/inventory/managedObjects/${childOf(world, KID).id}`;
  const [told] = calls(world, 'PUT', path).filter(({ body }) => body.includes('mixer'));
  const end = calls(world, 'PUT', `/devicecontrol/operations/${first.id}`).at(-1);
  t.true((told?.number ?? Infinity) < (end?.number ?? 0));
  t.is(update(world, pack(world, 'mixer', '2')).status, 'SUCCESSFUL');
  t.deepEqual(shown(world, 'c8y_SoftwareList'), list('2').reverse());
  t.is(update(world, { name: 'mixer', version: '2', action: 'delete' }).status, 'SUCCESSFUL');
  t.deepEqual(shown(world, 'c8y_SoftwareList'), list('2').slice(1));
  world.device.reboot();
  settle(world);
  world.run(10_000);
  t.deepEqual(shown(world, 'c8y_SoftwareList'), list('2').slice(1));
  t.deepEqual(shown(world, 'c8y_Software'), { oven: '1' });
  const since = controller.pieces;
  t.is(update(world, pack(world, 'oven', '1')).status, 'SUCCESSFUL', 'there already');
  t.is(controller.pieces, since);
});

test('software that is refused, damaged or missing: FAILED with the reason, and the list stays true', (t) => {
  const { world, controller } = createScene(t);
  const digest = (text: string) => createHash('sha256').update(text).digest('hex');
  t.is(update(world, { ...pack(world, 'mixer', '1'), sha256: digest('abc') }).status, 'SUCCESSFUL');
  const cases: [JsonObject[], RegExp][] = [
    [[], /allowed is a list of packages/],
    [[pack(world, 'forbidden', '1')], /^forbidden: not here$/],
    [[{ ...pack(world, 'oven', '1'), sha256: digest('other') }], /^oven: download: this is not the requested content$/],
    [[{ name: 'oven', version: '1', action: 'install' }], /^oven: url: missing/],
    [
      [{ name: 'oven', version: '1', url: 'https://platform.test/inventory/binaries/77777', action: 'install' }],
      /^oven: download: HTTP 404$/,
    ],
    [[{ name: 'oven', version: '1', action: 'bake' }], /action: allowed are install, delete/],
    [Array.from({ length: 9 }, () => pack(world, 'oven', '1')), /too many; allowed: 8/],
  ];
  for (const [packages, reason] of cases) {
    const { status, failureReason = '' } = update(world, ...packages);
    t.is(status, 'FAILED');
    t.regex(failureReason, reason);
    t.deepEqual([...controller.packages.keys()], ['mixer']);
  }
  controller.packages.set('rooted', { version: '1', content: '' });
  const half = update(world, pack(world, 'oven', '3'), { name: 'rooted', version: '1', action: 'delete' });
  t.is(half.failureReason, 'rooted: it is rooted');
  t.deepEqual(shown(world, 'c8y_Software'), { mixer: '1', rooted: '1', oven: '3' });
  controller.refuses = 'too long';
  t.is(update(world, pack(world, 'oven', '4')).failureReason, 'oven: download: too long');
  t.deepEqual((shown(world, 'c8y_SoftwareList') as Json[]).length, 3);
  t.true(controller.aborted > 0);
});

test('a late end, and one by rejection', async (t) => {
  const { world, controller } = createScene(t);
  for (const [end, reason] of [
    [() => Promise.resolve(), undefined],
    [() => Promise.reject(new Error('the bus is silent')), 'oven: the bus is silent'],
  ] as const) {
    controller.packages.delete('oven');
    controller.endsWith = end;
    const operation = order(world, { c8y_SoftwareUpdate: [pack(world, 'oven', '1')] }, childOf(world, KID).id);
    for (let i = 0; i < 30; i++) {
      world.run(1000);
      await Promise.resolve();
    }
    t.is(operation.failureReason, reason);
    t.is(operation.status, reason === undefined ? 'SUCCESSFUL' : 'FAILED');
    t.is(controller.packages.has('oven'), reason === undefined);
  }
});

test('firmware: SUCCESSFUL when the child reports that it runs', (t) => {
  const { world, controller } = createScene(t);
  const firmware = (version: string, content: string, more: JsonObject = {}) =>
    operate(world, { c8y_Firmware: { name: 'plc', version, url: url(world, content), ...more } });
  const first = firmware('2', 'image');
  t.is(first.status, 'SUCCESSFUL', first.failureReason);
  t.deepEqual(controller.runs, { name: 'plc', version: '2' });
  const told = { name: 'plc', version: '2', url: (first.fragments['c8y_Firmware'] as JsonObject)['url'] };
  t.deepEqual(shown(world, 'c8y_Firmware'), told);
  t.is(firmware('3', 'dud').failureReason, 'plc 3 does not run, but plc 2');
  t.deepEqual(shown(world, 'c8y_Firmware'), told);
  t.is(firmware('3', 'image', { dependency: '1' }).failureReason, 'dependency: needs version 1, and 2 runs');
  t.regex(firmware('3', 'image', { isPatch: true }).failureReason ?? '', /isPatch/);
  t.regex(firmware('3', 'image', { url: ' ' }).failureReason ?? '', /url: missing/);
  t.deepEqual(shown(world, 'c8y_Firmware'), told);
  world.device.reboot();
  settle(world);
  world.run(10_000);
  t.deepEqual(shown(world, 'c8y_Firmware'), told, 'where it has come from is told still');
});

test('parameters of a child are its own and survive a restart; the event has the child as source', (t) => {
  const { world, controller } = createScene(t);
  t.deepEqual(controller.applied, [VALUES]);
  const operation = operate(world, asked({ high: 20 }));
  t.is(operation.status, 'SUCCESSFUL', operation.failureReason);
  t.deepEqual(shown(world, 'acme_Limits'), { ...VALUES, high: 20 });
  const ofType = (id: string) => eventsOf(world.platform, id).map(({ fragments }) => fragments['type']);
  t.deepEqual(ofType(childOf(world, KID).id), ['c8y_ParameterUpdate']);
  t.false(ofType(objectOf(world).id).includes('c8y_ParameterUpdate'));
  world.device.reboot();
  settle(world);
  t.deepEqual(controller.applied.at(-1), { ...VALUES, high: 20 });
  t.regex(operate(world, asked({ high: 101 })).failureReason ?? '', /acme_Limits\.high: 101 is not allowed/);
});

test('removed children make room for the parameters of present ones', (t) => {
  const text = { note: { kind: 'text', mostChars: 500, value: '' } } as const;
  let ids = Array.from({ length: 9 }, (_, n) => `kid${n}`);
  const notes = new Map<string, string>();
  const app: App = (board) => {
    for (const id of ids) {
      const set = parameterSet('acme_Note', text, ({ note }) => void notes.set(id, note));
      board.child(id, {}).operation(parameters(set));
    }
  };
  const world = createSettled(t, { app });
  world.run(10_000);
  const write = (id: string) => {
    const note = id.padEnd(500, '.');
    const fragments = { c8y_ParameterUpdate: {}, c8y_ParameterUpdate_acme_Note: {}, acme_Note: { note } };
    const operation = order(world, fragments, childOf(world, id).id);
    runToEnd(world, [operation]);
    return operation;
  };
  const ends = ids.map((id) => write(id).failureReason);
  const full = 'the parameters of the children have more than 3900 bytes together';
  t.deepEqual(ends, [...Array(7).fill(undefined), full, full]);
  ids = ['kid0', 'kid8'];
  world.device.reboot();
  settle(world);
  world.run(10_000);
  t.is(write('kid8').failureReason, undefined);
  notes.clear();
  world.device.reboot();
  settle(world);
  t.deepEqual(
    [...notes].map(([id, note]) => [id, note.slice(0, 4)]),
    [
      ['kid0', 'kid0'],
      ['kid8', 'kid8'],
    ],
  );
});

test('a configuration file of a child is an event of the child', (t) => {
  const { world, controller } = createScene(t);
  const sent = operate(world, { c8y_UploadConfigFile: { type: 'recipe' } });
  t.is(sent.status, 'SUCCESSFUL', sent.failureReason);
  const files = (id: string) =>
    eventsOf(world.platform, id).map(({ binary }) => String(Buffer.from(binary?.bytes ?? [])));
  t.deepEqual(files(childOf(world, KID).id), ['the first']);
  t.false(files(objectOf(world).id).includes('the first'));
  const got = operate(world, { c8y_DownloadConfigFile: { type: 'recipe', url: url(world, 'the second') } });
  t.is(got.status, 'SUCCESSFUL', got.failureReason);
  t.is(String(controller.recipe), 'the second');
  t.is((shown(world, 'c8y_Configuration_recipe') as JsonObject)['type'], 'recipe');
});

test('a power cut at any moment and at each write: work continues, and each operation ends once', (t) => {
  const look = (cut: (world: World) => void, what: string) => {
    const { world, controller } = createScene(t);
    const id = childOf(world, KID).id;
    const operations = [
      order(world, { c8y_SoftwareUpdate: [pack(world, 'mixer', '1', 'y'.repeat(4000))] }, id),
      order(world, asked({ high: 5 }), id),
    ];
    cut(world);
    if (!world.device.powered) world.device.start();
    runToEnd(world, operations, 600_000);
    for (const operation of operations) {
      t.is(operation.status, 'SUCCESSFUL', `${what}: ${operation.failureReason}`);
      t.is(statuses(operation).filter((status) => status === 'SUCCESSFUL').length, 1, what);
    }
    world.run(10_000);
    t.deepEqual(shown(world, 'c8y_Software'), { mixer: '1' }, what);
    t.deepEqual(shown(world, 'acme_Limits'), { ...VALUES, high: 5 }, what);
    t.deepEqual(controller.applied.at(-1), { ...VALUES, high: 5 }, what);
  };
  for (let cutMs = 0; cutMs < 800; cutMs += 40) {
    look((world) => {
      world.run(cutMs);
      world.device.powerCut();
    }, `${cutMs} ms`);
  }
  for (const point of ['before', 'half', 'after'] as const) {
    for (let n = 1; n <= 4; n++) {
      look((world) => {
        world.device.cutAtWrite(n, point);
        world.run(30_000);
      }, `write ${n} ${point}`);
    }
  }
});

test('capabilities for children are refused on the board', (t) => {
  const controller = new Controller();
  const driver = { installed: () => controller.runs, install: () => controller.take(() => {}) };
  const refused: [App, RegExp][] = [
    [
      (board) => board.operation(childSoftware(controller)),
      /^childSoftware is for a child: add it with child\.operation\(childSoftware\(driver\)\)$/,
    ],
    [
      (board) => board.operation(childFirmware(driver)),
      /^childFirmware is for a child: add it with child\.operation\(childFirmware\(driver\)\)$/,
    ],
  ];
  for (const [app, message] of refused) {
    let thrown: unknown;
    createSettled(t, {
      app: (board) => {
        thrown = t.throws(() => app(board), { instanceOf: RangeError, message });
      },
    });
    t.truthy(thrown);
  }
});

test('capabilities for children in the list of the board stop it with the reason: no restart would help', (t) => {
  const controller = new Controller();
  const driver = { installed: () => controller.runs, install: () => controller.take(() => {}) };
  for (const [name, capability] of [
    ['childSoftware', childSoftware(controller)],
    ['childFirmware', childFirmware(driver)],
  ] as const) {
    const config = { url: 'https://platform.test', bootstrapPassword: 'x' };
    const options = { hal: new FakeMachine().boot(), config, app: () => {}, parts: PARTS };
    t.throws(() => composeAgent({ ...options, capabilities: [...CAPABILITIES, capability] }), {
      instanceOf: ConfigError,
      message: `capabilities: ${name} is for a child: add it with child.operation(${name}(driver))`,
    });
  }
});

for (const said of [undefined, null, {}, { name: 7, version: 'one' }]) {
  test(`a driver that reports ${JSON.stringify(said)} as its firmware loses only this declaration`, (t) => {
    const controller = new Controller();
    controller.more = (child) =>
      child.operation(childFirmware({ installed: () => said as never, install: () => controller.take(() => {}) }));
    const { world } = createScene(t, controller);
    const { status, failureReason } = operate(world, {
      c8y_Firmware: { name: 'plc', version: '2', url: url(world, 'new') },
    });
    t.is(status, 'FAILED');
    t.is(failureReason, 'installed: it must return name and version');
    t.deepEqual(shown(world, 'c8y_Firmware'), { name: '', version: '', url: '' });
    t.deepEqual(world.device.machine.restarts, []);
  });
}
