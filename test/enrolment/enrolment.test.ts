// SPDX-License-Identifier: Apache-2.0

import { createPrivateKey, X509Certificate } from 'node:crypto';
import test from 'ava';
import type { Agent } from '../../src/agent/agent.ts';
import type { EnrolmentBase } from '../../src/enrolment/enroller-base.ts';
import { trustAuthority } from '../../tools/platform/operator.ts';
import { DAY_MS, DEVICE, ENROL, EnrolWorld, PASSWORD, REENROL, renewing, UNIT_MS, YEAR_MS } from './scene.ts';

/** Compiles as long as the agent is what enrolment needs. */
((agent: Agent): EnrolmentBase => agent) satisfies unknown;

test('a new device gets a certificate, proves it, and listens', (t) => {
  const world = new EnrolWorld();
  world.listen();
  t.is(world.sent(ENROL).length, 1);
  t.is(world.sent(REENROL).length, 0);
  t.is(world.tokens.length, 2, 'one to prove it, one to use');
  const certificate = new X509Certificate(world.slot('enrolled') ?? '');
  t.is(certificate.subject, `CN=${DEVICE}`);
  t.true(certificate.checkPrivateKey(createPrivateKey(world.slot('enrolled') ?? '')));
  t.is(world.slot('enrolled-new'), undefined);
  t.is(world.object?.owner, `device_${DEVICE}`);
  world.run(60_000);
  t.deepEqual(
    world.events.filter((type) => type.startsWith('fractus_Cert')),
    ['fractus_CertificateEnrolled'],
  );
  t.deepEqual(world.leaks, []);
  world.finish();
});

test('the request for the certificate: base64, with its own login, and nothing else', (t) => {
  const world = new EnrolWorld();
  world.listen();
  const [request] = world.sent(ENROL);
  const { host, 'user-agent': agent, 'content-length': length, ...headers } = request?.headers ?? {};
  t.is(request?.port, 'api');
  t.is(Number(length), request?.body.length ?? 0);
  t.truthy(host && agent);
  t.deepEqual(headers, {
    authorization: `Basic ${Buffer.from(`${DEVICE}:${PASSWORD}`).toString('base64')}`,
    'content-transfer-encoding': 'base64',
    'content-type': 'application/pkcs10',
  });
  t.regex(request?.body ?? '', /^[A-Za-z0-9+/]+=*$/);
});

test('a restart finds the certificate, and sends no request for one', (t) => {
  const world = new EnrolWorld();
  world.listen();
  const serial = world.serial();
  world.device.reboot();
  world.runUntil(() => !world.polled, 200_000);
  world.runUntil(() => world.polled, 120_000);
  t.is(world.serial(), serial);
  t.is(world.sent(ENROL).length, 1);
  t.is(world.tokens.length, 3);
  world.finish();
});

test('not registered yet: it asks on, quickly at first, and gets it when it is', (t) => {
  const world = new EnrolWorld({ registered: false });
  world.start();
  world.run(600_000);
  const quick = world.sent(ENROL).length;
  t.true(quick >= 60 && quick <= 100, `${quick}`);
  t.is(world.lines('asking for a certificate').length, 1);
  t.is(world.lines('is not registered, or its one-time password').length, 1);
  world.run(3_600_000);
  const slow = world.sent(ENROL).length - quick;
  t.true(slow >= 59 && slow <= 90, `${slow}`);
  t.is(world.sent('/').length, quick + slow, 'nothing else is asked for');
  world.register();
  world.runUntil(() => world.polled, 120_000);
  t.deepEqual(world.leaks, []);
  world.finish();
});

test('a missing one-time password is reported, and nothing is requested', (t) => {
  const world = new EnrolWorld({ config: { bootstrapPassword: undefined } });
  world.start();
  world.run(600_000);
  t.is(world.exchanges.length, 0);
  t.is(world.lines('error: certificate: bootstrapPassword: missing').length, 1);
});

test('with certificate and key of its own it does nothing', (t) => {
  const world = new EnrolWorld({ config: { certificate: 'certificate', privateKey: 'certificate' } });
  world.start();
  world.run(60_000);
  t.is(world.sent(ENROL).length, 0);
  t.is(world.slot('enrolled'), undefined);
});

test('a certificate is replaced after two thirds of its life, and the old one works until then', (t) => {
  const world = new EnrolWorld({ lifeMs: 30 * DAY_MS });
  world.listen();
  const first = world.serial();
  world.run(19 * DAY_MS);
  t.is(world.serial(), first);
  t.is(world.sent(REENROL).length, 0);
  world.run(3 * DAY_MS);
  t.is(world.sent(REENROL).length, 1);
  t.regex(world.sent(REENROL)[0]?.headers['authorization'] ?? '', /^Bearer /);
  const second = world.serial();
  t.not(second, first);
  t.is(world.slot('enrolled-new'), undefined);
  world.run(9 * DAY_MS);
  t.true(world.polled, 'the first one has ended by now');
  t.is(world.serial(), second);
  t.is(world.sent(ENROL).length, 1);
  t.deepEqual(
    world.events.filter((type) => type.startsWith('fractus_Cert')),
    ['fractus_CertificateEnrolled', 'fractus_CertificateRenewed'],
  );
  t.deepEqual(world.leaks, []);
  world.finish();
});

test('each certificate has a new key', (t) => {
  const world = new EnrolWorld({ lifeMs: 30 * DAY_MS });
  world.listen();
  const key = () => createPrivateKey(world.slot('enrolled') ?? '').export({ format: 'jwk' }).d;
  const first = key();
  world.run(22 * DAY_MS);
  t.not(key(), first);
});

