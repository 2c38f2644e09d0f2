// SPDX-License-Identifier: Apache-2.0
/** What an app seems to apply, and does not: it is read back, and the operation fails. */

import test, { type ExecutionContext } from 'ava';
import {
  agentConfiguration,
  type ConfigurationFile,
  configurationFiles,
  parameterSet,
  parameters,
} from '../../../src/capabilities/index.ts';
import { createBinary } from '../../../tools/platform/operator.ts';
import type { World } from '../../../tools/simulate/machine/world.ts';
import { order, runToEnd } from '../../agent/operations/operating.ts';
import { createSettled, objectOf } from '../../agent/scene.ts';
import { asked } from '../parameters/parameters-scene.ts';

/** A file of an app that takes what `keeps` makes of it. */
class Recipe implements ConfigurationFile {
  readonly type = 'recipe';
  readonly maxBytes = 100;
  text = 'the first';
  readonly calls: string[] = [];
  keeps: (text: string) => string = (text) => text;

  read(): Uint8Array {
    return Buffer.from(this.text);
  }

  apply(bytes: Uint8Array): void {
    const text = Buffer.from(bytes).toString();
    this.calls.push(text);
    this.text = this.keeps(text);
  }
}

function createFiles(t: ExecutionContext, ...files: readonly ConfigurationFile[]): World {
  return createSettled(t, {
    app: (board) => configurationFiles(...files).forEach((each) => void board.operation(each)),
  });
}

function download(world: World, content: string, more: Record<string, string | Record<string, string>> = {}) {
  const { id } = createBinary(world.platform, Buffer.from(content));
  const url = `https://platform.test/inventory/binaries/${id}`;
  const { type, ...beside } = more;
  const operation = order(world, { c8y_DownloadConfigFile: { url, ...(type !== undefined && { type }) }, ...beside });
  runToEnd(world, [operation]);
  return operation;
}

test('a file that an app takes and does not put in force: FAILED, and the one before is in force', (t) => {
  const recipe = new Recipe();
  const world = createFiles(t, recipe);
  // It does nothing, it takes a part, it writes something else, and after that takes nothing any more.
  for (const [keeps, reason] of [
    [() => recipe.text, /^recipe: it was applied, and another file is in force$/],
    [(text: string) => (text === 'the first' ? text : text.slice(0, 5)), /^recipe: .* another file is in force$/],
    [(text: string) => (text === 'the first' ? text : `${text}\n`), /^recipe: .* another file is in force$/],
  ] as const) {
    recipe.keeps = keeps;
    const operation = download(world, 'the second', { type: 'recipe' });
    t.is(operation.status, 'FAILED');
    t.regex(operation.failureReason ?? '', reason);
    t.is(recipe.text, 'the first');
    t.is(objectOf(world).fragments['c8y_Configuration_recipe'], undefined);
  }
  t.deepEqual(recipe.calls, ['the second', 'the second', 'the first', 'the second', 'the first']);
  recipe.keeps = (text) => text;
  t.is(download(world, 'the second', { type: 'recipe' }).status, 'SUCCESSFUL');
  t.is(recipe.text, 'the second');
});

test('a file that an app keeps in another form is judged by the app', (t) => {
  const recipe = Object.assign(new Recipe(), {
    isInForce: (bytes: Uint8Array) => recipe.text === Buffer.from(bytes).toString().trim(),
  });
  recipe.keeps = (text) => text.trim();
  const world = createFiles(t, recipe);
  t.is(download(world, ' the second\n', { type: 'recipe' }).status, 'SUCCESSFUL');
  recipe.keeps = () => 'the third';
  t.regex(download(world, 'the first', { type: 'recipe' }).failureReason ?? '', /another file is in force/);
});

test("the agent's own configuration is in force in its full text", (t) => {
  const world = createFiles(t, agentConfiguration);
  const operation = download(world, ' measurementInterval = 077\r\n#winter\r\n');
  t.is(operation.status, 'SUCCESSFUL', operation.failureReason);
});

test('a parameter that an app takes and does not use: FAILED, and the values before are in force', (t) => {
  let speed = 1;
  let keeps = (value: number) => value;
  const read = { speed: { kind: 'integer', least: 0, most: 9, value: 1 } } as const;
  const drive = parameterSet(
    'acme_Drive',
    { ...read, label: { kind: 'text', mostChars: 9, value: 'a' } },
    (values) => {
      speed = keeps(values.speed);
    },
    () => ({ speed }),
  );
  const world = createSettled(t, { app: (board) => board.operation(parameters(drive)) });
  const update = (value: number) => {
    const operation = order(world, asked({ acme_Drive: { speed: value } }));
    runToEnd(world, [operation]);
    return operation.failureReason;
  };
  t.is(update(5), undefined);
  keeps = (value) => Math.min(value, 6);
  t.is(update(8), 'acme_Drive.speed: 8 was applied, and 6 is in force');
  t.is(speed, 5);
  t.deepEqual(objectOf(world).fragments['acme_Drive'], { speed: 5, label: 'a' });
  keeps = () => 9;
  t.regex(update(6) ?? '', /^acme_Drive\.speed: 6 was applied, and 9 is in force$/);
});

test('the older form of a download: the inventory names the file by its id', (t) => {
  const recipe = new Recipe();
  const world = createFiles(t, recipe);
  const operation = download(world, 'the second', { c8y_ConfigurationDump: { id: '4711' } });
  t.is(operation.status, 'SUCCESSFUL', operation.failureReason);
  t.deepEqual(objectOf(world).fragments['c8y_ConfigurationDump'], { id: '4711' });
  t.like(objectOf(world).fragments['c8y_Configuration_recipe'], { type: 'recipe' });
  // With a type, or without an id, it is none of that form.
  for (const more of [{ type: 'recipe', c8y_ConfigurationDump: { id: '5' } }, { c8y_ConfigurationDump: {} }])
    t.is(download(world, 'the third', more).status, 'SUCCESSFUL');
  t.deepEqual(objectOf(world).fragments['c8y_ConfigurationDump'], { id: '4711' });
});

test('a file that the device is to get from a source of its own: it has none', (t) => {
  const world = createFiles(t, agentConfiguration);
  for (const url of ['$PROVIDED', ' $PROVIDED ', ' ', '']) {
    const operation = order(world, { c8y_DownloadConfigFile: { url, type: 'agent' } });
    runToEnd(world, [operation]);
    t.is(operation.failureReason, 'url: missing, and this device has no source of its own');
  }
});
