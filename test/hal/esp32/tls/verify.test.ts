// SPDX-License-Identifier: Apache-2.0
/** `hal.verify` of a board, with Node's arithmetic in place of the SDK's; OpenSSL is the referee. */

import { generateKeyPairSync, sign } from 'node:crypto';
import test from 'ava';
import { verifyP256 } from '../../../../hal/esp32/tls/signature.ts';
import { FakeMachine } from '../../../../hal/fake/machine.ts';
import type { Target } from '../../../../hal/hal.ts';
import { verifyP256 as refereeVerify } from '../../../../hal/node/verify.ts';
import fc from '../../../support/property.ts';
import { Scene, signatureChecks } from '../../contract.ts';

const nobody: Target = { host: 'nobody.test', port: 1 };

for (const check of signatureChecks) {
  test(check.name, async (t) => {
    const hal = { ...new FakeMachine().boot(), verify: verifyP256 };
    await t.notThrowsAsync(check.run(new Scene(hal, { peer: nobody, refusing: nobody, unknown: nobody })));
  });
}

test('says what OpenSSL says, of signatures and keys with any byte changed, too', (t) => {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const point = Uint8Array.from(publicKey.export({ format: 'der', type: 'spki' }).subarray(-65));
  const change = fc.tuple(fc.nat(80), fc.integer({ min: 0, max: 255 }));
  const property = fc.property(fc.uint8Array(), change, change, (message, [at, mask], [keyAt, keyMask]) => {
    const signature = Uint8Array.from(sign('sha256', message, privateKey));
    const key = point.slice();
    if (at < signature.length) signature[at] = (signature[at] as number) ^ mask;
    // Mostly the key is right.
    if (keyAt < 10) key[keyAt] = (key[keyAt] as number) ^ keyMask;
    t.is(verifyP256(message, signature, key), refereeVerify(message, signature, key));
  });
  fc.assert(property, { numRuns: 60 });
});
