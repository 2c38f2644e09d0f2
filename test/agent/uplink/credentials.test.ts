// SPDX-License-Identifier: Apache-2.0

import test from 'ava';
import { VERSION } from '../../../src/version.ts';
import { acceptDevice, registerDevice, setTenantOption } from '../../../tools/platform/operator.ts';
import type { World } from '../../../tools/simulate/machine/world.ts';
import { calls, createSettled, createWorld, gaps, logged, settle } from '../scene.ts';

const path = '/devicecontrol/deviceCredentials';
const roundTripMs = 40;

function asks(world: World) {
  return calls(world, 'POST', path);
}

function login(header: string | undefined): string {
  const text = Buffer.from((header ?? '').replace('Basic ', ''), 'base64').toString('utf8');
  return text.slice(0, text.indexOf(':'));
}

for (const seed of [1, 2, 3, 4, 5]) {
  test(`the wait between requests grows to 10 s for ten minutes, then to a minute (seed ${seed})`, (t) => {
    const world = createWorld(t, { seed, platform: { accept: false } });
    world.start();
    world.run(3_600_000);
    const all = asks(world);
    const waits = gaps(all).map((gap) => gap - roundTripMs);
    const [first = 0] = waits;
    t.true(first >= 1000 && first <= 5000, `first retry after ${first} ms`);
    const watched = waits.filter((_, i) => (all[i + 1]?.atMs ?? 0) < 600_000);
    t.true(Math.max(...watched) <= 10_000, 'a person is watching');
    t.true(Math.min(...watched.slice(10)) > 5000, 'no need to hurry after a while');
    const late = waits.filter((_, i) => (all[i]?.atMs ?? 0) > 1_800_000);
    t.true(late.length > 20);
    t.true(Math.max(...late) <= 60_000);
    t.true(Math.min(...late) > 30_000);
    t.true(new Set(late).size > late.length / 2, 'spread at random');
    t.true(Math.max(...waits) <= 60_000);
  });
}

test('waits grow from one to the next, apart from the jitter', (t) => {
  const sums: number[] = [];
  for (let seed = 1; seed <= 20; seed++) {
    const world = createWorld(t, { seed, platform: { accept: false } });
    world.start();
    world.run(120_000);
    gaps(asks(world))
      .slice(0, 7)
      .forEach((gap, i) => {
        sums[i] = (sums[i] ?? 0) + gap;
      });
  }
  for (let i = 1; i < sums.length; i++) t.true((sums[i] ?? 0) > (sums[i - 1] ?? 0), `wait ${i + 1}`);
});

for (const status of [200, 201] as const) {
  test(`credentials arrive with ${status}`, (t) => {
    const world = createSettled(t, { platform: { settings: { credentialsStatus: status } } });
    t.deepEqual(
      asks(world).map((each) => each.status),
      [404, status],
    );
  });
}

test('credentials are on flash before their first use and are used as tenantId/username', (t) => {
  const world = createWorld(t);
  let uses = 0;
  world.onRequest = (request) => {
    const user = login(request.headers['authorization']);
    if (request.path === path) {
      t.is(user, 'management/devicebootstrap');
      return true;
    }
    t.is(user, `t1000/${world.device.user}`);
    const stored = [...world.device.machine.flash.values.values()].map((value) => Buffer.from(value).toString('utf8'));
    const password = world.platform.core.findUser('t1000', world.device.user)?.password ?? 'none';
    t.true(stored.some((text) => text.includes(password)));
    uses += 1;
    return true;
  };
  world.start();
  settle(world);
  t.true(uses > 5);
});

test('credentials are requested once, whatever starts follow', (t) => {
  const world = createSettled(t);
  const before = asks(world).length;
  for (let i = 0; i < 3; i++) {
    world.device.reboot();
    settle(world);
  }
  t.is(asks(world).length, before);
});

