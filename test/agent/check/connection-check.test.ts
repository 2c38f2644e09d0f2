// SPDX-License-Identifier: Apache-2.0

import test, { type ExecutionContext } from 'ava';
import { FakeMachine } from '../../../hal/fake/machine.ts';
import type { Verdict } from '../../../hal/fake/network.ts';
import { ConnectionCheck } from '../../../src/agent/check/connection-check.ts';
import { type Finding, findingLine, type Layer } from '../../../src/agent/check/finding.ts';
import type { RawConfig } from '../../../src/config.ts';
import { createWorld } from '../scene.ts';

const PASSWORD = 'the-bootstrap-password';
const URL = 'https://platform.test';

interface Setting {
  readonly config?: RawConfig;
  /** The verdicts on the attempts to connect, in order. */
  readonly verdicts?: readonly Verdict[];
  readonly link?: boolean;
  /** Error of the clock, in ms. */
  readonly offMs?: number;
  readonly stored?: string;
  /** The status of every answer of the platform. */
  readonly status?: number;
}

/** Runs the check on a board of its own in a world with a platform. */
function check(t: ExecutionContext, { config = {}, verdicts = [], link = true, offMs, stored, status }: Setting = {}) {
  const world = createWorld(t, {}, ['authorization']);
  const findings: Finding[] = [];
  const ends: (Layer | undefined)[] = [];
  const machine = new FakeMachine({
    time: world.time,
    network: world.network,
    onBoot: (hal) => {
      hal.network.setUp(link);
      if (offMs !== undefined) hal.clock.set(world.time.epochMs + offMs);
      if (stored !== undefined) hal.store.set('credentials', new TextEncoder().encode(stored));
      new ConnectionCheck({
        hal,
        config: { url: URL, bootstrapPassword: PASSWORD, ...config },
        onFinding: (finding) => findings.push(finding),
        onDone: (layer) => void ends.push(layer),
      }).start();
    },
  });
  world.network.next(...verdicts);
  if (status !== undefined) world.platform.order({ kind: 'status', status });
  machine.boot();
  world.run(150_000);
  const verdictOf = (layer: Layer) => findings.find((finding) => finding.layer === layer)?.verdict;
  const text = findings.map(findingLine).join('\n');
  t.false(text.includes(PASSWORD));
  t.is(ends.length, 1, text);
  return { world, machine, findings, failed: ends[0], verdictOf, text };
}

test('a new device: every step passes until a person has to accept it', (t) => {
  const { findings, failed, text } = check(t);
  t.is(failed, undefined);
  t.deepEqual(
    findings.map(({ layer, verdict }) => [layer, verdict]),
    [
      ['configuration', 'ok'],
      ['Wi-Fi', 'ok'],
      ['DNS', 'ok'],
      ['TCP', 'ok'],
      ['TLS', 'ok'],
      ['clock', 'ok'],
      ['credentials', 'ok'],
      ['registration', 'pending'],
    ],
    text,
  );
  t.regex(text, /accept esp32-[0-9a-f]{12} on the platform/);
});

for (const [layer, setting, words] of [
  [
    'configuration',
    { config: { url: 'platform.test' } },
    /^configuration +failed +url: "platform.test" is not allowed/m,
  ],
  ['Wi-Fi', { link: false }, /no link within 40 s: check wifiName/],
  ['DNS', { config: { url: 'https://nowhere.test' } }, /nowhere.test is not known: check url/],
  ['TCP', { config: { url: 'https://platform.test:444' } }, /port 444: the connection was refused/],
  ['TCP', { verdicts: ['hang'] }, /port 443: the connection timed out/],
  ['TCP', { verdicts: ['unreachable'] }, /the host cannot be reached/],
  [
    'TLS',
    { verdicts: ['accept', 'tls-untrusted'] },
    /the server certificate is not trusted; if its CA is not public, set the key ca \(/,
  ],
  ['TLS', { verdicts: ['accept', 'tls-name'] }, /the server certificate is for another name; check url \(/],
  ['TLS', { verdicts: ['accept', 'tls-alert'] }, /the TLS handshake failed; check url: the port may not speak TLS \(/],
  ['TLS', { verdicts: ['accept', 'hang'] }, /the connection timed out \(no connection within 30 s\)/],
  ['clock', { verdicts: ['accept', 'tls-date'] }, /a certificate is not valid now: the time is not known/],
  ['clock', { verdicts: ['accept', 'tls-date'], offMs: -1e11 }, /by the clock it is 2022-11-04 00:13 UTC/],
  [
    'credentials',
    { config: { bootstrapPassword: 'wrong' } },
    /refuses management\/devicebootstrap: check bootstrapUser/,
  ],
  ['credentials', { config: { bootstrapPassword: undefined } }, /there are none, and bootstrapPassword is missing/],
  ['credentials', { status: 403 }, /management\/devicebootstrap may not ask for them: check bootstrapUser/],
  [
    'registration',
    { stored: 'fractus1\nt1\ndevice_x\nold\nend', status: 403 },
    /t1\/device_x may not look esp32-[0-9a-f]{12} up: check the roles of device users/,
  ],
  ['HTTP', { status: 302 }, /a redirect, which is not followed \(HTTP 302 to nowhere\)/],
  ['HTTP', { status: 503 }, /status 503: this is not the platform, or it fails/],
  [
    'credentials',
    { stored: 'fractus1\nt1\ndevice_x\nold\nend' },
    /refuses t1\/device_x: was the device user deleted\?/,
  ],
] as const satisfies readonly (readonly [Layer, Setting, RegExp])[]) {
  test(`the failed layer is named: ${layer}: ${words.source}`, (t) => {
    const { findings, failed, text } = check(t, setting);
    t.is(failed, layer, text);
    t.regex(text, words);
    const bad = findings.filter(({ verdict }) => verdict === 'failed');
    t.is(bad.length, 1, text);
  });
}

test('a wrong clock is reported, and the check continues', (t) => {
  const { failed, verdictOf, text } = check(t, { offMs: 90_000 });
  t.is(failed, 'clock');
  t.regex(text, /it is 90 s off the time of the platform/);
  t.is(verdictOf('registration'), 'pending', text);
});

test('the check requests no device credentials and nothing that a bootstrap user may not do', (t) => {
  const { world } = check(t);
  t.deepEqual(
    world.exchanges.map(({ method, path }) => `${method} ${path}`),
    ['POST /devicecontrol/deviceCredentials'],
  );
  t.deepEqual([...world.platform.core.registrations.keys()], []);
  t.deepEqual(world.platform.breaches, []);
});
