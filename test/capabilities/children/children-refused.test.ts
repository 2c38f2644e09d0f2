// SPDX-License-Identifier: Apache-2.0
/** Operations for a child that has no handler for them, and relays of a child. */

import test from 'ava';
import { relayArray } from '../../../src/capabilities/index.ts';
import type { JsonObject } from '../../../tools/platform/model.ts';
import { childOf, order, runToEnd, statuses } from '../../agent/operations/operating.ts';
import { createSettled } from '../../agent/scene.ts';
import { Controller, createScene, KID, operate, shown } from './children-scene.ts';

/** Operations that the board carries out, the restart last. */
const OF_BOARD = [
  { c8y_Configuration: { config: 'measurementInterval=7\n' } },
  { c8y_SendConfiguration: {} },
  { c8y_Command: { text: 'help' } },
  { c8y_MeasurementRequestOperation: {} },
  { c8y_Restart: {} },
];

test('an operation of the board for a child without a handler: FAILED once, with what the child takes; nothing is done', (t) => {
  const world = createSettled(t, { app: (board) => void board.child(KID, { name: KID }) });
  const config = () => JSON.stringify(world.object?.fragments['c8y_Configuration']);
  const before = config();
  const carryOut = (fragments: JsonObject, deviceId?: string) => {
    const operation = order(world, fragments, deviceId);
    runToEnd(world, [operation], 600_000);
    world.run(60_000);
    t.deepEqual(statuses(operation), ['PENDING', 'EXECUTING', operation.status]);
    return operation.failureReason;
  };
  for (const fragments of [
    ...OF_BOARD,
    { c8y_Firmware: { name: 'a', version: '2', url: 'https://files.example/a' } },
  ]) {
    const [name = ''] = Object.keys(fragments);
    const reason = `${name}: not supported by child ${KID}; supported: none`;
    t.is(carryOut(fragments, childOf(world, KID).id), reason);
  }
  t.deepEqual(world.device.machine.restarts, []);
  t.is(config(), before);
  // The control: the board carries out all of these.
  for (const fragments of OF_BOARD) t.is(carryOut(fragments), undefined);
  t.is(world.device.machine.restarts.length, 1);
  t.regex(config(), /measurementInterval=7\\n/);
});

test('c8y_RelayArray of a child switches its actuators, and those of the board stay', (t) => {
  const controller = new Controller();
  controller.more = (child) => child.operation(relayArray('relay'));
  const { world } = createScene(t, controller);
  t.deepEqual(shown(world, 'c8y_RelayArray'), ['OPEN']);
  t.is(operate(world, { c8y_RelayArray: ['CLOSED'] }).status, 'SUCCESSFUL');
  t.deepEqual(shown(world, 'c8y_RelayArray'), ['CLOSED']);
  t.is(world.device.machine.outputs['relay'], 1);
  t.is(world.object?.fragments['c8y_RelayArray'], undefined);
  t.regex(operate(world, { c8y_RelayArray: ['CLOSED', 'OPEN'] }).failureReason ?? '', /allowed are 1 of OPEN, CLOSED/);
});