test('every request names its client; credentials are requested without a content coding', (t) => {
  const world = createWorld(t);
  world.start();
  settle(world);
  t.true(world.exchanges.length > 5);
  for (const { path, headers } of world.exchanges) {
    t.is(headers['user-agent'], `fractus/${VERSION} fractus/0.0.0`, path);
    t.is(headers['accept-encoding'], path === '/devicecontrol/deviceCredentials' ? 'identity' : undefined, path);
  }
});

test('a person registers and accepts the device some time later', (t) => {
  const world = createWorld(t, { platform: { accept: false } });
  world.start();
  world.run(300_000);
  const { deviceId } = world.device;
  registerDevice(world.platform, deviceId);
  world.runUntil(() => world.platform.core.registrations.get(deviceId)?.status === 'PENDING_ACCEPTANCE', 11_000);
  acceptDevice(world.platform, deviceId);
  world.runUntil(() => world.object !== undefined, 11_000);
  t.true(logged(world, 'accept it on the platform'));
});

test('a security token is sent along, for the operator to compare', (t) => {
  const world = createWorld(t, { platform: { accept: false }, config: { securityToken: 'token "of" the label' } });
  const { deviceId } = world.device;
  setTenantOption(world.platform, 'device-registration', 'security-token.policy', 'REQUIRED');
  registerDevice(world.platform, deviceId);
  world.start();
  world.run(5000);
  t.throws(() => acceptDevice(world.platform, deviceId, 'another token'));
  acceptDevice(world.platform, deviceId, 'token "of" the label');
  settle(world, 20_000);
  t.deepEqual(JSON.parse(asks(world)[0]?.body ?? ''), { id: deviceId, securityToken: 'token "of" the label' });
});

test('a token that does not match is a refusal: the device logs it and asks slowly', (t) => {
  const world = createWorld(t, { platform: { accept: false }, config: { securityToken: 'token-of-the-label' } });
  world.platform.order({ kind: 'status', path, status: 422, times: 1000 });
  world.start();
  world.run(3_600_000);
  t.true(Math.min(...gaps(asks(world))) >= 60_000);
  t.true(logged(world, /error: .*no credentials/));
});

for (const status of [401, 403]) {
  test(`refused bootstrap credentials (${status}) are an error in the log and at most one request a minute until they work`, (t) => {
    const world = createWorld(t);
    world.platform.order({ kind: 'status', path, status, times: 30 });
    world.start();
    world.run(600_000);
    t.true(asks(world).length <= 11);
    t.true(asks(world).length >= 5);
    t.true(logged(world, /error: .*bootstrapUser/));
    t.true(logged(world, /credentials: refused; next try in 6[01] s/));
    settle(world, 10_800_000);
  });
}

test('wrong bootstrap credentials are corrected by a new configuration', (t) => {
  const world = createWorld(t, { config: { bootstrapPassword: 'a-wrong-password' } });
  world.start();
  world.run(300_000);
  t.is(world.object, undefined);
  world.device.config = { ...world.device.config, bootstrapPassword: 'the-bootstrap-password' };
  world.device.reboot();
  settle(world);
  t.pass();
});

test('without a bootstrap password the device logs what is missing and sends no request', (t) => {
  const world = createWorld(t, { config: { bootstrapPassword: undefined } });
  world.start();
  world.run(3_600_000);
  t.is(world.requests, 0);
  t.is(world.device.lines.filter((line) => line.startsWith('error: bootstrapPassword: missing')).length, 1);
  t.false(logged(world, 'the platform gives no credentials'), 'it was not asked');
});

test('credentials that flash refuses are not used until flash takes them', (t) => {
  const world = createWorld(t);
  const { flash } = world.device.machine;
  flash.refusing = true;
  world.start();
  world.run(600_000);
  t.is(asks(world).filter((each) => each.status === 200).length, 1);
  t.is(asks(world).length, world.requests, 'nothing else is sent');
  t.true(logged(world, /error: the flash refuses the credentials/));
  flash.refusing = false;
  settle(world);
  t.is(asks(world).filter((each) => each.status === 200).length, 1);
});

