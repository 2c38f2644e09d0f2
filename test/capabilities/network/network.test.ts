// SPDX-License-Identifier: Apache-2.0
/**
 * `c8y_Network`: a new network is kept if the platform has answered over it; otherwise the device returns to the
 * previous one.
 */

import test, { type ExecutionContext } from 'ava';
import { CAPABILITIES, network, restart } from '../../../src/capabilities/index.ts';
import type { Json } from '../../../tools/platform/model.ts';
import { order, runToEnd, statuses } from '../../agent/operations/operating.ts';
import { calls, createSettled, objectOf, settle } from '../../agent/scene.ts';
import { BARN, createScene, HOUSE, isEnded, MINUTE_MS, type NetworkWorld } from './network-scene.ts';

const LAN = { name: 'Wi-Fi', enabled: 1, mac: '02:00:00:00:00:fa', ip: '192.0.2.10' };
const shown = (name: string) => ({ c8y_LAN: LAN, fractus_WiFi: { name } });

/** The device is on this network now and after each start. */
function isOn(t: ExecutionContext, world: NetworkWorld, { name }: { name: string }): void {
  t.is(world.access, name);
  t.is(world.wifi.kept.name, name);
  t.deepEqual(world.told, shown(name));
  t.deepEqual(world.leaks(), []);
  t.true(world.keeps.every(({ isProven }) => isProven));
}

test('a board that can change its network declares that and the current one', (t) => {
  const world = createScene(t);
  t.true((objectOf(world).fragments['c8y_SupportedOperations'] as string[]).includes('c8y_Network'));
  isOn(t, world, HOUSE);
});

test('a board that cannot change its network does not declare it', (t) => {
  const world = createSettled(t, { capabilities: [...CAPABILITIES, network()] });
  t.false((objectOf(world).fragments['c8y_SupportedOperations'] as string[]).includes('c8y_Network'));
  const operation = order(world, { c8y_Network: { fractus_WiFi: BARN } });
  runToEnd(world, [operation]);
  t.regex(operation.failureReason ?? '', /^c8y_Network: not supported/);
});

for (const connections of ['1', '2']) {
  test(`another network is joined, proven, kept, and reported before the end (connections=${connections})`, (t) => {
    const world = createScene(t, { config: { connections } });
    const since = world.requests;
    const operation = world.change(BARN);
    t.is(operation.failureReason, undefined);
    t.deepEqual(statuses(operation), ['PENDING', 'EXECUTING', 'SUCCESSFUL']);
    isOn(t, world, BARN);
    t.deepEqual(world.keeps, [{ name: 'Barn', isProven: true }]);
    const path = `/inventory/managedObjects/${objectOf(world).id}`;
    const [proof] = calls(world, 'GET', path, since);
    const [told] = calls(world, 'PUT', path, since);
    const end = calls(world, 'PUT', `/devicecontrol/operations/${operation.id}`, since).at(-1);
    t.true((proof?.number ?? Infinity) < (told?.number ?? 0) && (told?.number ?? Infinity) < (end?.number ?? 0));
    world.device.reboot();
    settle(world);
    isOn(t, world, BARN);
  });
}

test('an open network, and then the previous one again', (t) => {
  const world = createScene(t);
  t.is(world.change({ name: 'Square' }).status, 'SUCCESSFUL');
  isOn(t, world, { name: 'Square' });
  t.is(world.change({ name: 'House', password: HOUSE.password }).status, 'SUCCESSFUL');
  isOn(t, world, HOUSE);
  t.is(world.change({ name: 'Square', password: '' }).status, 'SUCCESSFUL', 'as a form that was left empty');
  isOn(t, world, { name: 'Square' });
});

test('the current network is SUCCESSFUL at once, and nothing is done', (t) => {
  const world = createScene(t);
  t.is(world.change(HOUSE).status, 'SUCCESSFUL');
  t.deepEqual([world.wifi.trials, world.keeps], [[], []]);
  t.false(world.device.machine.flash.values.has('network'));
  isOn(t, world, HOUSE);
});