test('a renewal that is refused waits an hour, warns in time, and heals', (t) => {
  const world = new EnrolWorld({ lifeMs: 30 * DAY_MS });
  world.listen();
  const first = world.serial();
  const body = JSON.stringify({ error: 'security/Forbidden', message: 'no ROLE_DEVICE' });
  const fault = world.platform.order({
    ...{ kind: 'status', path: REENROL, status: 403, body, mediaType: 'application/json', times: 1_000_000 },
  });
  world.run(22 * DAY_MS);
  const asked = world.sent(REENROL).length;
  t.true(asked > 0 && asked <= 2 * 24, `${asked}`);
  t.is(world.serial(), first);
  t.is(world.lines('error: certificate: the platform refuses: HTTP 403, no ROLE_DEVICE').length, 1);
  t.deepEqual(world.alarms, []);
  t.regex(world.ask('status'), /trouble: certificate: the platform refuses: HTTP 403/);
  world.run(4 * DAY_MS);
  t.deepEqual(world.alarms, ['fractus_CertificateExpires ACTIVE']);
  world.platform.cancel(fault);
  world.run(DAY_MS / 8);
  t.not(world.serial(), first);
  world.run(60_000);
  t.deepEqual(world.alarms, ['fractus_CertificateExpires CLEARED']);
  world.finish();
});

test('a certificate that has ended is replaced by one more one-time password', (t) => {
  const world = new EnrolWorld({ lifeMs: 30 * DAY_MS });
  world.listen();
  world.device.linkDown();
  world.run(40 * DAY_MS);
  world.device.linkUp();
  world.run(DAY_MS);
  t.false(world.polled);
  const first = world.serial();
  world.register();
  world.runUntil(() => world.polled, DAY_MS);
  t.not(world.serial(), first);
});

test('one that has ended while a token lives is replaced with that token, and no password is asked for', (t) => {
  const { world, first } = renewing();
  const fault = world.platform.order({ kind: 'status', path: REENROL, status: 503, times: 1_000_000 });
  world.run(11 * UNIT_MS + 60_000);
  t.true(world.time.epochMs > Date.parse(new X509Certificate(world.slot('enrolled') ?? '').validTo));
  t.true(world.polled, 'the token lives');
  world.platform.cancel(fault);
  world.runUntil(() => world.serial() !== first, 600_000);
  t.is(world.sent(ENROL).length, 1);
  world.finish();
});

test('one that has ended and is refused: token and password take turns, no more often than what fails', (t) => {
  const { world, first } = renewing();
  const body = JSON.stringify({ error: 'security/Forbidden', message: 'no ROLE_DEVICE' });
  const fault = world.platform.order({ kind: 'status', path: REENROL, status: 503, times: 1_000_000 });
  world.run(11 * UNIT_MS + 60_000);
  world.platform.cancel(fault);
  world.platform.order({ kind: 'status', path: REENROL, status: 403, body, mediaType: 'application/json', times: 1e6 });
  const [firstAsks, nextAsks] = [world.sent(ENROL).length, world.sent(REENROL).length];
  world.run(1_500_000);
  t.true(world.sent(ENROL).length > firstAsks && world.sent(REENROL).length > nextAsks, 'both while the token lives');
  const sum = () => world.sent(ENROL).length + world.sent(REENROL).length;
  const before = sum();
  const { flash } = world.device.machine;
  const writes = flash.writes;
  world.run(20 * 3_600_000);
  const asked = sum() - before;
  t.true(asked >= 20 * 10 && asked <= 20 * 20, `${asked}`);
  t.true(flash.writes - writes < 20, 'the alarm keeps its text');
  t.is(world.lines(`info: asking for a certificate as ${DEVICE}`).length, 1, 'a line per trouble');
  t.is(world.serial(), first);
  world.register();
  world.runUntil(() => world.polled, 600_000);
  t.not(world.serial(), first);
  t.deepEqual(world.leaks, []);
});

test('the command certificate describes the certificate', (t) => {
  const world = new EnrolWorld({ lifeMs: YEAR_MS });
  world.listen();
  const end = new Date(Date.parse(new X509Certificate(world.slot('enrolled') ?? '').validTo))
    .toISOString()
    .slice(0, 10);
  t.regex(
    world.ask('certificate'),
    new RegExp(`^certificate: ${DEVICE}, until ${end}, replaced from \\d{4}-\\d\\d-\\d\\d\\n$`),
  );
  t.false(JSON.stringify(world.object?.fragments ?? {}).includes('"enrolment"'), 'it is no operation');
});

test('a CA that is trusted no more takes nothing from a device that has a token', (t) => {
  const world = new EnrolWorld();
  world.listen();
  const [pem = ''] = [...world.platform.core.certificates.values()].map((each) => each.pem);
  world.platform.core.certificates.clear();
  world.run(2 * 3_600_000);
  const serial = world.serial();
  t.true(world.lines('gives no token for the certificate').length > 0);
  trustAuthority(world.platform, pem);
  world.runUntil(() => world.polled, 600_000);
  t.is(world.serial(), serial);
});

test('a device that stops in the middle of it sends nothing more', (t) => {
  const world = new EnrolWorld();
  world.start();
  world.runUntil(() => world.sent(ENROL).length === 1, 60_000);
  world.stop();
  const { length } = world.exchanges;
  world.run(600_000);
  t.is(world.exchanges.length, length);
});
