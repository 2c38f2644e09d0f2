// SPDX-License-Identifier: Apache-2.0
/** Names on an emulated chip: QEMU's network has a DNS server, which asks the one that this machine has in its settings. */

import { writeFileSync } from 'node:fs';
import path from 'node:path';
import type { ExecutionContext } from 'ava';
import { addressRecords, dnsAnswer, nameOf, RCODES, startNameServer } from '../support/name-server.ts';
import { directory } from './bench.ts';

const DNS_PORT = 53;

/** One line where there can be none. */
export const missingNames =
  process.platform === 'linux' && process.getuid?.() === 0
    ? undefined
    : 'names on a chip: only root on Linux can have QEMU ask another DNS server';

/**
 * A name server that knows these addresses, and no other name.
 * @returns what QEMU has to be run by
 */
export async function startNames(
  t: ExecutionContext,
  addresses: Readonly<Record<string, readonly string[]>>,
): Promise<string[]> {
  const server = await startNameServer((request) => {
    const name = nameOf(request);
    const known = addresses[name];
    if (known === undefined) return [dnsAnswer(request, [], { rcode: RCODES.nameError })];
    return [dnsAnswer(request, addressRecords(name, known))];
  }, DNS_PORT);
  t.teardown(() => server.close());
  const settings = path.join(directory('names'), 'resolv.conf');
  writeFileSync(settings, 'nameserver 127.0.0.1\n');
  // In the eyes of QEMU alone.
  return ['unshare', '-m', 'sh', '-c', 'mount --bind "$0" /etc/resolv.conf && exec "$@"', settings];
}
