// SPDX-License-Identifier: Apache-2.0

import test, { type ExecutionContext } from 'ava';
import { agentConfiguration, type ConfigurationFile, configurationFiles } from '../../../src/capabilities/index.ts';
import type { Json, JsonObject } from '../../../tools/platform/model.ts';
import { createBinary, createOperation, eventsOf } from '../../../tools/platform/operator.ts';
import type { World } from '../../../tools/simulate/machine/world.ts';
import { calls, createWorld, logged, objectOf, settle } from '../../agent/scene.ts';
import { FileServer } from '../../transfers/file-server.ts';

/**
 * A file of an app that takes any bytes except those that begin with an exclamation mark; even these are written in
 * part.
 */
class Recipe implements ConfigurationFile {
  readonly type = 'recipe';
  readonly maxBytes = 1000;
  bytes = Buffer.from('the first');
  applied = 0;

  read(): Uint8Array {
    return this.bytes;
  }

  apply(bytes: Uint8Array): void {
    this.applied += 1;
    this.bytes = Buffer.from(bytes);
    if (bytes[0] === 0x21) throw new Error('it says !');
  }
}

function createScene(t: ExecutionContext, ...files: ConfigurationFile[]): World {
  const world = createWorld(t, {
    app: (board) => configurationFiles(...files).forEach((each) => void board.operation(each)),
  });
  world.start();
  settle(world);
  return world;
}

function order(world: World, fragments: Record<string, Json>) {
  return createOperation(world.platform, objectOf(world).id, fragments);
}

/** Orders the download; returns the operation after its end. */
function download(world: World, content: Uint8Array | string, asked: Record<string, Json> = {}) {
  const { id } = createBinary(world.platform, Buffer.from(content));
  const url = `https://platform.test/inventory/binaries/${id}`;
  const operation = order(world, { c8y_DownloadConfigFile: { url, ...asked } });
  settle(world);
  return { ...operation, url };
}

const shown = (world: World, name: string) => objectOf(world).fragments[name] as JsonObject | undefined;
const config = (world: World) => String(shown(world, 'c8y_Configuration')?.['config']);
const sent = (world: World, type: string) =>
  eventsOf(world.platform, objectOf(world).id)
    .filter(({ fragments }) => fragments['type'] === type)
    .map(({ binary }) => Buffer.from(binary?.bytes ?? []));

