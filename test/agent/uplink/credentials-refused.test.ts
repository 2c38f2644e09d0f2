// SPDX-License-Identifier: Apache-2.0

import test, { type ExecutionContext } from 'ava';
import type { RawConfig } from '../../../src/index.ts';
import type { World } from '../../../tools/simulate/machine/world.ts';
import { quiet } from '../records/reporting.ts';
import { calls, createSettled, listening, logged, settle } from '../scene.ts';

const path = '/devicecontrol/deviceCredentials';
const hourMs = 3_600_000;

/**
 * A refused device cannot poll in time; requesting new credentials after a day is the rule, which the emulator does not
 * know.
 */
function createRefusable(t: ExecutionContext, config: RawConfig): World {
  return createSettled(t, { config }, ['connect-gap', 'credentials-twice']);
}

function user(world: World) {
  const found = world.platform.core.findUser('t1000', world.device.user);
  if (found === undefined) throw new Error('there is no such user');
  return found;
}

function stored(world: World, name = 'credentials'): string {
  return Buffer.from(world.device.machine.flash.values.get(name) ?? []).toString('latin1');
}

/** Flash always has credentials that the platform accepts, if any exist. */
function checkStored(t: ExecutionContext, world: World): void {
  const { password = '' } = user(world);
  t.true(stored(world).includes(password) || stored(world, 'credentials-new').includes(password));
}

function asks(world: World, since: number) {
  return calls(world, 'POST', path, since);
}

test('refused credentials are tried on; when they are valid again, nothing else happens', (t) => {
  const world = createRefusable(t, quiet);
  const before = world.requests;
  user(world).enabled = false;
  world.run(23 * hourMs);
  t.deepEqual(asks(world, before), []);
  t.true(logged(world, 'error: the platform refuses the credentials of this device'));
  user(world).enabled = true;
  settle(world);
  world.run(48 * hourMs);
  t.deepEqual(asks(world, before), []);
});

test('refused for a day: new credentials are requested, kept beside the old ones and proven, then the old ones are deleted', (t) => {
  const world = createRefusable(t, quiet);
  const { password: old = '' } = user(world);
  const before = world.requests;
  user(world).password = 'somebody-has-changed-it';
  world.run(23.9 * hourMs);
  t.deepEqual(asks(world, before), []);
  t.true(stored(world).includes(old));
  let tries = 0;
  world.onRequest = (request) => {
    if (user(world).password === 'somebody-has-changed-it' || request.path === path) return true;
    // Before their first use the new ones are on flash, and so are the old ones.
    checkStored(t, world);
    if (tries++ === 0) t.true(stored(world).includes(old));
    return true;
  };
  world.runUntil(() => listening(world), hourMs);
  t.deepEqual(
    asks(world, before).map(({ status }) => status),
    [404, 200],
  );
  world.run(60_000);
  t.true(stored(world).includes(user(world).password ?? ''));
  t.is(stored(world, 'credentials-new'), '');
  t.is(world.platform.core.objects.size, 1);
  const after = world.requests;
  world.device.reboot();
  settle(world);
  t.deepEqual(asks(world, after), []);
});

for (const point of ['before', 'half', 'after'] as const) {
  test(`a power cut ${point} any write of the change leaves accepted credentials on flash`, (t) => {
    for (let write = 1; write <= 4; write++) {
      const world = createRefusable(t, { ...quiet, rebootstrapAfter: '1' });
      user(world).password = 'somebody-has-changed-it';
      world.device.cutAtWrite(write, point);
      world.run(1.3 * hourMs);
      t.is(world.device.powered, write === 4);
      // A power cut within the first write loses credentials that the platform gives only once: they are requested
      // again.
      if (write > 1) checkStored(t, world);
      world.device.start();
      world.runUntil(() => listening(world), 1.5 * hourMs);
      world.run(60_000);
      checkStored(t, world);
      t.is(stored(world, 'credentials-new'), '', `write ${write}`);
    }
  });
}

test('new credentials that are refused for a while are kept and alternate with the old ones', (t) => {
  const world = createRefusable(t, { ...quiet, rebootstrapAfter: '1' });
  const { password: old = '' } = user(world);
  let refusing = true;
  world.onRequest = () => {
    user(world).enabled = !refusing;
    return true;
  };
  world.runUntil(() => stored(world, 'credentials-new') !== '', 1.5 * hourMs);
  world.run(1_500_000);
  t.true(stored(world).includes(old));
  checkStored(t, world);
  world.device.reboot();
  world.run(1_500_000);
  refusing = false;
  world.runUntil(() => listening(world), 1_500_000);
  t.true(stored(world).includes(user(world).password ?? ''));
  t.is(stored(world, 'credentials-new'), '');
});

for (const config of [{ rebootstrapAfter: '0' }, { bootstrapPassword: undefined }]) {
  test(`without permission no new credentials are requested: ${Object.keys(config)}`, (t) => {
    const world = createRefusable(t, quiet);
    world.device.config = { ...world.device.config, ...config };
    user(world).enabled = false;
    world.device.reboot();
    const before = world.requests;
    world.run(72 * hourMs);
    t.deepEqual(asks(world, before), []);
    user(world).enabled = true;
    settle(world);
  });
}
