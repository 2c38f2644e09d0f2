// SPDX-License-Identifier: Apache-2.0

import test from 'ava';
import type { Target } from '../../../hal/hal.ts';
import { objectsOf } from '../../../tools/platform/operator.ts';
import { DEVICE, TokenWorld } from '../../support/token-world.ts';
import { gaps } from '../scene.ts';

for (const lifeS of [10, 60, 3600, 172_800]) {
  test(`a life of ${lifeS} s: renewed at four fifths of it while the poll hangs`, (t) => {
    const world = new TokenWorld({ lifeS, config: { measurementInterval: '3600' } });
    world.listen();
    // The first poll is a short one.
    const polls = world.sent('/notification/operations').length + 1;
    world.run(4.2 * lifeS * 1000);
    const waits = gaps(world.tokenRequests);
    t.is(waits.length, 5);
    for (const waitMs of waits) t.true(Math.abs(waitMs - 800 * lifeS) < 100, `${waitMs} ms`);
    t.deepEqual(world.answered(401), []);
    if (lifeS <= 60) t.is(world.sent('/notification/operations').length, polls, 'the poll was disturbed');
    world.finish();
  });
}

test('the round trip is part of the life: on a slow network no request is refused', (t) => {
  const world = new TokenWorld({ lifeS: 10, latencyMs: 300, config: { measurementInterval: '1' } });
  world.listen();
  world.run(60_000);
  t.deepEqual(world.answered(401), []);
  world.finish();
});

test('a token is renewed in time although the clock is unknown', (t) => {
  const firmware = { name: 'fractus', version: '0.0.0', buildTimeMs: Date.UTC(2030, 0, 1) };
  const world = new TokenWorld({ lifeS: 10, machine: { board: { firmware } } });
  world.listen();
  world.run(60_000);
  t.is(world.device.machine.hal?.clock.now(), undefined);
  t.is(world.tokenRequests.length, 8);
  t.deepEqual(world.answered(401), []);
  world.finish();
});

test('a token is renewed in time although the clock is wrong and jumps', (t) => {
  const world = new TokenWorld({ lifeS: 60, platform: { settings: { dateSkewMs: 40 * 86_400_000 } } });
  world.listen();
  world.run(20_000);
  world.platform.settings.dateSkewMs = 0;
  for (let i = 0; i < 3; i++) {
    world.run(100_000);
    world.platform.settings.dateSkewMs = i * 1e10;
  }
  t.is(world.tokenRequests.length, 7);
  t.deepEqual(world.answered(401), []);
  world.finish();
});

test('a life of one second does not cause a handshake every second', (t) => {
  const world = new TokenWorld({ lifeS: 1, config: { measurementInterval: '3600' } });
  world.listen();
  const before = world.tokenRequests.length;
  world.run(60_000);
  t.true(world.tokenRequests.length - before <= 13);
  world.finish();
});

for (const connections of ['1', '2']) {
  test(`one renewal, whichever request is refused: poll, operation and telemetry, connections=${connections}`, (t) => {
    const world = new TokenWorld({ config: { connections, measurementInterval: '60' } });
    world.listen();
    world.run(55_000);
    world.platform.expireTokens();
    // The poll's 401 comes late, when the others have their new token.
    world.platform.order({ kind: 'delay', path: '/notification/operations', contains: 'connect', ms: 3000 });
    const operation = world.command();
    world.runUntil(() => operation.status === 'SUCCESSFUL', 30_000);
    world.run(30_000);
    t.is(world.tokenRequests.length, 2);
    t.is(world.answered(401).length, Number(connections));
    t.is(world.tokens.length, 2);
    t.true(world.polled);
    world.finish();
  });
}

test('two refusals at the same moment on both connections: one renewal, and both repeat with the new token', (t) => {
  const world = new TokenWorld({ config: { measurementInterval: '60' } });
  world.listen();
  world.run(30_000);
  world.platform.expireTokens();
  const operation = world.command();
  world.runUntil(() => operation.status === 'SUCCESSFUL' && world.polled, 30_000);
  t.is(world.tokenRequests.length, 2);
  t.is(world.answered(401).length, 2);
  for (const refused of world.answered(401)) {
    const { method, path, body, number } = refused;
    const again = world.exchanges.find((each) => each.number > number && each.path === path && each.method === method);
    t.is(again?.body, body, path);
    t.is(again?.headers['authorization'], `Bearer ${world.tokens[1]}`, path);
  }
  world.finish();
});

test('the link is down at the start: the token is requested when it is up', (t) => {
  const world = new TokenWorld();
  world.device.machine.linkUp = false;
  world.start();
  world.run(60_000);
  t.is(world.requests, 0);
  world.device.linkUp();
  world.runUntil(() => world.polled, 30_000);
  t.is(world.tokenRequests.length, 1);
  world.finish();
});

const TOKEN_HOSTS: readonly [Record<string, string>, string][] = [
  [{}, 'platform.test:8443'],
  [{ url: 'https://platform.test:9443' }, 'platform.test:8443'],
  [{ url: 'http://10.0.0.7:8080' }, '10.0.0.7:8443'],
  [{ url: 'https://[fd00::7]' }, 'fd00::7:8443'],
  [{ tokenUrl: 'https://tokens.test' }, 'tokens.test:443'],
  [{ tokenUrl: 'https://tokens.test:2443' }, 'tokens.test:2443'],
];

for (const [config, expected] of TOKEN_HOSTS) {
  test(`the source of the token: ${JSON.stringify(config)}`, (t) => {
    const world = new TokenWorld({ config: { ca: 'ca', ...config } });
    const targets: Target[] = [];
    world.network.decide = (target) => {
      targets.push(target);
      return 'accept';
    };
    world.listen();
    const [first, ...others] = targets;
    t.is(`${first?.host}:${first?.port}`, expected);
    t.deepEqual(first?.tls, { ca: 'ca', certificate: 'certificate', privateKey: 'privateKey' });
    t.true(others.length > 0);
    for (const { tls } of others) t.deepEqual(tls, config['url']?.startsWith('http:') ? undefined : { ca: 'ca' });
    world.finish();
  });
}

test('an object whose creation got no answer is found by its owner and adopted', (t) => {
  const world = new TokenWorld();
  world.platform.order({ kind: 'dropAfter', method: 'POST', path: '/inventory/managedObjects' });
  world.listen();
  const owner = `device_${DEVICE}`;
  t.deepEqual(
    objectsOf(world.platform, owner).map(({ id }) => id),
    [world.object?.id],
  );
  t.true(world.sent('/inventory/managedObjects?').some(({ path }) => path.includes(`owner=${owner}&`)));
  world.finish();
});

test('a deviceId that is not the common name is logged, and the owner is the one of the token', (t) => {
  const world = new TokenWorld({ config: { deviceId: 'another' } });
  world.platform.order({ kind: 'dropAfter', method: 'POST', path: '/inventory/managedObjects' });
  world.listen();
  t.true(
    world.device.lines.some((line) => /^warn: .* makes this device device_board-7, not device_another/.test(line)),
  );
  t.is(objectsOf(world.platform, `device_${DEVICE}`).length, 1);
  world.finish();
});
