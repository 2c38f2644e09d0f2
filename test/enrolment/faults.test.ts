// SPDX-License-Identifier: Apache-2.0
/** Enrolment while flash, link and platform fail: what there is goes on, and what was refused is said. */

import test from 'ava';
import { CAPABILITIES } from '../../src/capabilities/index.ts';
import { accessTokenPath } from '../../tools/platform/tenant/tokens.ts';
import { ENROL, EnrolWorld, REENROL, renewing, UNIT_MS } from './scene.ts';

test('the first answer is lost: the password is used up, which is said, and one more helps', (t) => {
  const world = new EnrolWorld();
  world.platform.order({ kind: 'dropAfter', path: ENROL });
  world.start();
  world.run(300_000);
  t.is(world.slot('enrolled'), undefined);
  t.is(world.lines('or its one-time password is wrong or used').length, 1);
  world.register();
  world.runUntil(() => world.polled, 120_000);
  world.finish();
});

test('an answer to a renewal is lost: it asks once more, with the same key', (t) => {
  const { world, first } = renewing();
  world.platform.order({ kind: 'dropAfter', path: REENROL });
  world.run(3 * UNIT_MS);
  const [one, other] = world.sent(REENROL).map(({ body }) => body);
  t.is(world.sent(REENROL).length, 2);
  t.is(one, other);
  t.not(world.serial(), first);
  world.finish();
});

const RUBBISH = [
  ['a page', '<html>Welcome</html>', /holds no certificate: neither BER nor base64/],
  ['nothing', '', /holds no certificate/],
  ['PKCS #7 of nobody', 'MA==', /holds no certificate/],
  ['a megabyte', 'A'.repeat(1_000_000), /the answer is too long/],
] as const;

for (const [name, body, why] of RUBBISH) {
  test(`the platform answers ${name}: said once, asked again after a while, healed`, (t) => {
    const world = new EnrolWorld();
    const order = {
      kind: 'status',
      path: ENROL,
      status: 200,
      body,
      mediaType: 'application/pkcs7-mime',
      times: 1000,
    } as const;
    const fault = world.platform.order(order);
    world.start();
    world.run(600_000);
    const said = world.lines('error: certificate:');
    t.is(said.length, 1);
    t.regex(said[0] ?? '', why);
    const asked = world.sent(ENROL).length;
    t.true(asked >= 2 && asked <= 11, `${asked}`);
    t.is(world.device.machine.flash.values.has('enrolled-new'), false);
    world.platform.cancel(fault);
    world.runUntil(() => world.polled, 600_000);
    world.finish();
  });

  test(`the platform answers a renewal with ${name}: the certificate in use stays`, (t) => {
    const { world, first } = renewing();
    world.platform.order({ kind: 'status', path: REENROL, status: 200, body, mediaType: 'application/pkcs7-mime' });
    world.run(UNIT_MS + UNIT_MS / 12);
    t.true(world.polled);
    world.run(2 * UNIT_MS);
    t.is(world.sent(REENROL).length, 2);
    t.not(world.serial(), first);
    world.finish();
  });
}

test('a renewal that the platform refuses by its own words is asked for again in an hour', (t) => {
  const { world, first } = renewing();
  world.platform.order({
    kind: 'status',
    path: REENROL,
    status: 422,
    body: JSON.stringify({ error: 'tenant/x', message: 'CSR refused' }),
  });
  world.run(2 * UNIT_MS);
  t.is(world.lines('error: certificate: the platform refuses: HTTP 422, CSR refused').length, 1);
  t.not(world.serial(), first, 'an hour later it was taken');
});

for (const status of [401, 422]) {
  test(`a new certificate that is refused with ${status} is given up, and the one in use goes on`, (t) => {
    const { world, first } = renewing();
    world.runUntil(() => world.slot('enrolled-new') !== undefined, 3 * UNIT_MS);
    world.platform.order({ kind: 'status', path: accessTokenPath, status });
    world.run(60_000);
    t.is(world.slot('enrolled-new'), undefined);
    t.is(world.serial(), first);
    t.is(world.lines('error: certificate: the new certificate gives no token').length, 1);
    t.true(world.polled);
    world.run(UNIT_MS);
    t.not(world.serial(), first, 'the next one is better');
    world.finish();
  });
}

