// SPDX-License-Identifier: Apache-2.0

import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import test from 'ava';
import { buildProject } from '../../tools/moddable/bundle.ts';
import { ROOT } from '../../tools/moddable/sdk.ts';
import { alarmsOf, createOperation, findDevice } from '../../tools/platform/operator.ts';
import { Platform } from '../../tools/platform/platform.ts';
import { machineOptions, startServer } from '../../tools/platform/server.ts';
import { until } from '../support/until.ts';
import { Board, bootstrapConfig, buildFirmware, directory, Screen } from './bench.ts';

const screen = await Screen.open();
test.after.always(() => screen.close());

test.serial("an author's project: its manifest, its main module, its configuration", async (t) => {
  const project = fileURLToPath(new URL('../../examples/weather-node', import.meta.url));
  await buildProject(project);
  const library = await buildFirmware('weather-node', { project });
  const platform = new Platform(machineOptions({ accept: true }));
  const server = await startServer({ platform });
  t.teardown(() => server.close());
  const config = {
    url: server.url,
    ...bootstrapConfig(platform),
    deviceId: 'greenhouse',
    measurementInterval: '2',
  };
  const board = new Board({ screen, library, config });
  board.simulator.start();
  t.teardown(() => board.simulator.stop());
  await board.line(/listening for operations/);
  // The simulator has no pins: each part says so, and everything else goes on.
  await board.line(/sensor for acme_Weather: BME68x at 0x77: this machine has no pins/);
  await board.line(/relay, output on pin 26: this machine has no pins/);
  const object = findDevice(platform, 'greenhouse');
  t.is(object?.fragments['type'], 'acme_WeatherNode');
  t.regex(JSON.stringify(object?.fragments['c8y_SupportedOperations']), /"c8y_Relay"/);
  const operation = createOperation(platform, object?.id ?? '', { c8y_Relay: { relayState: 'CLOSED' } });
  await until(
    () => operation.status === 'FAILED',
    () => JSON.stringify(operation),
    30_000,
  );
  t.is(operation.failureReason, 'this board has no relay');
  t.deepEqual(platform.breaches, []);
});

test.serial('a bus of the SDK: what is found on it is registered by its ROM', async (t) => {
  const project = fileURLToPath(new URL('../../examples/one-wire', import.meta.url));
  await buildProject(project);
  const library = await buildFirmware('one-wire', { project });
  const platform = new Platform(machineOptions({ accept: true }));
  const server = await startServer({ platform });
  t.teardown(() => server.close());
  const config = { url: server.url, ...bootstrapConfig(platform), deviceId: 'cellar', measurementInterval: '2' };
  const board = new Board({ screen, library, config });
  board.simulator.start();
  t.teardown(() => board.simulator.stop());
  // The simulator has two thermometers on each pin, one of which has a ROM whose checksum is right.
  const isLinked = () => {
    const thermometer = findDevice(platform, '28ca00a9040000ea', 'acme_1Wire');
    return findDevice(platform, 'cellar')?.children.childDevices.has(thermometer?.id ?? '') === true;
  };
  await until(isLinked, 'no thermometer under the gateway', 30_000);
  t.deepEqual(platform.breaches, []);
});

test.serial('an app that throws is a crash: the third in a row, and the board can be reached without it', async (t) => {
  const project = directory('throwing');
  const include = [path.join(ROOT, 'manifest.json')];
  const manifest = { include, creation: { main: 'main' }, modules: { main: './build/main' }, preload: ['main'] };
  writeFileSync(path.join(project, 'manifest.json'), JSON.stringify(manifest));
  const source = `
    import { start } from 'fractus/board';
    export default () => void start(() => { throw new Error('no such part'); });`;
  writeFileSync(path.join(project, 'main.ts'), source);
  await buildProject(project);
  const library = await buildFirmware('throwing-firmware', { project });
  const platform = new Platform(machineOptions({ accept: true }));
  const server = await startServer({ platform });
  t.teardown(() => server.close());
  const config = {
    url: server.url,
    ...bootstrapConfig(platform),
    deviceId: 'throwing',
  };
  const board = new Board({ screen, library, config });
  board.simulator.start();
  t.teardown(() => board.simulator.stop());
  await board.line(/error: no such part/);
  await board.line(/listening for operations/, 120_000);
  t.is(board.simulator.lines.filter((line) => line.includes('no such part')).length, 3);
  t.is(board.simulator.restarts, 3);
  const id = () => findDevice(platform, 'throwing')?.id ?? '';
  await until(
    () => alarmsOf(platform, id()).some(({ fragments }) => fragments['type'] === 'fractus_SafeMode'),
    () => board.simulator.lines.join('\n'),
    30_000,
  );
});
