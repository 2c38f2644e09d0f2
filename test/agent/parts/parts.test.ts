// SPDX-License-Identifier: Apache-2.0
/** A firmware without a part does without what that does, and says so where it is asked for it. */

import test, { type ExecutionContext } from 'ava';
import { FakeMachine } from '../../../hal/fake/machine.ts';
import { flashQueue, PARTS } from '../../../src/agent/parts/index.ts';
import { CONFIG_KEYS } from '../../../src/config-keys.ts';
import { type App, type AppBoard, ConfigError, createAgent, type Part, type RawConfig } from '../../../src/index.ts';
import { eventsOf } from '../../../tools/platform/operator.ts';
import { createSettled, objectOf, settle } from '../scene.ts';

function start(parts: readonly Part[], config: RawConfig): void {
  const hal = new FakeMachine().boot();
  createAgent({ hal, config: { url: 'https://platform.test', ...config }, app: () => {}, parts });
}

/** Events that the platform has of an outage in which the power was cut. */
function afterCut(t: ExecutionContext, parts: readonly Part[]): number {
  let board: AppBoard | undefined;
  const app: App = (given) => {
    board = given;
  };
  const world = createSettled(t, { parts, app, machine: { nor: {} }, config: { startSpread: '0' } });
  world.device.linkDown();
  world.run(1000);
  board?.event('x_Kept', 'before the cut');
  world.device.reboot();
  world.device.linkUp();
  settle(world);
  return eventsOf(world.platform, objectOf(world).id).filter(({ fragments }) => fragments['type'] === 'x_Kept').length;
}

test('records outlive a power cut where flashQueue is among the parts, and nowhere else', (t) => {
  t.is(afterCut(t, [flashQueue]), 1);
  t.is(afterCut(t, []), 0);
});

test('a key for a part that is not there is refused, but for its default; the error says which part', (t) => {
  for (const [config, part] of [[{ writeBehind: '60' }, 'flashQueue']] as const) {
    const [key = '', value = ''] = Object.entries(config)[0] ?? [];
    const error = t.throws(() => start([], config), { instanceOf: ConfigError });
    t.is(error.message, `${key}: "${value}" needs the part ${part}: list it in the parts of this firmware`);
    t.notThrows(() => start(PARTS, config));
    t.notThrows(() => start([], { [key]: CONFIG_KEYS.find(({ name }) => name === key)?.value }));
  }
});
