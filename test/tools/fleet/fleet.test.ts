// SPDX-License-Identifier: Apache-2.0

import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import test from 'ava';
import { readFleetArguments } from '../../../tools/fleet/command.ts';
import { Fleet, macOf } from '../../../tools/fleet/fleet.ts';
import { Platform } from '../../../tools/platform/platform.ts';
import { machineOptions, startServer } from '../../../tools/platform/server.ts';
import { until } from '../../support/until.ts';

test('each device is one of its own, and all of them end in order', async (t) => {
  const platform = new Platform(machineOptions({ accept: true }));
  const server = await startServer({ platform });
  t.teardown(() => server.close());
  const config = { url: server.url, bootstrapPassword: platform.core.bootstrap.password, measurementInterval: '1' };
  const fleet = new Fleet({ numbers: [0, 1, 2, 3, 4], seed: 7, config, spreadMs: 100 });
  await until(
    () => fleet.counts.listening === 5 && platform.core.measurements.size >= 10,
    () => JSON.stringify(fleet.counts),
  );
  const ids = [...platform.core.externalIds.values()].map(({ externalId }) => externalId).sort();
  t.deepEqual(
    ids,
    [0, 1, 2, 3, 4].map((number) => `esp32-${macOf(7, number)}`),
  );
  await fleet.stop();
  t.like(fleet.counts, { started: 5, panics: 0, restarts: 0 });
  await until(() => platform.core.connections.open === 0, 'connections stay open');
  t.deepEqual(platform.breaches, []);
});

test('with an emulator of its own the command says that nothing was lost', async (t) => {
  const { code, output } = await runFleet('--devices', '3', '--seconds', '6', '--emulator', 'measurementInterval=1');
  t.regex(
    output,
    /3 devices, \d+ requests, [1-9]\d* of \d+ measurements, .* 0 lost, 0 twice, 0 series out of order, 0 breaches/,
  );
  t.regex(output, /the emulator: \d+ MB, \d+\.\d s of CPU/);
  t.is(code, 0, output);
});

test('a fleet of which nobody listens is no success', async (t) => {
  const platform = new Platform(machineOptions({ accept: true }));
  const server = await startServer({ platform });
  t.teardown(() => server.close());
  const way = [`url=${server.url}`, 'bootstrapPassword=wrong'];
  const { code, output } = await runFleet('--devices', '2', '--seconds', '3', ...way);
  t.regex(output, /no device listens; "fractus connect --test/);
  t.is(code, 1, output);
});

test('shares do not overlap, and the index comes from Kubernetes where nobody says it', (t) => {
  const url = ['url=http://127.0.0.1:1', 'bootstrapPassword=x'];
  t.like(readFleetArguments(['--devices', '10', '--of', '4', ...url], { JOB_COMPLETION_INDEX: '3' }), {
    index: 3,
    of: 4,
  });
  t.like(readFleetArguments(['--of', '4', '--index', '1', ...url], {}), { index: 1, devices: 100 });
  for (const [args, message] of [
    [['--of', '4'], /JOB_COMPLETION_INDEX/],
    [['--of', '4', '--index', '4'], /from 0 to 3/],
    [['--devices', 'many'], /--devices many/],
    [['deviceId=x'], /each device has its own/],
  ] as const) {
    t.throws(() => readFleetArguments([...args, ...url], {}), { message });
  }
  t.throws(() => readFleetArguments(url.slice(0, 1), {}), { message: /^bootstrapPassword: missing/ });
});

test('help needs no platform', (t) => {
  t.true(readFleetArguments(['--help']).help);
});

test('the job of Kubernetes says as many shares as it has pods', (t) => {
  const job = readFileSync(new URL('../../../deploy/fleet-job.yaml', import.meta.url), 'utf8');
  const pods = /completions: (\d+)/.exec(job)?.[1];
  t.is(/--devices 100000 --of (\d+)/.exec(job)?.[1], pods);
  t.is(/parallelism: (\d+)/.exec(job)?.[1], pods);
  t.regex(job, /completionMode: Indexed/);
});

const FRACTUS = fileURLToPath(new URL('../../../tools/fractus.js', import.meta.url));

function runFleet(...args: string[]): Promise<{ code: number; output: string }> {
  return new Promise((resolve) => {
    execFile(process.execPath, [FRACTUS, 'fleet', ...args], (error, stdout, stderr) =>
      resolve({ code: error === null ? 0 : Number(error.code), output: `${stdout}${stderr}` }),
    );
  });
}
