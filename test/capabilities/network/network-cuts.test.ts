// SPDX-License-Identifier: Apache-2.0
/**
 * Change of the network while power, platform and flash fail at every point: one true end, and the device never stays
 * on an unproven network.
 */

import test, { type ExecutionContext } from 'ava';
import type { Operation } from '../../../tools/platform/model.ts';
import { statuses } from '../../agent/operations/operating.ts';
import { objectOf, settle } from '../../agent/scene.ts';
import fc from '../../support/property.ts';
import { BARN, createScene, HOUSE, isEnded, MINUTE_MS, NetworkWorld } from './network-scene.ts';

const WISHES = [BARN, { name: 'Island' }, { ...BARN, password: 'not the password' }];

/** After the power is back, the state agrees with the reported one. */
function check(t: ExecutionContext, world: NetworkWorld, operation: Operation, wanted: string, when: string): void {
  world.device.start();
  world.runUntil(() => isEnded(operation), 30 * MINUTE_MS);
  settle(world, 30 * MINUTE_MS);
  const { failureReason = '' } = operation;
  const isKept = operation.status === 'SUCCESSFUL';
  const name = isKept ? wanted : HOUSE.name;
  const ends = statuses(operation).filter((status) => status === 'SUCCESSFUL' || status === 'FAILED');
  t.is(ends.length, 1, `${when}: ${statuses(operation)}`);
  t.is(world.wifi.kept.name, name, `${when}: ${operation.status} ${failureReason}`);
  t.is(world.access, name, when);
  t.deepEqual((world.told as { fractus_WiFi: unknown }).fractus_WiFi, { name }, when);
  t.true(
    world.keeps.every(({ isProven }) => isProven),
    when,
  );
  t.deepEqual(world.leaks(), [], when);
  t.notThrows(() => world.finish(), when);
}

function begin(t: ExecutionContext, seed = 1): NetworkWorld {
  const world = createScene(t, { seed });
  world.toleratesPanics = true;
  return world;
}

for (const wish of WISHES) {
  const what = `${wish.name}/${'password' in wish ? wish.password.length : ''}`;
  test(`a power cut at each write to the flash: ${what}`, (t) => {
    for (let n = 1; n <= 8; n++) {
      for (const point of ['before', 'half', 'after'] as const) {
        const world = begin(t, n);
        world.device.cutAtWrite(n, point);
        const operation = world.order({ fractus_WiFi: wish });
        world.run(7 * MINUTE_MS);
        check(t, world, operation, wish.name, `${point} write ${n}`);
      }
    }
  });

  for (const when of ['onRequest', 'onApplied', 'onAnswered'] as const) {
    test(`a power cut at each exchange, ${when}: ${what}`, (t) => {
      for (let n = 1; n <= 12; n++) {
        const world = begin(t, n);
        const operation = world.order({ fractus_WiFi: wish });
        let left = n;
        const cut = () => {
          if (--left === 0) world.device.powerCut();
          return left !== 0;
        };
        if (when === 'onAnswered') world.onAnswer = cut;
        else world[when] = cut;
        world.run(7 * MINUTE_MS);
        left = Number.POSITIVE_INFINITY;
        check(t, world, operation, wish.name, `${n}`);
      }
    });
  }
}

test('a restart in the middle ends the trial, and the operation says so', (t) => {
  const world = createScene(t);
  const operation = world.order({ fractus_WiFi: { name: 'Island' } });
  world.runUntil(() => world.access === 'Island', MINUTE_MS);
  world.device.machine.restart('somebody wants it', 'software');
  check(t, world, operation, 'Island', 'a restart');
  t.is(operation.failureReason, 'the device restarted while "Island" was on trial: it is on the former network');
  // The trial is not begun again.
  t.is(world.wifi.trials.length, 1);
});

test('a power cut at any event, and a second one: one true end', (t) => {
  fc.assert(
    fc.property(
      fc.record({
        seed: fc.integer({ min: 1, max: 1_000_000 }),
        wish: fc.constantFrom(...WISHES),
        events: fc.array(fc.integer({ min: 1, max: 400 }), { minLength: 1, maxLength: 3 }),
      }),
      ({ seed, wish, events }) => {
        const world = new NetworkWorld({ seed });
        world.start();
        settle(world);
        const operation = world.order({ fractus_WiFi: wish });
        for (const count of events) {
          for (let i = 0; i < count; i++) world.step();
          world.device.powerCut();
          world.run(1000);
          world.device.start();
        }
        check(t, world, operation, wish.name, `${seed} ${events}`);
        return world.object?.id === objectOf(world).id;
      },
    ),
    { numRuns: 60 },
  );
});
