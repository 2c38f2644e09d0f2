// SPDX-License-Identifier: Apache-2.0

import test from 'ava';
import { createOperation } from '../../../tools/platform/operator.ts';
import { accessTokenPath } from '../../../tools/platform/tenant/tokens.ts';
import { TokenWorld } from '../../support/token-world.ts';

const MOST_STOP_MS = 2000;

/** The platform's verdict on a token. */
function verdict(world: TokenWorld, token: string | undefined): string {
  return world.platform.core.tokens.verify(token ?? '').verdict;
}

for (const connections of ['1', '2']) {
  test(`an orderly stop ends the token, connections=${connections}`, (t) => {
    const world = new TokenWorld({ config: { connections } });
    world.listen();
    world.run(3000);
    t.true(world.stop() < 1000);
    const last = world.exchanges.at(-1);
    t.is(last?.path, '/user/logout');
    t.is(last?.status, 200);
    t.is(last?.headers['content-type'], 'application/json');
    t.is(last?.headers['accept'], 'application/json');
    t.is(last?.body, '');
    t.is(verdict(world, world.tokens[0]), 'loggedOut');
    const { requests } = world;
    world.run(600_000);
    t.is(world.requests, requests);
    world.finish();
  });

  test(`c8y_Restart: logged out before it, a new token after it, connections=${connections}`, (t) => {
    const world = new TokenWorld({ config: { connections } });
    world.listen();
    const operation = createOperation(world.platform, world.object?.id ?? '', { c8y_Restart: {} });
    world.runUntil(() => operation.status === 'SUCCESSFUL', 60_000);
    t.is(world.device.machine.restarts.length, 1);
    const [logout, ...more] = world.sent('/user/logout');
    t.deepEqual(more, []);
    t.is(logout?.status, 200);
    t.is(world.tokens.length, 2);
    t.is(verdict(world, world.tokens[0]), 'loggedOut');
    t.is(verdict(world, world.tokens[1]), 'valid');
    // After the logout only the new start sends requests.
    t.is(world.exchanges.find(({ number }) => number > (logout?.number ?? 0))?.path, accessTokenPath);
    world.finish();
  });
}

for (const connections of ['1', '2']) {
  test(`a renewed token is logged out and not used afterwards, connections=${connections}`, (t) => {
    const world = new TokenWorld({ config: { connections, measurementInterval: '5' }, lifeS: 300 });
    world.listen();
    world.run(1_000_000);
    const { tokens } = world;
    t.true(tokens.length >= 4, `${tokens.length} tokens`);
    t.is(world.sent('/user/logout').length, tokens.length - 1);
    tokens.slice(0, -1).forEach((token, i) => {
      t.is(verdict(world, token), 'loggedOut');
      const used = world.exchanges.filter(({ headers }) => headers['authorization'] === `Bearer ${token}`);
      const logout = world.sent('/user/logout')[i];
      t.is(logout?.headers['authorization'], `Bearer ${token}`);
      t.deepEqual(
        used.filter(({ number }) => number > (logout?.number ?? 0)),
        [],
      );
    });
    t.deepEqual(world.answered(401), []);
    t.is(world.command().status, 'PENDING');
    world.run(5000);
    t.is([...world.platform.core.operations.values()].at(-1)?.status, 'SUCCESSFUL');
    world.finish();
  });

  test(`a renewal that cannot log out uses the new token all the same, connections=${connections}`, (t) => {
    const world = new TokenWorld({ config: { connections, measurementInterval: '5' }, lifeS: 300 });
    world.platform.order({ kind: 'delay', path: '/user/logout', ms: 60_000, times: 1000 });
    world.listen();
    world.run(1_000_000);
    t.true(world.tokens.length >= 4);
    t.deepEqual(world.answered(401), []);
    world.command();
    world.run(30_000);
    t.is([...world.platform.core.operations.values()].at(-1)?.status, 'SUCCESSFUL');
    world.finish();
  });
}

test('a token that the platform has ended needs no logout', (t) => {
  const world = new TokenWorld({ config: { measurementInterval: '5' } });
  world.listen();
  world.platform.expireTokens();
  world.run(60_000);
  t.is(world.tokens.length, 2);
  t.deepEqual(world.sent('/user/logout'), []);
  world.finish();
});

test('a stop before the first token', (t) => {
  const world = new TokenWorld();
  world.platform.order({ kind: 'delay', path: accessTokenPath, ms: 10_000 });
  world.start();
  world.runUntil(() => world.tokenRequests.length === 1, 5000);
  t.is(world.stop(), 0);
  world.run(60_000);
  t.is(world.requests, 1);
  world.finish();
});

test('a stop while the certificate is refused', (t) => {
  const world = new TokenWorld();
  world.distrust();
  world.start();
  world.run(10_000);
  t.is(world.stop(), 0);
  world.run(600_000);
  t.is(world.requests, 1);
  world.finish();
});

test('a stop in a pause after failures still logs the token out', (t) => {
  const world = new TokenWorld({ config: { measurementInterval: '1' } });
  world.listen();
  world.platform.order({ kind: 'status', status: 503, path: '/measurement/**', times: 1000 });
  world.run(60_000);
  t.true(world.stop() < 1000);
  t.is(verdict(world, world.tokens[0]), 'loggedOut');
  world.finish();
});

test('a stop while a new token is on its way', (t) => {
  const world = new TokenWorld({ config: { measurementInterval: '5' } });
  world.listen();
  world.platform.expireTokens();
  world.platform.order({ kind: 'delay', path: accessTokenPath, ms: 20_000 });
  world.runUntil(() => world.tokenRequests.length === 2, 30_000);
  t.true(world.stop() < MOST_STOP_MS);
  const { requests } = world;
  world.run(60_000);
  t.is(world.requests, requests);
  world.finish();
});

test('a stop while the platform is silent, gone, or the link is down', (t) => {
  for (const trouble of ['silent', 'gone', 'down'] as const) {
    const world = new TokenWorld();
    world.listen();
    if (trouble === 'silent') world.platform.order({ kind: 'delay', path: '/user/logout', ms: 60_000 });
    if (trouble === 'gone') world.platform.order({ kind: 'dropBefore', path: '/user/logout', times: 100 });
    if (trouble === 'down') world.device.linkDown();
    t.true(world.stop() < MOST_STOP_MS, trouble);
    const { requests } = world;
    world.run(60_000);
    t.is(world.requests, requests, trouble);
    world.finish();
  }
});
