import test from 'ava';
import { TokenWorld } from '../support/token-world.ts';
import { gaps } from './scene.ts';

for (const lifeS of [10, 60, 3600, 172_800]) {
  test(`a life of ${lifeS} s: renewed at four fifths of it while the poll hangs`, (t) => {
    const world = new TokenWorld({ lifeS, config: { measurementInterval: '3600' } });
    world.listen();
    const polls = world.sent('/notification/operations').length;
    world.run(4.2 * lifeS * 1000);
    const waits = gaps(world.tokenRequests);
    t.is(waits.length, 5);
    for (const waitMs of waits) t.true(Math.abs(waitMs - 800 * lifeS) < 300, `${waitMs} ms`);
    t.deepEqual(world.answered(401), []);
    if (lifeS <= 60) t.is(world.sent('/notification/operations').length, polls, 'the poll was disturbed');
    world.finish();
  });
}

test('link down at the start: the token is fetched once it is up', (t) => {
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

for (const connections of ['1', '2']) {
  test(`whoever is refused, one renewal: poll, operation and telemetry, connections=${connections}`, (t) => {
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
    t.true(world.answered(401).length >= 1);
    t.true(world.polled);
    world.finish();
  });
}
