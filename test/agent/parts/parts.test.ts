// SPDX-License-Identifier: Apache-2.0
/** A firmware without a part lacks its function, and says so where it is requested. */

import test, { type ExecutionContext } from 'ava';
import { FakeMachine } from '../../../hal/fake/machine.ts';
import { certificate, children, escalation, flashQueue, PARTS, safeMode } from '../../../src/agent/parts/index.ts';
import { composeAgent } from '../../../src/compose.ts';
import { CONFIG_KEYS } from '../../../src/config-keys.ts';
import { type App, type AppBoard, ConfigError, createAgent, type Part, type RawConfig } from '../../../src/index.ts';
import { eventsOf } from '../../../tools/platform/operator.ts';
import { TokenWorld } from '../../support/token-world.ts';
import { createSettled, objectOf, settle } from '../scene.ts';

const DAY_MS = 86_400_000;

function start(parts: readonly Part[], config: RawConfig): void {
  const hal = new FakeMachine().boot();
  createAgent({ hal, config: { url: 'https://platform.test', ...config }, app: () => {}, parts });
}

/** Events on the platform after an outage with a power cut. */
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

test('records survive a power cut with the part flashQueue, and not without it', (t) => {
  t.is(afterCut(t, [flashQueue]), 1);
  t.is(afterCut(t, []), 0);
});

/** Resets of the link and restarts in a day without any answer. */
function darkDay(t: ExecutionContext, parts: readonly Part[]): { resets: number; restarts: number } {
  const world = createSettled(t, { parts, machine: { nor: {} } }, ['connect-gap']);
  world.network.decide = () => 'timeout';
  world.cutConnections('vanish');
  world.run(DAY_MS);
  const { lines, restarts } = world.device.machine;
  world.network.decide = () => 'accept';
  settle(world, DAY_MS);
  const resets = lines.filter(({ line }) => line.includes('the link is reset')).length;
  return { resets, restarts: restarts.length };
}

test('a device without any answer resets the link and restarts with escalation, and only keeps trying without it', (t) => {
  const kept = darkDay(t, [escalation, flashQueue]);
  t.true(kept.resets > 0);
  t.true(kept.restarts > 0);
  // A restart would lose the records in RAM.
  const loose = darkDay(t, [escalation]);
  t.true(loose.resets > 0);
  t.is(loose.restarts, 0);
  t.deepEqual(darkDay(t, [flashQueue]), { resets: 0, restarts: 0 });
});

test('an app whose starts crash is left out with safeMode, and starts again each time without it', (t) => {
  for (const parts of [[safeMode], []]) {
    let runs = 0;
    const app = () => void runs++;
    const world = createSettled(t, { parts, app });
    for (let i = 0; i < 5; i++) {
      world.device.machine.restart('crash', 'panic');
      world.run(5000);
    }
    settle(world);
    t.is(runs, parts.length > 0 ? 3 : 6);
  }
});

test('a board has children with the part children; without it, a child is an error that names the part', (t) => {
  for (const parts of [[children], []]) {
    let refusal: unknown;
    const app: App = (board) => {
      try {
        board.child('pump', {});
      } catch (error) {
        refusal = error;
      }
    };
    const world = createSettled(t, { parts, app });
    const { core } = world.platform;
    t.is([...core.objects.values()].filter(({ owner }) => owner === objectOf(world).owner).length, parts.length + 1);
    t.is(refusal instanceof RangeError, parts.length === 0);
    if (refusal instanceof RangeError)
      t.is(refusal.message, 'a child needs the part children: list it in the parts of this firmware');
  }
});

test('a certificate is used only with the part certificate', (t) => {
  const world = new TokenWorld({ parts: [certificate] });
  t.teardown(() => world.finish());
  world.start();
  settle(world);
  t.not(world.object, undefined);
});

test('a key of a missing part is refused unless it has its default; the error names the part', (t) => {
  const files = { certificate: 'chain.pem', privateKey: 'key.pem' };
  for (const [key, value, part, others] of [
    ['writeBehind', '60', 'flashQueue', {}],
    ['progressTimeout', '60', 'escalation', {}],
    ['auth', 'certificate', 'certificate', files],
  ] as const) {
    const error = t.throws(() => start([], { ...others, [key]: value }), { instanceOf: ConfigError });
    t.is(error.message, `${key}: "${value}" needs the part ${part}: list it in the parts of this firmware`);
    t.notThrows(() => start(PARTS, { ...others, [key]: value }));
    t.notThrows(() => start([], { [key]: CONFIG_KEYS.find(({ name }) => name === key)?.value }));
  }
  t.notThrows(() => start([], { writeBehind: '00' }));
});

test('a firmware that does not list its parts gets an error that says so, not a crash', (t) => {
  const hal = new FakeMachine().boot();
  const options = { hal, config: { url: 'https://platform.test' }, app: () => {}, capabilities: [] };
  t.throws(() => composeAgent(options as unknown as Parameters<typeof composeAgent>[0]), {
    instanceOf: ConfigError,
    message: 'parts: missing; list those of fractus/parts, or []',
  });
});