const endings: [what: string, wifi: { name: string; password?: string }, reason: RegExp][] = [
  [
    'one that is not there',
    { name: 'Nowhere', password: 'anything at all' },
    /^"Nowhere" was not joined in 5 attempts: it is out of reach, or the password is wrong: back to "House"$/,
  ],
  [
    'a wrong password',
    { name: 'Barn', password: 'hay & straw "2"' },
    /^"Barn" was not joined in 5 attempts: it is out of reach, or the password is wrong: back to "House"$/,
  ],
  ['one without addresses', { name: 'Mute' }, /^"Mute" has given the device no address within 300 s: back to "House"$/],
  [
    'one without the platform',
    { name: 'Island' },
    /^the platform was not reached over "Island" within 300 s: .+: back to "House"$/,
  ],
  [
    'another password for the one that there is',
    { name: 'House', password: 'bread without butter' },
    /^"House" was not joined in 5 attempts/,
  ],
  [
    'one that says nothing',
    { name: 'Far', password: 'anything at all' },
    /^"Far" was not joined within 300 s: it is out of reach, or the password is wrong: back to "House"$/,
  ],
];
for (const [what, wifi, reason] of endings) {
  test(`${what}: back on the previous one, with the reason`, (t) => {
    const world = createScene(t);
    const operation = world.change(wifi);
    t.deepEqual(statuses(operation), ['PENDING', 'EXECUTING', 'FAILED']);
    t.regex(operation.failureReason ?? '', reason);
    isOn(t, world, HOUSE);
    t.deepEqual(world.keeps, []);
    t.deepEqual(world.wifi.trials, [{ name: wifi.name, before: 'House' }]);
    const endMs = (operation.history.at(-1)?.timeMs ?? 0) - operation.creationTimeMs;
    // A failure that the link reports does not wait for the end of the trial.
    const mostMs = /attempts/.test(operation.failureReason ?? '') ? MINUTE_MS : 6 * MINUTE_MS;
    t.true(endMs < mostMs, `${endMs} ms`);
    // The network can still be changed.
    t.is(world.change(BARN).status, 'SUCCESSFUL');
    isOn(t, world, BARN);
  });
}

test('a portal that answers in place of the platform is no proof', (t) => {
  const world = createScene(t);
  const operation = world.order({ fractus_WiFi: BARN });
  world.runUntil(() => world.access === 'Barn', MINUTE_MS);
  const order = world.platform.order({
    kind: 'status',
    status: 200,
    mediaType: 'application/json',
    body: '{"welcome":true}',
    times: 1_000_000,
  });
  world.runUntil(() => world.access === 'House', 10 * MINUTE_MS);
  world.platform.cancel(order);
  world.runUntil(() => isEnded(operation), 10 * MINUTE_MS);
  const reason = /^the platform was not reached over "Barn" within 300 s: the answer cannot be understood: back to /;
  t.regex(operation.failureReason ?? '', reason);
  t.deepEqual(world.keeps, []);
});

test('no connection, no name, no answer, or no link any more: the reason tells which', (t) => {
  const cases: [act: (world: NetworkWorld) => void, why: string][] = [
    [(world) => (world.network.decide = () => 'hang'), 'the connection timed out'],
    [(world) => (world.network.decide = () => 'dns'), 'the host name cannot be resolved (as scripted)'],
    [(world) => (world.network.decide = () => 'tls-untrusted'), 'the server certificate is not trusted (as scripted)'],
    [(world) => void world.platform.order({ kind: 'status', status: 502, html: true, times: 1e6 }), 'HTTP 502'],
    [(world) => world.device.linkDown(), 'its link is down again'],
  ];
  for (const [act, why] of cases) {
    const world = createScene(t, { capabilities: [...CAPABILITIES, network({ trialS: 60 })] });
    const { decide } = world.network;
    world.network.decide = (...asked) => (world.access === 'Barn' ? 'hang' : decide(...asked));
    const operation = world.order({ fractus_WiFi: BARN });
    world.runUntil(() => world.access === 'Barn' && world.device.machine.hal?.network.up === true, MINUTE_MS);
    world.run(2000);
    world.network.decide = decide;
    act(world);
    world.run(70_000);
    world.network.decide = decide;
    world.platform.cancel();
    world.device.linkUp();
    world.runUntil(() => isEnded(operation), 10 * MINUTE_MS);
    t.is(operation.failureReason, `the platform was not reached over "Barn" within 60 s: ${why}: back to "House"`);
  }
});

test('a refusal of the platform proves the network', (t) => {
  const world = createScene(t);
  const operation = world.order({ fractus_WiFi: BARN });
  world.runUntil(() => world.access === 'Barn', MINUTE_MS);
  world.platform.order({ kind: 'status', status: 404, path: '/inventory/managedObjects', method: 'GET', times: 1 });
  world.runUntil(() => isEnded(operation), 10 * MINUTE_MS);
  t.is(operation.failureReason, undefined);
});

test('a platform that is reached only after some minutes proves the network', (t) => {
  const world = createScene(t);
  world.network.decide = () => (world.access === 'Barn' && world.time.nowMs < 4 * MINUTE_MS ? 'hang' : 'accept');
  const operation = world.change(BARN);
  t.is(operation.failureReason, undefined);
  isOn(t, world, BARN);
});

test('the author sets the length of a trial', (t) => {
  const world = createScene(t, { capabilities: [...CAPABILITIES, network({ trialS: 60 })] });
  const operation = world.change({ name: 'Island' });
  t.regex(operation.failureReason ?? '', /^the platform was not reached over "Island" within 60 s: /);
  for (const trialS of [59, 901, NaN]) t.throws(() => network({ trialS }), { message: 'network: trialS is 60 to 900' });
});

test('a flash that refuses to keep the network: back on the previous one', (t) => {
  const world = createScene(t);
  const { flash } = world.device.machine;
  flash.onWrite = (name) => (name === 'hal:wifi' ? 'refused' : undefined);
  const operation = world.change(BARN);
  t.is(operation.failureReason, 'the flash refuses to keep "Barn": back to "House"');
  isOn(t, world, HOUSE);
  flash.refusing = true;
  t.is(world.change(BARN).failureReason, 'the flash refuses to note the change, so nothing was done');
  t.is(world.wifi.trials.length, 1);
  flash.refusing = false;
});

