// SPDX-License-Identifier: Apache-2.0
/** What operators manage a board with, in the SDK's simulator: software in the real partition, commands, parameters, a profile. */

import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import test, { type ExecutionContext } from 'ava';
import { buildProject } from '../../tools/moddable/bundle.ts';
import { mcrun } from '../../tools/moddable/sdk.ts';
import type { JsonObject, Operation } from '../../tools/platform/model.ts';
import { alarmsOf, createBinary, createOperation, findDevice, measurementsOf } from '../../tools/platform/operator.ts';
import { Platform } from '../../tools/platform/platform.ts';
import { machineOptions, startServer } from '../../tools/platform/server.ts';
import { until } from '../support/until.ts';
import { Board, bootstrapConfig, directory, Screen, sdk } from './bench.ts';
import { buildOwnFirmware } from './own-firmware.ts';

const DEVICE = 'managed';
const PATIENCE_MS = 180_000;
const EXAMPLE = fileURLToPath(new URL('../../examples/mod', import.meta.url));
const MOD_MANIFEST = { include: ['$(MODDABLE)/examples/manifest_mod.json'], modules: { mod: './build/mod' } };

const screen = await Screen.open();
let library = '';
let cellar: Buffer = Buffer.alloc(0);
let broken: Buffer = Buffer.alloc(0);

test.after.always(() => screen.close());

test.before(async () => {
  const source = `
    import { startWith } from 'fractus/board';
    import { configuration, configurationFiles, deviceProfile, network, parameters, parameterSet, restart, shell, software } from 'fractus/capabilities';
    import { PARTS } from 'fractus/parts';
    const limits = parameterSet('acme_Limits', { high: { kind: 'number', least: 0, most: 100, value: 80 } }, ({ high }, { hal }) => hal.log('info', 'up to ' + high));
    export default () => void startWith(() => {}, {
      capabilities: [restart, configuration, network(), shell(), parameters(limits), software(), ...configurationFiles(), deviceProfile()],
      parts: PARTS,
    });`;
  library = await buildOwnFirmware('managing', source);
  cellar = await build(EXAMPLE);
  const other = directory('mod-broken');
  mkdirSync(other, { recursive: true });
  writeFileSync(path.join(other, 'manifest.json'), JSON.stringify(MOD_MANIFEST));
  writeFileSync(path.join(other, 'mod.ts'), "export default () => { throw new Error('no such pin'); };");
  broken = await build(other);
});

/** A mod, with the SDK's mcrun, as its author makes it. */
async function build(project: string): Promise<Buffer> {
  await buildProject(project);
  return readFileSync(await mcrun({ sdk, project, platform: 'lin', output: `${project}/build/output` }));
}

async function start(t: ExecutionContext) {
  const platform = new Platform(machineOptions({ accept: true }));
  const server = await startServer({ platform });
  t.teardown(() => server.close());
  const config = { url: server.url, ...bootstrapConfig(platform), deviceId: DEVICE, measurementInterval: '2' };
  const board = new Board({ screen, library, config, survivesAborts: true });
  t.teardown(() => board.simulator.stop());
  board.simulator.start();
  await board.line(/listening for operations/);
  const object = () => findDevice(platform, DEVICE);
  const order = async (fragments: JsonObject): Promise<Operation> => {
    const operation = createOperation(platform, object()?.id ?? '', fragments);
    await until(
      () => operation.status === 'SUCCESSFUL' || operation.status === 'FAILED',
      () => `${JSON.stringify(operation)}\n${board.simulator.lines.slice(-20).join('\n')}`,
      PATIENCE_MS,
    );
    return operation;
  };
  const upload = (content: Uint8Array) => {
    const { id } = createBinary(platform, content);
    return `${server.url}/inventory/binaries/${id}`;
  };
  const listed = () =>
    ((object()?.fragments['c8y_SoftwareList'] ?? []) as { name: string; version: string }[])
      .map(({ name, version }) => `${name} ${version}`)
      .filter((each) => !each.startsWith('fractus'));
  const answer = async (text: string) => {
    const { fragments, failureReason } = await order({ c8y_Command: { text } });
    return String((fragments['c8y_Command'] as JsonObject)['result'] ?? failureReason);
  };
  return { platform, board, object, order, upload, listed, answer };
}

