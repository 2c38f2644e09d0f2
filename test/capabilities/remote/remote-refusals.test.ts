// SPDX-License-Identifier: Apache-2.0
/** Remote access: refusals, and the reason that people see. */

import test from 'ava';
import { remoteAccess } from '../../../src/capabilities/index.ts';
import { createOperation } from '../../../tools/platform/operator.ts';
import { objectOf } from '../../agent/scene.ts';
import { createScene, PLC } from './remote-scene.ts';

const MINUTE_MS = 60_000;

const WRONG: readonly [fragment: Record<string, unknown>, reason: RegExp][] = [
  [{}, /hostname, port: allowed/],
  [{ hostname: 'plc.local', connectionKey: 'k' }, /hostname, port: allowed/],
  [{ hostname: '', port: 502, connectionKey: 'k' }, /hostname, port: allowed/],
  [{ hostname: 5, port: 502, connectionKey: 'k' }, /hostname, port: allowed/],
  [{ hostname: 'plc.local', port: 0, connectionKey: 'k' }, /hostname, port: allowed/],
  [{ hostname: 'plc.local', port: 65_536, connectionKey: 'k' }, /hostname, port: allowed/],
  [{ hostname: 'plc.local', port: 50.5, connectionKey: 'k' }, /hostname, port: allowed/],
  [{ hostname: 'plc.local', port: 'x', connectionKey: 'k' }, /hostname, port: allowed/],
  [
    { hostname: 'plc.local', port: 22, connectionKey: 'k' },
    /plc\.local:22 is not on the list .*allowed: plc\.local:502$/,
  ],
  [{ hostname: 'other.local', port: 502, connectionKey: 'k' }, /other\.local:502 is not on the list/],
  [{ hostname: 'plc.local\nx', port: 502, connectionKey: 'k' }, /is not on the list/],
  [{ hostname: 'x'.repeat(3000), port: 502, connectionKey: 'k' }, /is not on the list/],
  [{ hostname: '127.0.0.1', port: 502, connectionKey: 'k' }, /is not on the list/],
  [{ hostname: 'plc.local', port: 502 }, /connectionKey: allowed/],
  [{ hostname: 'plc.local', port: 502, connectionKey: '' }, /connectionKey: allowed/],
  [{ hostname: 'plc.local', port: 502, connectionKey: '../../inventory' }, /connectionKey: allowed/],
  [{ hostname: 'plc.local', port: 502, connectionKey: 'a b' }, /connectionKey: allowed/],
  [{ hostname: 'plc.local', port: 502, connectionKey: 'k\r\nHost: x' }, /connectionKey: allowed/],
  [{ hostname: 'plc.local', port: 502, connectionKey: 'k'.repeat(201) }, /connectionKey: allowed/],
];

test('a wrong request ends FAILED with a reason before anything is dialled', (t) => {
  const { world, peers } = createScene(t);
  const tried: string[] = [];
  world.network.decide = ({ host, port }) => {
    tried.push(`${host}:${port}`);
    return 'accept';
  };
  for (const [fragment, reason] of WRONG) {
    const operation = createOperation(world.platform, objectOf(world).id, {
      c8y_RemoteAccessConnect: fragment as never,
    });
    world.runUntil(() => operation.status === 'FAILED', MINUTE_MS);
    t.regex(operation.failureReason ?? '', reason);
    t.true((operation.failureReason ?? '').length <= 400);
  }
  t.is(peers.length, 0);
  t.deepEqual(
    tried.filter((each) => !each.startsWith('platform.test')),
    [],
  );
});

test('the name may have any case, and the port may be a string', (t) => {
  const { connect } = createScene(t);
  const call = connect({ hostname: ' PLC.Local ', port: '502' as unknown as number });
  t.is(call.operation.status, 'SUCCESSFUL', call.operation.failureReason);
});

test('an unreachable host and a refusing platform have different reasons', (t) => {
  const { world, connect, call } = createScene(t);
  const verdicts: Record<string, 'refused' | 'hang'> = {};
  world.network.decide = ({ host }) => verdicts[host] ?? 'accept';
  for (const [verdict, reason] of [
    ['refused', /^plc\.local:502: the connection was refused/],
    ['hang', /^plc\.local:502: no answer in time$/],
  ] as const) {
    verdicts[PLC.host] = verdict;
    const { operation, closed } = connect();
    t.is(operation.status, 'FAILED');
    t.regex(operation.failureReason ?? '', reason);
    t.is(closed?.code, 1011);
  }
  delete verdicts[PLC.host];
  for (const status of [401, 404, 503]) {
    world.platform.order({ kind: 'status', status, method: 'GET', path: '/service/remoteaccess/device/*' });
    const { operation } = connect();
    t.deepEqual([operation.status, operation.failureReason], ['FAILED', `the platform refuses it: HTTP ${status}`]);
  }
  // The operator has given up meanwhile.
  const { operation, session } = call();
  session.end();
  world.runUntil(() => operation.status === 'FAILED', MINUTE_MS);
  t.is(operation.failureReason, 'the platform refuses it: HTTP 404');
  t.is(connect().operation.status, 'SUCCESSFUL');
});

test('impossible options are refused at declaration', (t) => {
  for (const options of [
    { allow: [] },
    { allow: [{ host: '', port: 22 }] },
    { allow: [{ host: 'a b', port: 22 }] },
    { allow: [{ host: 'a', port: 0 }] },
    { allow: [{ host: 'a', port: 1.5 }] },
    { allow: [PLC], idleS: 59 },
    { allow: [PLC], idleS: NaN },
    { allow: [PLC], longestS: 86_401 },
  ])
    t.throws(() => remoteAccess(options), { instanceOf: RangeError, message: /remote access: / });
});
