// SPDX-License-Identifier: Apache-2.0
/** Random lives of devices with operators and faults; each life can be replayed by its number. */

import test from 'ava';
import { createRandom } from '../../../hal/common/random.ts';
import { createOperation } from '../../../tools/platform/operator.ts';
import { objectOf, settle } from '../../agent/scene.ts';
import { THOROUGH } from '../../support/thorough.ts';
import { type Call, createScene } from './remote-scene.ts';

const MINUTE_MS = 60_000;
const LIVES = THOROUGH ? 200 : 12;
const DEEDS = 40;
const MOST_BYTES = 6000;

for (let seed = 1; seed <= LIVES; seed++) {
  test(`life ${seed}`, (t) => {
    const random = createRandom(seed);
    const upTo = (n: number) => Math.floor(random() * n);
    const one = <T>(all: readonly T[]): T => all[upTo(all.length)] as T;
    // This session lasts longer than the platform waits for the long poll, on purpose.
    const { world, peers, call, connect } = createScene(t, { idleS: 60, longestS: 600 }, undefined, ['connect-gap']);
    const all: Call[] = [];
    const deeds: readonly (() => void)[] = [
      () => all.push(call()),
      () => all.push(call()),
      () => all.push(call({ hostname: 'nobody.local', port: 1 })),
      () => all.at(-1)?.send(Buffer.alloc(1 + upTo(MOST_BYTES), 'a')),
      () => all.at(-1)?.send(Buffer.alloc(1 + upTo(MOST_BYTES), 'b')),
      () => all.at(-1)?.hold(),
      () => all.at(-1)?.release(),
      () => all.at(-1)?.session.end(),
      () => peers.at(-1)?.send(Buffer.alloc(1 + upTo(MOST_BYTES), 'c')),
      () => one([() => peers.at(-1)?.end(), () => peers.at(-1)?.reset(), () => peers.at(-1)?.vanish()])(),
      () => one([() => peers.at(-1)?.pause(), () => peers.at(-1)?.resume()])(),
      () => void world.cutConnections(one(['end', 'reset', 'vanish'])),
      () => world.device.linkDown(),
      () => world.device.linkUp(),
      () => world.device.reboot(),
      () => void createOperation(world.platform, objectOf(world).id, { c8y_Command: { text: 'status' } }),
      () => {
        const fault = one([
          { kind: 'dropBefore' },
          { kind: 'dropAfter' },
          { kind: 'status', status: 503 },
          { kind: 'delay', ms: 5000 },
        ] as const);
        world.platform.order({ method: one(['GET', 'PUT', 'POST']), ...fault });
      },
    ];
    for (let i = 0; i < DEEDS; i++) {
      one(deeds)();
      world.run(one([10, 200, 3000, 40_000]));
    }
    // From here on there are no faults.
    world.platform.cancel();
    world.device.linkUp();
    for (const each of all) {
      each.release();
      each.session.end();
    }
    settle(world);
    world.run(20 * MINUTE_MS);
    for (const { operation } of all) t.regex(operation.status, /^(SUCCESSFUL|FAILED)$/);
    t.true(peers.every(({ connected }) => !connected));
    const last = connect();
    t.is(last.operation.status, 'SUCCESSFUL', last.operation.failureReason);
    last.send('still there');
    world.runUntil(() => last.received.toString() === 'still there', MINUTE_MS);
  });
}