test('an operation during the trial waits, and so does another change of the network', (t) => {
  const world = createScene(t);
  const first = world.order({ fractus_WiFi: { name: 'Island' } });
  world.runUntil(() => world.access === 'Island', MINUTE_MS);
  const second = world.order({ fractus_WiFi: BARN });
  const third = order(world, { c8y_Command: { text: 'status' } });
  runToEnd(world, [first, second, third], 20 * MINUTE_MS);
  t.deepEqual([first.status, second.status, third.status], ['FAILED', 'SUCCESSFUL', 'SUCCESSFUL']);
  t.deepEqual(
    world.wifi.trials.map(({ name }) => name),
    ['Island', 'Barn'],
  );
  isOn(t, world, BARN);
});

test('an operation past its timeout, and a trial that ends with it', (t) => {
  const [capability] = [network()];
  const world = createScene(t, { capabilities: [restart, { ...capability, begin: hasty(capability) }] });
  const operation = world.change({ name: 'Island' });
  t.is(operation.failureReason, 'the operation took too long');
  isOn(t, world, HOUSE);
  world.run(10 * MINUTE_MS);
  t.deepEqual(world.wifi.trials.length, 1);
});

/** The capability with a timeout that is too short. */
function hasty({ begin }: ReturnType<typeof network>): NonNullable<typeof begin> {
  return (host) => Object.defineProperty(begin?.(host) as object, 'timeoutMs', { value: 30_000 }) as never;
}

test('an invalid or impossible change is refused by name, and nothing is done', (t) => {
  const world = createScene(t);
  const refused = /^fractus_WiFi\.password: that value \(a secret, not shown\) is not allowed; allowed: 8 to 63 char/;
  const cases: [Json, RegExp][] = [
    [{}, /^fractus_WiFi: missing; allowed: \{"name", "password"\}$/],
    [5, /^fractus_WiFi: missing/],
    [[], /^fractus_WiFi: missing/],
    [{ fractus_WiFi: null }, /^fractus_WiFi: missing/],
    [{ c8y_LAN: { ip: '192.0.2.7' } }, /^c8y_LAN: this device has its address from the network that it joins$/],
    [{ c8y_LAN: {}, fractus_WiFi: BARN }, /^c8y_LAN: /],
    [{ c8y_WAN: { apn: 'internet', password: BARN.password } }, /^c8y_WAN: this device has no mobile network$/],
    [{ c8y_DHCP: { enabled: 1 } }, /^c8y_DHCP: this device gives no addresses to others$/],
    [{ fractus_WiFi: 'Barn' }, /^fractus_WiFi\.name: allowed are 1 to 32 bytes/],
    [{ fractus_WiFi: {} }, /^fractus_WiFi\.name: allowed/],
    [{ fractus_WiFi: { ...BARN, name: '' } }, /^fractus_WiFi\.name: allowed/],
    [{ fractus_WiFi: { ...BARN, name: 7 } }, /^fractus_WiFi\.name: allowed/],
    [{ fractus_WiFi: { ...BARN, name: 'é'.repeat(17) } }, /^fractus_WiFi\.name: allowed/],
    [{ fractus_WiFi: { ...BARN, name: 'a\nwifiPassword=b' } }, /^fractus_WiFi\.name: allowed/],
    [{ fractus_WiFi: { name: 'Barn', password: 'seven77' } }, refused],
    [{ fractus_WiFi: { name: 'Barn', password: 'x'.repeat(64) } }, refused],
    [{ fractus_WiFi: { name: 'Barn', password: 'é'.repeat(32) } }, refused],
    [{ fractus_WiFi: { name: 'Barn', password: 'hay\nand straw' } }, refused],
    [{ fractus_WiFi: { name: 'Barn', password: 12345678 } }, refused],
    [{ fractus_WiFi: { name: 'Barn', password: ['hay & straw'] } }, refused],
  ];
  for (const [fragment, reason] of cases) {
    const operation = world.order(fragment);
    runToEnd(world, [operation]);
    t.is(operation.status, 'FAILED', JSON.stringify(fragment));
    t.regex(operation.failureReason ?? '', reason, JSON.stringify(fragment));
  }
  t.deepEqual(world.wifi.trials, []);
  isOn(t, world, HOUSE);
});

test('names and passwords at their limits are accepted unchanged', (t) => {
  const world = createScene(t);
  const limits = [
    { name: 'é'.repeat(16), password: 'x'.repeat(63) },
    { name: ' constructor ', password: 'é'.repeat(31) },
    { name: '"\\', password: '0123456789abcdefABCDEF'.padEnd(64, '0') },
  ];
  for (const { name, password } of limits) {
    world.wifi.points[name] = { password };
    t.is(world.change({ name, password }).failureReason, undefined);
    t.deepEqual(world.wifi.kept, { name, password });
    t.is(world.access, name);
  }
});