test('a refusal that is not from the platform does not count: a gateway in front of the token', (t) => {
  const { world, first } = renewing();
  world.runUntil(() => world.slot('enrolled-new') !== undefined, 3 * UNIT_MS);
  const candidate = world.serial('enrolled-new');
  world.platform.order({ kind: 'status', path: accessTokenPath, status: 401, html: true });
  world.run(60_000);
  t.is(world.serial(), candidate, 'proven at the second try');
  t.not(candidate, first);
});

test('503 with Retry-After: not before', (t) => {
  const world = new EnrolWorld();
  world.platform.order({ kind: 'status', path: ENROL, status: 503, retryAfterSeconds: 300 });
  world.start();
  world.run(299_000);
  t.is(world.sent(ENROL).length, 1);
  world.runUntil(() => world.polled, 120_000);
  world.finish();
});

test('a flash that refuses: said, tried again, and nothing is half there', (t) => {
  const world = new EnrolWorld();
  world.device.machine.flash.onWrite = (name) => (name === 'enrolled-new' ? 'refused' : undefined);
  world.start();
  world.run(60_000);
  t.is(world.lines('error: certificate: the flash refuses the certificate').length, 1);
  t.is(world.slot('enrolled'), undefined);
  world.device.machine.flash.onWrite = undefined;
  world.register();
  world.runUntil(() => world.polled, 300_000);
  world.finish();
});

test('the flash refuses a proven certificate: the old one works, and the new one follows', (t) => {
  const { world, first } = renewing();
  world.device.machine.flash.onWrite = (name) => (name === 'enrolled' ? 'refused' : undefined);
  world.run(2 * UNIT_MS);
  t.is(world.serial(), first);
  t.true(world.polled);
  world.device.machine.flash.onWrite = undefined;
  world.run(60_000);
  t.not(world.serial(), first);
  world.finish();
});

test('a damaged slot counts as empty', (t) => {
  const world = new EnrolWorld();
  world.listen();
  const { values } = world.device.machine.flash;
  world.device.powerCut();
  values.set('enrolled', Buffer.from((world.slot('enrolled') ?? '').replace(/[A-Z](?=[^-]*-----END PRIVATE)/, '!')));
  world.register();
  world.device.start();
  world.run(60_000);
  world.runUntil(() => world.polled, 120_000);
  t.is(world.sent(ENROL).length, 2);
  world.finish();
});

for (const [name, deviceId, why] of [
  ['too long', `esp32-${'x'.repeat(60)}`, /deviceId: it becomes the name in a certificate/],
  ['with a colon', 'esp32:1', /deviceId: a colon is not allowed/],
] as const) {
  test(`a device id that is ${name} is refused, with the reason`, (t) => {
    const world = new EnrolWorld({ config: { deviceId }, registered: false });
    world.start();
    world.run(600_000);
    t.is(world.exchanges.length, 0);
    t.regex(world.lines('error: certificate:')[0] ?? '', why);
    t.true(world.device.powered);
  });
}

test('the link comes and goes while it asks', (t) => {
  const world = new EnrolWorld();
  world.start();
  for (let i = 0; i < 10; i++) {
    world.device.linkDown();
    world.run(1000 + i * 17);
    world.device.linkUp();
    world.run(i * 7);
  }
  world.run(120_000);
  if (world.slot('enrolled') === undefined) world.register();
  world.runUntil(() => world.polled, 600_000);
  t.deepEqual(world.leaks, []);
  world.finish();
});

test('control: without the capability there is no certificate, and the reason is said', (t) => {
  const world = new EnrolWorld({ capabilities: CAPABILITIES });
  world.start();
  world.run(60_000);
  t.is(world.sent(ENROL).length, 0);
  t.false(world.polled);
});
