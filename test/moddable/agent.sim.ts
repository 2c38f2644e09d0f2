import test from 'ava';
import { createOperation, findDevice, measurementsOf } from '../../tools/platform/operator.ts';
import { Platform } from '../../tools/platform/platform.ts';
import { machineOptions, startServer } from '../../tools/platform/server.ts';
import { until } from '../support/until.ts';
import { Board, buildFirmware, Screen } from './bench.ts';

const screen = await Screen.open();
test.after.always(() => screen.close());

test.serial('the real manifest over HTTP: from credentials to measurements, operations and a restart', async (t) => {
  const library = await buildFirmware('agent');
  const platform = new Platform(machineOptions({ accept: true }));
  const server = await startServer({ platform });
  const board = new Board({
    screen,
    library,
    config: {
      url: server.url,
      bootstrapUser: `${platform.core.bootstrap.tenant}/${platform.core.bootstrap.name}`,
      bootstrapPassword: platform.core.bootstrap.password ?? '',
      deviceId: 'simulated',
      measurementInterval: '2',
    },
  });
  board.simulator.start();
  t.teardown(() => board.simulator.stop());
  t.teardown(() => server.close());
  await board.line(/listening for operations/);
  const device = findDevice(platform, 'simulated');
  t.truthy(device);
  const id = device?.id ?? '';
  await until(() => measurementsOf(platform, id).length >= 3, 'no measurements', 60_000);

  const help = createOperation(platform, id, { c8y_Command: { text: 'help' } });
  await until(
    () => help.status === 'SUCCESSFUL',
    () => `c8y_Command: ${JSON.stringify(help.fragments)}`,
    60_000,
  );

  const restart = createOperation(platform, id, { c8y_Restart: {} });
  await until(
    () => restart.status === 'SUCCESSFUL',
    () => `c8y_Restart: ${JSON.stringify(restart.fragments)}`,
    120_000,
  );
  t.is(board.simulator.restarts, 1);
  const count = measurementsOf(platform, id).length;
  await until(() => measurementsOf(platform, id).length >= count + 2, 'no measurements after the restart', 60_000);
  t.deepEqual(platform.breaches, []);
});
