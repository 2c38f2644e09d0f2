// SPDX-License-Identifier: Apache-2.0
/** A power cut after a file was applied, and before it was read back: the file before is in force again. */

import test, { type ExecutionContext } from 'ava';
import { type ConfigurationFile, configurationFiles } from '../../../src/capabilities/index.ts';
import { cancelOperation, createBinary } from '../../../tools/platform/operator.ts';
import type { World } from '../../../tools/simulate/machine/world.ts';
import { childOf, order, runToEnd } from '../../agent/operations/operating.ts';
import { createSettled, logged, objectOf } from '../../agent/scene.ts';

const WRONG = 'recipe: it was applied, and another file is in force';

/** A file of an app that has no room for a long one, and does not say so. A cut ends its work after that. */
class Recipe implements ConfigurationFile {
  readonly type = 'recipe';
  readonly maxBytes = 16_000;
  text = 'the first';
  readonly calls: string[] = [];
  /** An app may use the buffer of the bytes. */
  readonly buffers: number[] = [];
  /** What it makes of a text. */
  keeps: (text: string) => string = (text) => text.slice(0, 10);
  /** Its promise is not settled. */
  hangs = false;

  read(): Uint8Array {
    return Buffer.from(this.text);
  }

  apply(bytes: Uint8Array): void | Promise<void> {
    const text = Buffer.from(bytes).toString();
    this.calls.push(text.slice(0, 10));
    this.buffers.push(bytes.buffer.byteLength - bytes.length);
    this.text = this.keeps(text);
    return this.hangs ? new Promise(() => {}) : undefined;
  }
}

function createScene(t: ExecutionContext, recipe: Recipe): World {
  return createSettled(t, {
    app: (board) => configurationFiles(recipe).forEach((each) => void board.operation(each)),
  });
}

function download(world: World, content: string, deviceId?: string) {
  const { id } = createBinary(world.platform, Buffer.from(content));
  const url = `https://platform.test/inventory/binaries/${id}`;
  return order(world, { c8y_DownloadConfigFile: { url, type: 'recipe' } }, deviceId);
}

/** Orders the file; the power is off as soon as the app has it. */
function cutAfterApply(world: World, recipe: Recipe, content: string) {
  recipe.hangs = true;
  const operation = download(world, content);
  world.runUntil(() => recipe.calls.length > 0, 60_000);
  world.device.powerCut();
  recipe.hangs = false;
  return operation;
}

/** The next start applies nothing, and no note is left. */
function expectNothingLeft(t: ExecutionContext, world: World, recipe: Recipe): void {
  const { length } = recipe.calls;
  world.device.reboot();
  world.run(60_000);
  t.is(recipe.calls.length, length);
  t.false([...world.device.machine.flash.values.keys()].some((name) => name.startsWith('file-')));
}

test('the wrong file is not in force after the next start: FAILED, and the one before is back', (t) => {
  const recipe = new Recipe();
  const world = createScene(t, recipe);
  const operation = cutAfterApply(world, recipe, 'the second, a long one');
  t.is(recipe.text, 'the second');
  world.device.start();
  runToEnd(world, [operation]);
  t.is(operation.failureReason, WRONG);
  t.is(recipe.text, 'the first');
  t.is(objectOf(world).fragments['c8y_Configuration_recipe'], undefined);
  t.deepEqual(recipe.calls, ['the second', 'the first', 'the second', 'the first']);
  // Its own `read` has given the last one.
  t.deepEqual(recipe.buffers.slice(0, 3), [0, 0, 0]);
  expectNothingLeft(t, world, recipe);
});

test('so it is at once, without a link and without the operation', (t) => {
  const recipe = new Recipe();
  const world = createScene(t, recipe);
  const operation = cutAfterApply(world, recipe, 'the second, a long one');
  cancelOperation(world.platform, operation.id);
  world.device.linkDown();
  world.device.start();
  world.run(1000);
  t.is(recipe.text, 'the first');
  t.true(logged(world, 'the power went before it was verified, so the former one is in force again'));
  world.device.linkUp();
  world.run(60_000);
  t.is(recipe.text, 'the first');
  expectNothingLeft(t, world, recipe);
});

test('a file that is right is in force in the end', (t) => {
  const recipe = new Recipe();
  recipe.keeps = (text) => text;
  const world = createScene(t, recipe);
  const operation = cutAfterApply(world, recipe, 'the second');
  world.device.start();
  runToEnd(world, [operation]);
  t.is(operation.status, 'SUCCESSFUL', operation.failureReason);
  t.is(recipe.text, 'the second');
  t.deepEqual(recipe.calls, ['the second', 'the first', 'the second']);
  expectNothingLeft(t, world, recipe);
});