test.serial('a mod is installed, runs, is listed, and is deleted', async (t) => {
  const { platform, board, object, order, upload, listed, answer } = await start(t);
  const own = listed();
  const element = { name: 'cellar', version: '1.0', softwareType: 'mod' };
  const installed = await order({ c8y_SoftwareUpdate: [{ ...element, url: upload(cellar), action: 'install' }] });
  t.is(installed.failureReason, undefined);
  t.deepEqual(board.archive(cellar.length), cellar);
  t.deepEqual(listed(), ['cellar 1.0', ...own]);
  t.is(board.simulator.restarts, 2, 'one that it asks for, and one after the archive was put into its place');
  await until(
    () => measurementsOf(platform, object()?.id ?? '').some(({ fragments }) => fragments['type'] === 'acme_Cellar'),
    () => board.simulator.lines.slice(-20).join('\n'),
    PATIENCE_MS,
  );
  t.regex(await answer('cellar'), /°C/);
  t.regex(await answer('sensors'), /^acme_Cellar: temperature -?[\d.]+$/m);
  const removed = await order({ c8y_SoftwareUpdate: [{ ...element, action: 'delete' }] });
  t.is(removed.failureReason, undefined);
  t.deepEqual(listed(), own);
  t.regex(await answer('cellar'), /^unknown command "cellar"; there are help, /);
  t.is(board.simulator.aborts, 0);
  t.deepEqual(platform.breaches, []);
});

test.serial('a link that joins no other network does not declare that it does', async (t) => {
  const { platform, object, order } = await start(t);
  const supported = object()?.fragments['c8y_SupportedOperations'] as string[];
  t.deepEqual(supported.slice(0, 3), ['c8y_Restart', 'c8y_Configuration', 'c8y_Command']);
  t.is(object()?.fragments['c8y_Network'], undefined);
  const { failureReason = '' } = await order({ c8y_Network: { fractus_WiFi: { name: 'Barn' } } });
  t.regex(failureReason, /^c8y_Network: not supported by the device; supported: c8y_Restart, /);
  t.deepEqual(platform.breaches, []);
});

test.serial('a mod that throws is left out, and the operation says so', async (t) => {
  const { platform, object, order, upload, listed } = await start(t);
  const own = listed();
  const url = upload(broken);
  const operation = await order({ c8y_SoftwareUpdate: [{ name: 'broken', version: '1', url, action: 'install' }] });
  t.is(operation.failureReason, 'broken 1 does not run: it does not load, or crashes');
  t.deepEqual(listed(), own);
  const texts = alarmsOf(platform, object()?.id ?? '').map(({ fragments }) => String(fragments['text']));
  t.regex(texts.join(), /no such pin/);
  t.deepEqual(platform.breaches, []);
});

test.serial('commands, parameters, and a profile of software and configuration', async (t) => {
  const { platform, board, object, order, upload, listed, answer } = await start(t);
  t.is(await answer('config set pollTimeout 60'), 'pollTimeout=60\n');
  t.regex(await answer('heap'), /^memory: /);
  const parameters = (high: number) => ({
    c8y_ParameterUpdate: {},
    c8y_ParameterUpdate_acme_Limits: {},
    acme_Limits: { high },
  });
  t.regex((await order(parameters(101))).failureReason ?? '', /^acme_Limits\.high: 101 is not allowed/);
  t.is((await order(parameters(12.5))).failureReason, undefined);
  t.deepEqual(object()?.fragments['acme_Limits'], { high: 12.5 });
  const profile = { profileName: 'winter', profileId: '7' };
  const parts = {
    software: [{ name: 'cellar', version: '2.0', url: upload(cellar), softwareType: 'mod' }],
    configuration: [{ type: 'agent', name: 'cold', url: upload(Buffer.from('measurementInterval=3\n')) }],
  };
  const operation = await order({ ...profile, c8y_DeviceProfile: parts });
  t.is(operation.failureReason, undefined);
  t.deepEqual(object()?.fragments['c8y_Profile'], { ...profile, profileExecuted: true });
  t.true(listed().includes('cellar 2.0'));
  t.is(await answer('config get measurementInterval'), 'measurementInterval=3\n');
  await board.line(/up to 12\.5/);
  t.is(await answer('restart'), 'start 4 (software)\n');
  t.deepEqual(platform.breaches, []);
});
