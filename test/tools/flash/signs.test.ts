// SPDX-License-Identifier: Apache-2.0

import test from 'ava';
import { Failure, failureText } from '../../../src/http/failure.ts';
import { readSign } from '../../../tools/flash/signs.ts';

/** Failures of a connection that a person mends, with the first words of the advice. */
const ADVICE: readonly (readonly [failure: Failure, advice: RegExp])[] = [
  [Failure.Dns, /^no server knows the host/],
  [Failure.Refused, /^the host of its url cannot be reached/],
  [Failure.Unreachable, /^the host of its url cannot be reached/],
  [Failure.Timeout, /^the host of its url cannot be reached/],
  [Failure.TlsUntrusted, /key `ca`/],
  [Failure.TlsName, /another name/],
];

test('a connection that fails in a way that a person mends is said with the remedy, in the words of the agent', (t) => {
  for (const [failure, advice] of ADVICE) {
    const line = `warn: registration: ${failureText(failure)}; next try in 5 s`;
    const sign = readSign(line);
    t.true(sign !== undefined && 'missing' in sign && advice.test(sign.missing), `${line}: ${JSON.stringify(sign)}`);
  }
});

test('a failure that passes by itself is no sign', (t) => {
  for (const failure of [Failure.Reset, Failure.Closed, Failure.NoAnswer, Failure.Stalled]) {
    t.is(readSign(`warn: registration: ${failureText(failure)}; next try in 5 s`), undefined);
  }
});