test('an empty file before is one, too', (t) => {
  const recipe = new Recipe();
  recipe.text = '';
  const world = createScene(t, recipe);
  const operation = cutAfterApply(world, recipe, 'the second, a long one');
  world.device.start();
  runToEnd(world, [operation]);
  t.deepEqual([operation.failureReason, recipe.text], [WRONG, '']);
});

test('a file before that is too long to be kept: the reason says that it is lost', (t) => {
  const recipe = new Recipe();
  recipe.text = '1'.repeat(3901);
  const world = createScene(t, recipe);
  const operation = cutAfterApply(world, recipe, 'the second, a long one');
  world.device.start();
  runToEnd(world, [operation]);
  t.is(operation.failureReason, `${WRONG}; the former one is lost: it was too long to be kept`);
  // Without a cut it comes back.
  recipe.keeps = (text) => text;
  const good = download(world, '3'.repeat(3901));
  runToEnd(world, [good]);
  t.is(good.status, 'SUCCESSFUL', good.failureReason);
  recipe.keeps = (text) => (text.startsWith('3') ? text : text.slice(0, 10));
  const wrong = download(world, 'the second, a long one');
  runToEnd(world, [wrong]);
  t.is(wrong.failureReason, WRONG);
  t.is(recipe.text, '3'.repeat(3901));
});

test('an operation waits until the file before is in force', async (t) => {
  const recipe = new Recipe();
  const world = createScene(t, recipe);
  const operation = cutAfterApply(world, recipe, 'the second, a long one');
  let end = () => {};
  const { apply } = recipe;
  recipe.apply = (bytes) => {
    void apply.call(recipe, bytes);
    return recipe.calls.length > 2 ? undefined : new Promise<void>((resolve) => (end = resolve));
  };
  world.device.start();
  world.run(60_000);
  t.deepEqual(recipe.calls, ['the second', 'the first']);
  t.is(operation.status, 'EXECUTING');
  end();
  await new Promise(setImmediate);
  runToEnd(world, [operation]);
  t.deepEqual([operation.failureReason, recipe.text], [WRONG, 'the first']);
});

test('a file before that cannot be applied is tried at each start', (t) => {
  const recipe = new Recipe();
  const world = createScene(t, recipe);
  const operation = cutAfterApply(world, recipe, 'the second, a long one');
  recipe.keeps = (text) => {
    if (text === 'the first') throw new Error('the card is out');
    return text.slice(0, 10);
  };
  world.device.start();
  runToEnd(world, [operation]);
  t.is(operation.failureReason, `${WRONG}; nor can the former one be applied: the card is out`);
  t.true(logged(world, /the former one cannot be applied: the card is out/));
  recipe.keeps = (text) => text;
  world.device.reboot();
  world.run(60_000);
  t.is(recipe.text, 'the first');
  expectNothingLeft(t, world, recipe);
});

test('flash that refuses the note: nothing is applied', (t) => {
  const recipe = new Recipe();
  recipe.keeps = (text) => text;
  const world = createScene(t, recipe);
  world.device.machine.flash.onWrite = (name) => (name.startsWith('file-') ? 'refused' : undefined);
  const operation = download(world, 'the second');
  runToEnd(world, [operation]);
  t.is(operation.failureReason, 'the flash refuses to note the file in force, so nothing was applied');
  t.deepEqual(recipe.calls, []);
});

test('a child has a file of its own', (t) => {
  const [own, ofChild] = [new Recipe(), new Recipe()];
  ofChild.text = 'the menu';
  const world = createSettled(t, {
    app: (board) => {
      for (const each of configurationFiles(own)) board.operation(each);
      const child = board.child('oven', { type: 'x_Oven' });
      for (const each of configurationFiles(ofChild)) child.operation(each);
    },
  });
  own.hangs = true;
  ofChild.hangs = true;
  const operations = [undefined, childOf(world, 'oven').id].map((id) => download(world, 'the second, long', id));
  world.runUntil(() => own.calls.length + ofChild.calls.length === 2, 60_000);
  world.device.powerCut();
  own.hangs = false;
  ofChild.hangs = false;
  world.device.start();
  runToEnd(world, operations);
  t.deepEqual([own.text, ofChild.text], ['the first', 'the menu']);
});
