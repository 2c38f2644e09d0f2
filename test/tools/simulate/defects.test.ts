// SPDX-License-Identifier: Apache-2.0
/** What the emulator does wrong is told as its own, and never as the device's. */

import test from 'ava';
import { createOperation } from '../../../tools/platform/operator.ts';
import { World } from '../../../tools/simulate/machine/world.ts';

test('a defect of the emulator ends a life as such; the device has not even crashed, and goes on', (t) => {
  const world = new World();
  world.start();
  world.run(120_000);
  const { core } = world.platform;
  const { owns } = core;
  core.owns = () => {
    throw new Error('planted');
  };
  t.notThrows(() => world.run(600_000));
  core.owns = owns;
  const operation = createOperation(world.platform, world.object?.id ?? '', { c8y_Command: { text: 'help' } });
  world.run(600_000);
  t.is(operation.status, 'SUCCESSFUL');
  t.is(world.device.lines.filter((line) => /, start \d/.test(line)).length, 1, 'it has not started anew');
  t.throws(() => world.finish(), { message: /defect of the emulator: Error: planted/ });
});
