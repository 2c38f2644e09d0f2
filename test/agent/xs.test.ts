// SPDX-License-Identifier: Apache-2.0

import type { ExecutionContext } from 'ava';
import { DEVICE_ID, inXsWorld, type XsWorld } from '../../tools/bench/xs-world.ts';
import { buildBundle } from '../../tools/build.ts';
import type { JsonObject, ManagedObject } from '../../tools/platform/model.ts';
import { alarmsOf, createOperation, findDevice } from '../../tools/platform/operator.ts';
import { testOnBoardXs, type XsHost } from '../support/xs/harness.ts';

const bundle = await buildBundle({ entry: 'test/agent/xs-app.ts', outfile: 'build/test/app.xs.js' });

/** The author's interface on the engine of a board and in its heap; `deed` makes the app do one of its acts. */
function testApp(title: string, run: (t: ExecutionContext, world: XsWorld) => Promise<void>, config = {}): void {
  testOnBoardXs(title, async (t, host: XsHost) => {
    await inXsWorld({ host, bundle: bundle.path, config: { measurementInterval: '10', ...config } }, async (world) => {
      await world.start();
      await run(t, world);
    });
  });
}

async function deed(t: ExecutionContext, world: XsWorld, name: string): Promise<void> {
  const operation = await world.carryOut({ c8y_Command: { text: `do ${name}` } });
  t.is(operation.status, 'SUCCESSFUL', operation.failureReason);
  await world.run(5000);
}

function objectOf(world: XsWorld, id = ''): ManagedObject {
  const object = findDevice(world.platform, `${DEVICE_ID}${id}`);
  if (object === undefined) throw new Error(`${DEVICE_ID}${id} is not registered`);
  return object;
}

/** Sends an operation for the child and waits for its end. */
async function operateChild(world: XsWorld, fragments: JsonObject) {
  const operation = createOperation(world.platform, objectOf(world, ':valve').id, fragments);
  await world.runUntil(() => operation.status === 'SUCCESSFUL' || operation.status === 'FAILED');
  return operation;
}

