// SPDX-License-Identifier: Apache-2.0

import test from 'ava';
import { accessTokenPath } from '../../../tools/platform/tenant/tokens.ts';
import { TokenWorld } from '../../support/token-world.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

/** A device that listens, an hour before its token ends. */
function listening(): TokenWorld {
  const world = new TokenWorld({ config: { measurementInterval: '60' } });
  world.listen();
  world.run(MINUTE_MS);
  return world;
}

/** Checks the whole device: a token, a poll, an operation. */
function works(world: TokenWorld): void {
  const operation = world.command();
  world.runUntil(() => operation.status === 'SUCCESSFUL' && world.polled, 5 * MINUTE_MS);
}

const OUTAGES = [
  { kind: 'status', status: 503 },
  { kind: 'status', status: 429, retryAfterSeconds: 30 },
  { kind: 'status', status: 502, html: true },
  { kind: 'status', status: 200, html: true },
  { kind: 'status', status: 302, body: '{}' },
  { kind: 'dropBefore' },
  { kind: 'dropAfter' },
  { kind: 'empty' },
  { kind: 'truncate', bytes: 20 },
] as const;

for (const outage of OUTAGES) {
  test(`an hour without tokens, ${JSON.stringify(outage)}: all requests wait, longer each time`, (t) => {
    const world = listening();
    world.platform.expireTokens();
    const before = world.requests;
    world.platform.order({ ...outage, path: accessTokenPath, times: 1000 });
    world.run(HOUR_MS);
    const asked = world.tokenRequests.length - 1;
    // Windows of 1, 2, 4 … 60 s and then up to 300; the mean wait is half of them. A lost connection is no second try.
    t.true(asked >= 10 && asked <= 150, `${asked} requests for a token`);
    t.is(world.requests - before - asked, world.answered(401).length);
    t.true(world.answered(401).length <= 2);
    world.platform.cancel();
    works(world);
    world.finish();
  });
}

test('without new tokens the old one is used to its end', (t) => {
  const world = listening();
  world.platform.order({ kind: 'status', status: 503, path: accessTokenPath, times: 1000 });
  world.run(HOUR_MS - 2 * MINUTE_MS);
  t.true(world.tokenRequests.length > 2);
  t.deepEqual(world.answered(401), []);
  works(world);
  world.run(30 * MINUTE_MS);
  t.true(world.answered(401).length <= 2);
  world.platform.cancel();
  works(world);
  world.finish();
});

test('a token that does not fit is an error in the log, once', (t) => {
  const world = new TokenWorld();
  const body = JSON.stringify({ accessToken: 'x'.repeat(4500) });
  world.platform.order({ kind: 'status', status: 200, body, path: accessTokenPath, times: 1000 });
  world.start();
  world.run(5 * MINUTE_MS);
  t.true(world.tokenRequests.length > 2);
  t.is(world.device.lines.filter((line) => line.startsWith('error: the token is too long')).length, 1);
});

test('tokens that are always refused cause no storm of requests', (t) => {
  const world = listening();
  const before = world.requests;
  world.platform.order({ kind: 'status', status: 401, path: '/measurement/**', times: 10_000 });
  world.run(HOUR_MS);
  // At most a minute between tries, each of three requests: refused, renewed, refused.
  t.true(world.requests - before < 600, `${world.requests - before} requests`);
  world.platform.cancel();
  works(world);
  world.finish();
});

test('a token that is refused everywhere causes no storm of requests', (t) => {
  const world = listening();
  const before = world.requests;
  for (const path of ['/inventory/**', '/measurement/**', '/notification/**', '/devicecontrol/operations**']) {
    world.platform.order({ kind: 'expireToken', path, times: 10_000 });
  }
  world.run(HOUR_MS);
  t.true(world.requests - before < 800, `${world.requests - before} requests`);
  world.platform.cancel();
  // The test caused the pause in its polls, not the device.
  world.platform.forgive(world.device.user);
  works(world);
  world.finish();
});

test('a certificate revoked while in use: slow requests, and recovery without help', (t) => {
  const world = listening();
  world.distrust();
  world.platform.expireTokens();
  const before = world.requests;
  world.run(HOUR_MS);
  const asked = world.tokenRequests.length - 1;
  t.true(asked >= 10 && asked <= 60, `${asked} requests for a token`);
  t.true(world.requests - before - asked <= 2);
  t.true(world.device.lines.some((line) => /^error: .*gives no token .*expired or revoked/.test(line)));
  world.trust();
  // The test caused the pause in its polls, not the device.
  world.platform.forgive(world.device.user);
  works(world);
  world.finish();
});

const ANSWERS: readonly [string, string][] = [
  ['no token', '{}'],
  ['null', '{"accessToken":null}'],
  ['a number', '{"accessToken":17}'],
  ['nothing', '{"accessToken":""}'],
  ['a header of its own', '{"accessToken":"a.b.c\\r\\nX-Injected: 1"}'],
  ['a blank', '{"accessToken":"a b"}'],
  ['not ASCII', '{"accessToken":"tökén"}'],
  ['too long', `{"accessToken":"${'x'.repeat(5000)}"}`],
  ['an array', '["accessToken"]'],
  ['half of it', '{"accessToken":"abc'],
];

for (const [title, body] of ANSWERS) {
  test(`a wrong answer instead of a token: ${title}`, (t) => {
    const world = new TokenWorld();
    world.platform.order({ kind: 'status', status: 200, path: accessTokenPath, body, times: 3 });
    world.start();
    world.runUntil(() => world.tokenRequests.length === 3, 30_000);
    world.run(100);
    t.is(world.requests, 3);
    t.true(world.device.lines.some((line) => /^warn: token: get a token: the answer cannot be understood/.test(line)));
    world.runUntil(() => world.polled, 30_000);
    world.finish();
  });
}

const ODD_TOKENS: readonly [string, string][] = [
  ['opaque', 'no-jwt-at-all'],
  ['with claims that are no JSON', `e30.${claims('no JSON')}.x`],
  ['without a life', `e30.${claims('{"sub":"device_board-7"}')}.x`],
  ['that has expired before it was issued', `e30.${claims('{"iat":2000,"exp":1000}')}.x`],
  ['of endless life', `e30.${claims('{"iat":0,"exp":1e300}')}.x`],
  ['with a name to be afraid of', `e30.${claims('{"iat":0,"exp":60,"sub":"\\u001b[2J\\r\\nX: y"}')}.x`],
];

for (const [title, token] of ODD_TOKENS) {
  test(`a token ${title} is used, and replaced after it is refused`, (t) => {
    const world = new TokenWorld();
    const body = JSON.stringify({ accessToken: token });
    world.platform.order({ kind: 'status', status: 200, path: accessTokenPath, body });
    world.listen();
    t.is(world.tokens[0], token);
    t.is(world.tokens.length, 2);
    t.is(world.tokenRequests.length, 2);
    for (const line of world.device.lines) t.regex(line, /^[\x20-\x7e°%]*$/);
    world.finish();
  });
}

function claims(text: string): string {
  return Buffer.from(text).toString('base64url');
}