test('a full flash refuses the credentials, too', (t) => {
  const world = createWorld(t, { machine: { capacityBytes: 64 } });
  world.start();
  world.run(600_000);
  t.is(asks(world).length, world.requests);
  t.true(logged(world, /error: the flash refuses/));
});

for (const [what, damage] of [
  ['truncated', (value: Uint8Array) => value.slice(0, value.length - 9)],
  ['of another version', (value: Uint8Array) => Buffer.from(`x${Buffer.from(value).toString('latin1')}`)],
  ['empty', () => new Uint8Array(0)],
  ['no text', () => Uint8Array.of(0xff, 0xfe, 0x00, 0x80)],
  [
    'without a password',
    (value: Uint8Array) =>
      Buffer.from(
        Buffer.from(value)
          .toString('utf8')
          .replace(/\n[^\n]+\nend/, '\n\nend'),
      ),
  ],
] as const) {
  test(`stored credentials that are ${what} are replaced by new ones`, (t) => {
    const world = createSettled(t);
    world.device.powerCut();
    const { values } = world.device.machine.flash;
    values.set('credentials', damage(values.get('credentials') ?? new Uint8Array(0)));
    world.device.start();
    settle(world);
    world.run(60_000);
    t.is(asks(world).filter((each) => each.status === 200).length, 2);
    t.is(world.platform.core.objects.size, 1);
  });
}

for (const [what, body] of [
  ['a page of a portal', '<html>please log in</html>'],
  ['an empty object', '{}'],
  ['no password', '{"tenantId":"t1000","username":"device_x"}'],
  ['a password that is a number', '{"tenantId":"t1000","username":"device_x","password":17}'],
  ['a control character', '{"tenantId":"t1000","username":"device_x","password":"a\\nb"}'],
  ['a slash in the tenant', '{"tenantId":"t1/000","username":"device_x","password":"abcdef"}'],
  ['broken JSON', '{"tenantId":"t1000","username":"device_x","password":"abc'],
  ['an array', '[]'],
] as const) {
  test(`an answer without valid credentials is rejected: ${what}`, (t) => {
    const world = createWorld(t);
    world.platform.order({ kind: 'status', path, status: 200, body, html: body.startsWith('<'), times: 3 });
    world.start();
    settle(world);
    const statuses = asks(world).map((each) => each.status);
    t.deepEqual(statuses, [200, 200, 200, 404, 200]);
    t.true(Math.min(...gaps(asks(world))) >= 500);
  });
}

for (const fault of [
  { kind: 'status', status: 500 },
  { kind: 'status', status: 503, html: true, retryAfterSeconds: 7 },
  { kind: 'status', status: 429 },
  { kind: 'dropBefore' },
  { kind: 'truncate', bytes: 30 },
] as const) {
  test(`requests continue after ${JSON.stringify(fault)}`, (t) => {
    const world = createWorld(t);
    world.platform.order({ ...fault, path, times: 4 });
    world.start();
    settle(world);
    t.true(asks(world).length >= 6);
    if ('retryAfterSeconds' in fault) t.true(Math.min(...gaps(asks(world)).slice(0, 4)) >= 7000);
  });
}

test('credentials whose answer was lost are requested again', (t) => {
  const world = createWorld(t);
  world.platform.order({ kind: 'dropAfter', path, skip: 1 });
  world.start();
  settle(world);
  t.is(asks(world).filter((each) => each.status === 200).length, 1);
});

test('stored credentials that the platform refuses are kept and tried ever more slowly', (t) => {
  const world = createSettled(t);
  const user = world.platform.core.findUser('t1000', world.device.user);
  if (user !== undefined) user.enabled = false;
  world.device.reboot();
  const before = world.requests;
  world.run(3_600_000);
  const tries = world.exchanges.filter((each) => each.number > before);
  t.true(tries.every((each) => each.status === 401));
  t.true(tries.length < 150, `${tries.length} tries in an hour`);
  t.deepEqual(
    tries.filter((each) => each.path === path),
    [],
  );
  if (user !== undefined) user.enabled = true;
  settle(world);
});