test("the agent's own configuration is replaced as a whole, and the inventory says what, when and from where", (t) => {
  const world = createScene(t);
  t.deepEqual(shown(world, 'c8y_SupportedConfigurations'), ['agent'] as never);
  const text = '# of today\nmeasurementInterval=77\n';
  for (const asked of [{ type: 'agent', name: 'winter' }, {}]) {
    const { status, failureReason, url } = download(world, text, asked);
    t.is(status, 'SUCCESSFUL', failureReason);
    const { time, ...rest } = shown(world, 'c8y_Configuration_agent') ?? {};
    t.deepEqual(rest, { name: asked.name ?? 'agent', type: 'agent', url });
    t.regex(String(time), /^20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
    t.regex(config(world), /^# of today\nmeasurementInterval=77\n/);
  }
  world.device.reboot();
  settle(world);
  t.regex(config(world), /^# of today\nmeasurementInterval=77\n/);
});

test('a wrong file changes nothing, and the operation names the mistake', (t) => {
  const world = createScene(t);
  download(world, 'measurementInterval=77\n');
  const before = config(world);
  const cases: [Uint8Array | string, Record<string, Json>, RegExp][] = [
    ['measurementInterval=0\n', {}, /measurementInterval: "0" is not allowed/],
    ['measurementInterval=80\nurl=https://elsewhere.example\n', {}, /url: .*; allowed: /],
    ['<html>', {}, /this is not the requested content/],
    [Buffer.from([0x23, 0xff, 0xfe]), {}, /not UTF-8 text/],
    [`#${'x'.repeat(4000)}`, {}, /more than 4000 bytes/],
    ['', {}, /^download: the file is empty$/],
    [' \n\t\r\n', {}, /^config: empty; allowed: key=value lines$/],
    ['measurementInterval=80\n', { type: 'engine' }, /type: allowed are agent/],
    ['measurementInterval=80\n', { url: ' ' }, /url: missing/],
    ['measurementInterval=80\n', { url: 5 }, /url: missing/],
    ['measurementInterval=80\n', { url: 'https://platform.test/inventory/binaries/77777' }, /HTTP 404/],
    ['measurementInterval=80\n', { url: 'ftp://platform.test/a' }, /allowed: http/],
  ];
  for (const [content, asked, reason] of cases) {
    const { status, failureReason } = download(world, content, asked);
    t.is(status, 'FAILED');
    t.regex(failureReason ?? '', reason);
    t.is(config(world), before);
  }
});

test('an empty answer is no file: of a page it is asked for again, otherwise the operation fails', (t) => {
  for (const [type, tries, reason] of [
    ['text/html', 4, undefined],
    ['application/octet-stream', 1, 'download: the file is empty'],
  ] as const) {
    const recipe = new Recipe();
    const world = createScene(t, recipe);
    const server = new FileServer(world.network, 'files.example', Buffer.from('the second'));
    const empty = { bytes: FileServer.answer(200, { 'Content-Type': type, 'Content-Length': 0 }) };
    server.script.push(...Array.from({ length: 3 }, () => () => empty));
    const operation = order(world, { c8y_DownloadConfigFile: { url: 'https://files.example/recipe' } });
    world.runUntil(() => operation.status === 'SUCCESSFUL' || operation.status === 'FAILED', 600_000);
    t.is(operation.failureReason, reason);
    t.is(server.requests.length, tries);
    t.is(String(recipe.bytes), reason === undefined ? 'the second' : 'the first');
    t.is(recipe.applied, reason === undefined ? 1 : 0);
  }
});

test('files of an app are bytes; a refused one is rolled back', (t) => {
  const recipe = new Recipe();
  const world = createScene(t, recipe, agentConfiguration);
  t.deepEqual(shown(world, 'c8y_SupportedConfigurations'), ['recipe', 'agent'] as never);
  const bytes = Buffer.from([0, 255, 10, 13, 128, 0xef, 0xbb, 0xbf]);
  for (const asked of [{ type: 'recipe' }, {}]) t.is(download(world, bytes, asked).status, 'SUCCESSFUL');
  t.deepEqual(recipe.bytes, bytes);
  t.is(recipe.applied, 2);
  t.like(shown(world, 'c8y_Configuration_recipe'), { type: 'recipe' });
  const { status, failureReason } = download(world, '!', { type: 'recipe' });
  t.deepEqual([status, failureReason], ['FAILED', 'it says !']);
  t.deepEqual(recipe.bytes, bytes);
  recipe.bytes = Buffer.from('!');
  t.is(download(world, '!!').failureReason, 'it says !; nor can the former one be applied: it says !');
});

test('an app that throws when it is asked does no harm', (t) => {
  const recipe = new Recipe();
  recipe.read = () => {
    throw new Error('the card is out');
  };
  const world = createScene(t, recipe);
  t.is(download(world, 'a').failureReason, 'the card is out');
  const upload = order(world, { c8y_UploadConfigFile: { type: 'recipe' } });
  settle(world);
  t.is(upload.failureReason, 'the card is out');
  t.false(logged(world, 'panic'));
  t.deepEqual(world.device.machine.restarts, []);
});

test('a file is sent as the attachment of an event of its type', (t) => {
  const recipe = new Recipe();
  recipe.bytes = Buffer.from([0, 255, 10, ...Array(900).fill(7)]);
  const world = createScene(t, agentConfiguration, recipe);
  for (const [asked, type] of [
    [{ type: 'recipe' }, 'recipe'],
    [{ type: 'agent' }, 'agent'],
    [{}, 'agent'],
  ] as const) {
    const operation = order(world, { c8y_UploadConfigFile: asked });
    settle(world);
    t.is(operation.status, 'SUCCESSFUL', operation.failureReason);
    t.true(sent(world, type).length > 0);
  }
  t.deepEqual(sent(world, 'recipe'), [recipe.bytes]);
  t.is(sent(world, 'agent').length, 2);
  t.regex(String(sent(world, 'agent')[0]), /^measurementInterval=\d+$/m);
  const unknown = order(world, { c8y_UploadConfigFile: { type: 'engine' } });
  settle(world);
  t.is(unknown.failureReason, 'type: allowed are agent, recipe');
});

test('an operation past its timeout sends and fetches nothing more', (t) => {
  const minuteMs = 60_000;
  const cases = [
    ['c8y_UploadConfigFile', 'POST', '/event/events', '/event/events/*/binaries', 0],
    ['c8y_DownloadConfigFile', 'GET', '/inventory/binaries/*', '/inventory/binaries/*', 1],
  ] as const;
  for (const [name, method, firstPath, path, truncated] of cases) {
    const world = createScene(t);
    const { id } = createBinary(world.platform, Buffer.from('measurementInterval=77\n'));
    const broken = { kind: 'status', status: 503, method, times: 1e6 } as const;
    world.platform.order({ ...broken, path: firstPath });
    const operation = order(world, { [name]: { url: `https://platform.test/inventory/binaries/${id}` } });
    world.run(8 * minuteMs);
    world.platform.cancel();
    // One step succeeds: bytes have been sent or received.
    world.platform.order({ kind: 'truncate', bytes: 5, method, path });
    world.platform.order({ ...broken, path, skip: truncated });
    world.runUntil(() => operation.status === 'FAILED', 10 * minuteMs);
    t.is(operation.failureReason, 'the operation took too long');
    t.true(calls(world, method, path).length > 0);
    const since = world.requests;
    world.platform.cancel();
    world.run(20 * minuteMs);
    t.is(calls(world, method, path, since).length, 0, name);
    t.false(config(world).includes('77'));
  }
});

test('a power cut at any moment: each ends once, with one attachment, and the requested configuration is in force', (t) => {
  let attachedBefore = 0;
  for (let cutMs = 0; cutMs < 1200; cutMs += 15) {
    const world = createScene(t);
    const { id } = createBinary(world.platform, Buffer.from('measurementInterval=77\n'));
    const url = `https://platform.test/inventory/binaries/${id}`;
    const first = order(world, { c8y_DownloadConfigFile: { url } });
    const second = order(world, { c8y_UploadConfigFile: {} });
    world.run(cutMs);
    if (second.status !== 'SUCCESSFUL' && sent(world, 'agent').some(({ length }) => length > 0)) attachedBefore += 1;
    world.device.reboot();
    world.run(120_000);
    t.is(first.status, 'SUCCESSFUL', `${cutMs} ms: ${first.failureReason}`);
    t.is(second.status, 'SUCCESSFUL', `${cutMs} ms: ${second.failureReason}`);
    const attached = sent(world, 'agent');
    t.is(attached.length, 1, `${cutMs} ms`);
    t.regex(String(attached[0]), /^measurementInterval=77$/m);
  }
  t.true(attachedBefore > 0, 'a cut between the attachment and the end of its operation');
});

test('types and sizes that are not allowed are errors of the program', (t) => {
  const file = (type: string, maxBytes = 10): ConfigurationFile => Object.assign(new Recipe(), { type, maxBytes });
  for (const files of [[file('')], [file('a b')], [file('a.b')], [file('x'.repeat(41))], [file('a'), file('a')]]) {
    t.throws(() => configurationFiles(...files), { instanceOf: RangeError, message: /allowed are types/ });
  }
  for (const bytes of [0, -1, 20_000, Number.NaN]) t.throws(() => configurationFiles(file('a', bytes)));
});

for (const said of [undefined, null, 'a text', 7, [1, 2]]) {
  test(`an app that reads ${JSON.stringify(said)} instead of bytes: each operation fails, and the board goes on`, (t) => {
    const file = { type: 'recipe', maxBytes: 100, read: () => said as never, apply() {} };
    const world = createScene(t, file);
    const reason = 'read of the file recipe: it must return bytes';
    const upload = order(world, { c8y_UploadConfigFile: { type: 'recipe' } });
    settle(world);
    t.is(upload.failureReason, reason);
    t.is(download(world, 'new', { type: 'recipe' }).failureReason, reason);
    t.deepEqual(sent(world, 'recipe'), []);
    t.deepEqual(world.device.machine.restarts, []);
  });
}