for (const connections of ['2', '1']) {
  const title = (what: string) => `${what} (connections=${connections})`;
  const config = { connections };

  testApp(
    title('a child is registered, executes, is silent, comes back and is removed'),
    async (t, world) => {
      const board = objectOf(world);
      const child = objectOf(world, ':valve');
      t.deepEqual([...board.children.childDevices], [child.id]);
      t.like(child.fragments, { name: 'Valve', type: 'x_Valve', c8y_SupportedOperations: ['c8y_RelayArray'] });
      t.is((await operateChild(world, { c8y_RelayArray: ['OPEN', 'CLOSED'] })).status, 'SUCCESSFUL');
      t.deepEqual(child.fragments['c8y_RelayArray'], ['OPEN', 'CLOSED']);
      t.is((await operateChild(world, { c8y_RelayArray: ['OPEN', 1] })).failureReason, 'not a list of texts');
      t.is((await operateChild(world, { x_Work: {} })).status, 'FAILED');
      const reported = [...world.platform.core.measurements.values()].filter(({ sourceId }) => sourceId === child.id);
      t.true(reported.length > 0);
      await deed(t, world, 'silent');
      const [alarm, ...more] = alarmsOf(world.platform, child.id);
      t.is(more.length, 0);
      t.is(alarm?.fragments['status'], 'ACTIVE');
      await deed(t, world, 'back');
      t.is(alarm?.fragments['status'], 'CLEARED');
      await deed(t, world, 'remove');
      t.deepEqual([...board.children.childDevices], []);
      await deed(t, world, 'add');
      t.deepEqual([...board.children.childDevices], [child.id]);
    },
    config,
  );

  testApp(
    title('events, measurements, alarms, position and fragments of the author'),
    async (t, world) => {
      const { core } = world.platform;
      const board = objectOf(world);
      t.deepEqual(board.fragments['x_Workshop'], { tools: ['saw', 'file'] });
      t.deepEqual(board.fragments['x_Stock'], { cups: 5 });
      for (const name of ['event', 'childEvent', 'position', 'measure', 'alarm', 'fragment'])
        await deed(t, world, name);
      const events = [...core.events.values()].map(({ fragments }) => fragments);
      t.deepEqual(
        events.map(({ text }) => text),
        ['Tea “sold” ☕', 'opened', events[2]?.['text']],
      );
      t.deepEqual(events[0]?.['x_Sale'], { drink: 'tea', price: [1, 2.5, null, true] });
      t.deepEqual(board.fragments['c8y_Position'], { lat: 51.2277, lng: 6.7735, alt: 38 });
      t.deepEqual(board.fragments['x_Stock'], { cups: 4 });
      const measured = [...core.measurements.values()].map(({ fragments }) => fragments['x_Steam']);
      t.deepEqual(measured.filter(Boolean), [{ T: { value: 96.5, unit: 'C' } }]);
      const [alarm, ...more] = alarmsOf(world.platform, board.id);
      t.is(more.length, 0);
      t.like(alarm?.fragments, { type: 'x_Jam', severity: 'CRITICAL', x_Jam: { slot: 3 }, status: 'ACTIVE' });
      await deed(t, world, 'clear');
      t.is(alarm?.fragments['status'], 'CLEARED');
      t.is([...core.measurements.values()].filter(({ fragments }) => fragments['x_Broken'] !== undefined).length, 0);
    },
    config,
  );

  testApp(
    title('operations of the author: now, later, never, thrown'),
    async (t, world) => {
      const board = objectOf(world);
      const order = (fragment: JsonObject) => world.carryOut({ x_Work: fragment });
      t.is((await order({ text: 'ä', number: -1.5, flag: true })).status, 'SUCCESSFUL');
      t.deepEqual(board.fragments['x_Done'], { text: 'ä', number: -1.5, flag: true });
      t.is((await order({ how: 'later', number: 2 })).status, 'SUCCESSFUL');
      t.deepEqual(board.fragments['x_Done'], { text: null, number: 2, flag: null });
      t.is((await order({ how: 'throw' })).failureReason, 'a tool broke');
      t.is((await order({ how: 'never' })).failureReason, 'the operation took too long');
      const unknown = await world.carryOut({ c8y_Command: { text: 'do nothing' } });
      t.is(unknown.failureReason, 'no such deed: nothing');
      const help = await world.carryOut({ c8y_Command: { text: 'help' } });
      t.like(help.fragments['c8y_Command'], {
        text: 'help',
        result:
          'help: lists the commands\nstatus: state of the device\ninventory: sends declarations again\ndo: does one of the deeds\n',
      });
    },
    config,
  );

  testApp(
    title('operations and configurations of any size and depth do no harm in the heap of an ESP32'),
    async (t, world) => {
      let deep: JsonObject = {};
      for (let i = 0; i < 400; i++) deep = { [`level${i}`]: deep };
      const wide = Object.fromEntries(Array.from({ length: 500 }, (_, i) => [`name${i}`, i]));
      const large = { text: 'ä'.repeat(20_000) };
      for (const fragments of [{ x_Work: large }, { c8y_Command: large }, { x_New: deep }, wide, { x_New: wide }]) {
        const operation = await world.carryOut(fragments);
        t.is(operation.status, 'FAILED');
        t.truthy(operation.failureReason);
      }
      t.is((await world.carryOut({ c8y_Configuration: { config: '#'.repeat(20_000) } })).status, 'FAILED');
      t.is((await world.carryOut({ x_Other: deep, x_Work: { text: 'as ever' } })).status, 'SUCCESSFUL');
      t.like(objectOf(world).fragments['x_Done'], { text: 'as ever' });
    },
    config,
  );

  testApp(
    title('the configuration is taken, refused and sent'),
    async (t, world) => {
      const shown = () => (objectOf(world).fragments['c8y_Configuration'] as { config: string }).config;
      const configure = (text: string) => world.carryOut({ c8y_Configuration: { config: text } });
      t.is((await configure('# faster\r\n measurementInterval = 4\r\n')).status, 'SUCCESSFUL');
      t.regex(shown(), /^# faster\nmeasurementInterval=4\nsendInterval=0\n/);
      t.is(
        (await configure('measurementInterval=0')).failureReason,
        'measurementInterval: "0" is not allowed; allowed: a whole number from 1 to 86400 (s)',
      );
      t.regex((await configure('nonsense=1')).failureReason ?? '', /^nonsense: there is no such key; allowed: /);
      t.regex(shown(), /^# faster\nmeasurementInterval=4\n/);
      t.is((await configure('')).status, 'FAILED');
      t.is((await configure('#\n')).status, 'SUCCESSFUL');
      t.regex(shown(), /^#\nmeasurementInterval=10\n/);
    },
    config,
  );
}
