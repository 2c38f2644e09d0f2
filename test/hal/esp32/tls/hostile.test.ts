// SPDX-License-Identifier: Apache-2.0
/** A server that no library helps, and what it costs before it has shown who it is. */
import test from 'ava';
import { type Chain, makeChains } from './chains.ts';
import { converse } from './client.ts';
import { EXCHANGE, LISTS } from './hostile/exchange.ts';
import { HELLO, HONEST } from './hostile/hello.ts';
import { ALERTS, ORDER, SIZES } from './hostile/records.ts';
import { serveImpostor } from './impostor.ts';
import { meter } from './sdk/meter.ts';

const chains = await makeChains();
const { chain, privateKey, ca } = chains.find(({ name }) => name === 'one intermediate') as Chain;

/** All that is ever taken out of the socket, or kept of it, before Finished. */
const MOST_READ_BYTES = 24_576;
const MOST_KEPT_BYTES = 10_240 + 4;
/** Three signatures of RSA with an exponent of 17 bits, and two inverses modulo 256 bits for the exchange of keys. */
const MOST_MULTIPLICATIONS = 3 * 34 + 2 * 512;

for (const { name, options, end, alert, signatures = 0 } of [
  ...HONEST,
  ...HELLO,
  ...ORDER,
  ...ALERTS,
  ...SIZES,
  ...LISTS,
  ...EXCHANGE,
]) {
  test.serial(`${end.startsWith('end') ? 'good' : 'refused'}: ${name}`, async (t) => {
    const impostor = await serveImpostor({ chain, privateKey, ...options });
    const before = { ...meter };
    const outcome = await converse({ ca, port: impostor.port });
    impostor.server.close();
    t.true(outcome.end.includes(end), outcome.end);
    t.is(outcome.text, end === 'end' ? '+' : '');
    t.is(meter.signatures - before.signatures, signatures);
    t.true(meter.multiplications - before.multiplications <= MOST_MULTIPLICATIONS);
    t.true(outcome.readBytes <= MOST_READ_BYTES && outcome.mostBytes <= MOST_KEPT_BYTES);
    await impostor.over;
    // What follows our own Finished is encrypted.
    t.deepEqual(impostor.alerts, end.startsWith('alert') ? [] : [alert === undefined ? 'encrypted' : `2,${alert}`]);
  });
}
