// SPDX-License-Identifier: Apache-2.0

import 'reflect-metadata';
import * as x509 from '@peculiar/x509';
import { buildBundle } from '../../tools/build.ts';
import { createAuthority, createDeviceCertificate } from '../../tools/platform/certificates.ts';
import { createMachine, testOnXs } from '../support/xs/harness.ts';

/** Half of what a watchdog of five seconds lets through. What a BigInt takes itself is none of them, and a board has arithmetic of its own. */
const MOST_BYTE_CODES = 5_000_000;

const authority = await createAuthority('t1000', { key: 'EC' });
const { certificate } = await createDeviceCertificate(authority, 'esp32-1', { key: 'EC' });
const answer = new x509.X509Certificates([new x509.X509Certificate(certificate)]).export('base64');
const { path } = await buildBundle({
  entry: 'test/enrolment/xs-agent.ts',
  outfile: 'build/test/enrolment.xs.js',
  define: { ANSWER: JSON.stringify(answer) },
});
// Evaluated in this process, too, with what the bundle has been given.
Object.assign(globalThis, { ANSWER: answer });
const { ACTS } = await import('./xs-agent.ts');

testOnXs('keys, signatures and requests come out as on Node, in the heap of a board and in time', async (t, host) => {
  const { machine, board } = createMachine(t, { host, bundle: path });
  await machine.boot();
  await machine.settle();
  for (const [id, [name, act]] of ACTS.entries()) {
    await machine.measure({ collect: true, mark: true });
    board.timers[id]?.();
    await machine.settle();
    const { byteCodes, keys, allocatedChunkBytes } = await machine.measure();
    t.is(board.lines[id], `info ${Buffer.from(act()).toString('hex')}`, name);
    t.true(byteCodes <= MOST_BYTE_CODES, `${name}: ${byteCodes} byte codes`);
    t.is(keys, 0, `${name}: names that are kept for ever`);
    t.log(`${name}: ${byteCodes} byte codes, ${allocatedChunkBytes} bytes of chunks`);
  }
});
