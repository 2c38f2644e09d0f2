// SPDX-License-Identifier: Apache-2.0
/** `c8y_DeviceProfile`: updates that the inventory refuses, and reports that a power cut loses. */

import test, { type ExecutionContext } from 'ava';
import {
  agentConfiguration,
  CAPABILITIES,
  type ConfigurationFile,
  configurationFiles,
  deviceProfile,
} from '../../../src/capabilities/index.ts';
import type { JsonObject } from '../../../tools/platform/model.ts';
import { createOperation } from '../../../tools/platform/operator.ts';
import { createSettled, objectOf, settle } from '../../agent/scene.ts';
import { isEnded, minuteMs, upload } from '../software/software-scene.ts';

/** A board with an own recipe, and files of that type and of the agent's. */
function createScene(t: ExecutionContext, more: Partial<ConfigurationFile> = {}) {
  let content = Buffer.from('old');
  const recipe: ConfigurationFile = {
    type: 'recipe',
    maxBytes: 100,
    read: () => content,
    apply: (bytes) => {
      content = Buffer.from(bytes);
    },
    ...more,
  };
  const world = createSettled(t, {
    capabilities: [...CAPABILITIES, ...configurationFiles(agentConfiguration, recipe), deviceProfile()],
  });
  const order = (configuration: JsonObject[]) =>
    createOperation(world.platform, objectOf(world).id, {
      profileName: 'winter',
      profileId: '1',
      c8y_DeviceProfile: { configuration },
    });
  const file = (type: string, text: string) => ({ type, name: type, url: upload(world, text) });
  return { world, order, file, content: () => content.toString() };
}

test('a profile that the inventory has no room for fails within minutes and is not in force', (t) => {
  const { world, order, file } = createScene(t, { inventory: () => ({ acme_Big: { text: 'x'.repeat(3900) } }) });
  const operation = order([1, 2, 3].map(() => file('recipe', 'new')));
  world.runUntil(() => isEnded(operation), 10 * minuteMs);
  t.is(operation.status, 'FAILED');
  t.regex(operation.failureReason ?? '', /12288/);
  world.run(minuteMs);
  t.is((objectOf(world).fragments['c8y_Profile'] as JsonObject)['profileExecuted'], false);
});

test('a power cut between two configurations: the inventory has both in the end', (t) => {
  const { world, order, file, content } = createScene(t);
  const operation = order([file('recipe', 'new'), file('agent', 'measurementInterval=77\n')]);
  const step = () =>
    Buffer.from(world.device.machine.flash.values.get('profile') ?? [])
      .toString()
      .split('\n')[1];
  world.runUntil(() => step() === '1', 10 * minuteMs);
  world.device.powerCut();
  world.device.start();
  world.runUntil(() => isEnded(operation), 10 * minuteMs);
  settle(world);
  t.is(operation.status, 'SUCCESSFUL', operation.failureReason);
  t.is(content(), 'new');
  const { fragments } = objectOf(world);
  t.truthy(fragments['c8y_Configuration_recipe']);
  t.regex(String((fragments['c8y_Configuration'] as JsonObject)['config']), /^measurementInterval=77$/m);
});

for (const [name, value] of [
  ['firmware', 'fractus 2.0.0'],
  ['software', {}],
  ['configuration', 5],
] as const) {
  test(`a part of the wrong type is refused, not skipped: ${name}`, (t) => {
    const { world, file } = createScene(t);
    const profile = { configuration: [file('recipe', 'new')], [name]: value };
    const operation = createOperation(world.platform, objectOf(world).id, {
      profileName: 'winter',
      profileId: '1',
      c8y_DeviceProfile: profile,
    });
    world.runUntil(() => isEnded(operation), 10 * minuteMs);
    t.regex(operation.failureReason ?? '', new RegExp(`^${name}: not an? (list|object)$`));
  });
}
