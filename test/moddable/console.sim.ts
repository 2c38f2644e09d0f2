// SPDX-License-Identifier: Apache-2.0

import test from 'ava';
import { findDevice } from '../../tools/platform/operator.ts';
import { Platform } from '../../tools/platform/platform.ts';
import { machineOptions, startServer } from '../../tools/platform/server.ts';
import { until } from '../support/until.ts';
import { Board, buildFirmware, Screen } from './bench.ts';

const screen = await Screen.open();
test.after.always(() => screen.close());

test.serial('a board with nothing set is set up at its console, and finds its platform', async (t) => {
  const library = await buildFirmware('bare');
  const platform = new Platform(machineOptions({ accept: true }));
  const server = await startServer({ platform });
  t.teardown(() => server.close());
  const board = new Board({ screen, library, config: {} });
  const { simulator } = board;
  simulator.start();
  t.teardown(() => simulator.stop());
  await board.line(/^error: url: missing/);

  simulator.type('help');
  await board.line(/^show +lists all settings$/);
  simulator.type('help keys');
  await board.line(/^led: Pin of the status light.* Allowed: a number/);
  await board.line(/^url: The tenant, .* Allowed: http/);

  const { tenant, name, password = '' } = platform.core.bootstrap;
  simulator.type('set url ftp://nowhere');
  await board.line(/url: "ftp:\/\/nowhere" is not allowed/);
  for (const setting of [`url=${server.url}`, `bootstrapUser=${tenant}/${name}`, 'deviceId=console']) {
    simulator.type(setting);
  }
  simulator.type('connect --test');
  await board.line(/^(> )?credentials +failed +there are none/);
  simulator.type(`set bootstrapPassword ${password}`);
  simulator.type('connect --test');
  await board.line(/^(> )?registration +pending +accept console on the platform/);
  simulator.type('show');
  await board.line(/^bootstrapPassword=\(set, not shown\) \(this board\)/);
  simulator.type('restart');
  await until(
    () => findDevice(platform, 'console') !== undefined,
    () => simulator.lines.join('\n'),
    60_000,
  );
  await board.line(/listening for operations/);
  t.is(simulator.restarts, 1);
  simulator.type('status');
  await board.line(/^credentials +kept/);

  simulator.type('reset all yes');
  await until(() => simulator.restarts === 2, 'no restart', 30_000);
  const count = () => simulator.lines.filter((line) => line.startsWith('error: url: missing')).length;
  await until(
    () => count() === 2,
    () => simulator.lines.join('\n'),
    30_000,
  );
  t.false(simulator.lines.join('\n').includes(password), 'the password was shown');
  t.notRegex(simulator.lines.join('\n'), /undefined/);
  t.deepEqual(platform.breaches, []);
});
