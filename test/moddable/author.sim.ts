// SPDX-License-Identifier: Apache-2.0
/** The project of a new user, made by `npm create fractus`, with the tools of the SDK: mcconfig, and mcpack in front of it. */

import { execFile } from 'node:child_process';
import { copyFileSync } from 'node:fs';
import path from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { sdkEnvironment, simulatorLibrary } from '../../tools/moddable/sdk.ts';
import { eventsOf, findDevice } from '../../tools/platform/operator.ts';
import { Platform } from '../../tools/platform/platform.ts';
import { machineOptions, startServer } from '../../tools/platform/server.ts';
import { create, hasRegistry, pack, ROOT, run } from '../package/packed.ts';
import { testWith } from '../support/needs.ts';
import { until } from '../support/until.ts';
import { Board, bootstrapConfig, directory, Screen, sdk } from './bench.ts';

const screen = await Screen.open();
const isReached = await hasRegistry();
const author = testWith(
  isReached ? undefined : 'npm reaches no registry: the project of a new user is not built',
  test.serial,
);
test.after.always(() => screen.close());

let project = '';

test.before(async () => {
  if (!isReached) return;
  project = await create(await pack());
  const { code, output } = await run('npx', ['fractus', 'build', '.'], project);
  if (code !== 0) throw new Error(output);
});

/** Runs a tool of the SDK in the project, as its author types it. */
function runTool(command: string, args: readonly string[]): Promise<{ code: number; output: string }> {
  return new Promise((resolve) => {
    const options = { cwd: project, env: sdkEnvironment(sdk), maxBuffer: 64 << 20 };
    execFile(path.join(sdk.tools, command), args, options, (error, stdout, stderr) => {
      resolve({ code: error === null ? 0 : 1, output: stdout + stderr });
    });
  });
}

/** What has been built registers and listens, under the name that its author has given it. */
async function lives(t: ExecutionContext, library: string): Promise<Platform> {
  const platform = new Platform(machineOptions({ accept: true }));
  const server = await startServer({ platform });
  t.teardown(() => server.close());
  const config = { url: server.url, ...bootstrapConfig(platform), deviceId: 'built' };
  const board = new Board({ screen, library, config });
  t.teardown(() => board.simulator.stop());
  board.simulator.start();
  await board.line(/listening for operations/);
  t.like(findDevice(platform, 'built')?.fragments['c8y_Firmware'], { name: 'greenhouse', version: '0.1.0' });
  t.deepEqual(platform.breaches, []);
  return platform;
}

/** Builds it with one of the SDK's tools; resolves with what the simulator loads. */
async function buildWith(t: ExecutionContext, tool: string, args: readonly string[]): Promise<string> {
  const output = directory(`author-${tool}`);
  const { code, output: said } = await runTool(tool, [...args, '-m', '-p', 'lin', '-t', 'build', '-o', output]);
  t.is(code, 0, said);
  return simulatorLibrary({ sdk, platform: 'lin', output });
}

author('mcconfig builds it, and it lives', async (t) => {
  await lives(t, await buildWith(t, 'mcconfig', []));
});

author('so does mcpack; parts that an app imports work with the agent, which is a module of its own', async (t) => {
  copyFileSync(path.join(ROOT, 'test/parts/app/asking.ts'), path.join(project, 'app.ts'));
  const { code, output } = await run('npx', ['fractus', 'build', '.'], project);
  t.is(code, 0, output);
  const platform = await lives(t, await buildWith(t, 'mcpack', ['mcconfig']));
  const events = () => eventsOf(platform, findDevice(platform, 'built')?.id ?? '').map(({ fragments }) => fragments);
  const door = () => events().find(({ text }) => text === 'closed');
  const ended = () => events().find(({ type }) => type === 'acme_Ended');
  await until(
    () => door() !== undefined && ended() !== undefined,
    () => JSON.stringify(events()),
  );
  t.deepEqual(door()?.['acme_Door'], { type: 'greenhouse' });
  t.regex(String(ended()?.['text']), /^sent \d+$/);
});
