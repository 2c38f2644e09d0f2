// SPDX-License-Identifier: Apache-2.0

import test from 'ava';
import { firmware, onlyNewer, restart, signedFirmware } from '../../../../src/capabilities/index.ts';
import { installFault, isHere } from '../../../../tools/device/firmware-trust.ts';
import { OTHER_KEY } from './firmware-scene.ts';

const HERE = ['http://127.0.0.1:8080', 'http://127.8.7.6', 'http://localhost:1', 'https://[::1]:8443'];
const ELSEWHERE = [
  ...['https://t1.cumulocity.com', 'http://192.168.1.7:8080', 'http://10.0.0.1', 'http://0.0.0.0:80', 'http://[::]'],
  ...[
    'http://localhost.example.com',
    'http://127.0.0.1.example.com',
    'http://u@example.com',
    'http://127.0.0.1@example.com',
  ],
  ...['not a url', undefined],
];

test('the platform is on this machine when its address is a loopback address', (t) => {
  for (const url of HERE) t.true(isHere(url), url);
  for (const url of ELSEWHERE) t.false(isHere(url), url);
});

test('firmware that is not signed is taken on XS alone, and from this machine alone', (t) => {
  for (const capability of [firmware, onlyNewer(firmware)]) {
    for (const url of HERE) t.is(installFault('xs', url, [capability]), undefined);
    for (const url of ELSEWHERE)
      t.regex(installFault('xs', url, [capability]) ?? '', /platform is not on this machine/);
    for (const url of [...HERE, ...ELSEWHERE]) t.regex(installFault('node', url, [capability]) ?? '', /your rights/);
  }
});

test('firmware that is signed is taken everywhere', (t) => {
  for (const url of [...HERE, ...ELSEWHERE]) {
    for (const runtime of ['node', 'xs'] as const) {
      t.is(installFault(runtime, url, [restart, signedFirmware(OTHER_KEY.publicKey)]), undefined);
    }
  }
});

test('one way without a signature is enough to need it', (t) => {
  const both = [signedFirmware(OTHER_KEY.publicKey), firmware];
  t.regex(installFault('node', HERE[0], both) ?? '', /your rights/);
  t.regex(installFault('xs', ELSEWHERE[0], both) ?? '', /not on this machine/);
});

test('without the capability there is nothing to tell', (t) => {
  t.is(installFault('node', HERE[0], [restart]), '');
  t.is(installFault('xs', HERE[0], [restart]), '');
});
