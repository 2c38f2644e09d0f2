// SPDX-License-Identifier: Apache-2.0

import type { Found } from './dns-packet.ts';

/** Enough for the platform and the servers of files, tokens and time. */
const MOST_HOSTS = 4;
/** Bounds of a server's time to live: a new address is found within a day, and one connection needs only one query. */
const SHORTEST_MS = 1000;
const LONGEST_MS = 86_400_000;

interface Entry {
  readonly host: string;
  /** In the server's order. */
  readonly addresses: readonly string[];
  /** The address of the last connection that came up. */
  readonly worked: string | undefined;
  /** Addresses whose last connection failed, the most recent failure last. */
  readonly failed: readonly string[];
  /** A connection has failed and none has come up since: DNS may know better addresses. */
  readonly isDoubtful: boolean;
  /** Ticks from which on the entry is stale. */
  readonly untilTicks: number;
}

/**
 * The addresses of hosts, for the time to live that their servers give. Stale addresses are used when DNS does not
 * answer (RFC 8767): an old address is no worse than none.
 */
export class AddressCache {
  readonly #ticks: () => number;
  /** The most recently used entry first. */
  readonly #entries: Entry[] = [];

  constructor(ticks: () => number) {
    this.#ticks = ticks;
  }

  /** The addresses of `host`, in the order in which to try them; undefined when DNS must be asked. */
  fresh(host: string): readonly string[] | undefined {
    const entry = this.#find(host);
    const isFresh = entry !== undefined && !entry.isDoubtful && this.#ticks() < entry.untilTicks;
    return isFresh ? inOrder(this.#keep(entry)) : undefined;
  }

  /** The last known addresses, which then count as fresh for `graceMs`; undefined when there are none. */
  stale(host: string, graceMs: number): readonly string[] | undefined {
    const entry = this.#find(host);
    return entry && inOrder(this.#keep({ ...entry, isDoubtful: false, untilTicks: this.#ticks() + graceMs }));
  }

  /** Stores an answer of DNS. Records of earlier connections to these addresses stay. */
  keep(host: string, { addresses, ttlS }: Found): readonly string[] {
    const untilTicks = this.#ticks() + Math.min(Math.max(ttlS * 1000, SHORTEST_MS), LONGEST_MS);
    const { worked, failed = [] } = this.#find(host) ?? {};
    return inOrder(this.#keep({ host, addresses, worked, failed, isDoubtful: false, untilTicks }));
  }

  /** Removes a host that does not exist any more. */
  forget(host: string): void {
    const at = this.#entries.findIndex((each) => each.host === host);
    if (at >= 0) this.#entries.splice(at, 1);
  }

  /** A connection to `address` has come up: from now on it is tried first. */
  worked(host: string, address: string): void {
    const entry = this.#find(host);
    if (entry === undefined || (entry.worked === address && !entry.isDoubtful)) return;
    const failed = entry.failed.filter((each) => each !== address);
    this.#keep({ ...entry, worked: address, failed, isDoubtful: false });
  }

  /** A connection to `address` has failed: from now on it is tried last. */
  failed(host: string, address: string): void {
    const entry = this.#find(host);
    if (entry === undefined) return;
    // Failures of addresses that DNS does not name any more are dropped.
    const failed = entry.failed.filter((each) => each !== address && entry.addresses.includes(each));
    const worked = entry.worked === address ? undefined : entry.worked;
    this.#keep({ ...entry, worked, failed: [...failed, address], isDoubtful: true });
  }

  /** Makes all entries stale: in another network, DNS may answer differently. */
  expire(): void {
    for (const entry of [...this.#entries].reverse()) this.#keep({ ...entry, untilTicks: 0 });
  }

  #find(host: string): Entry | undefined {
    return this.#entries.find((each) => each.host === host);
  }

  #keep(entry: Entry): Entry {
    this.forget(entry.host);
    this.#entries.unshift(entry);
    if (this.#entries.length > MOST_HOSTS) this.#entries.pop();
    return entry;
  }
}

/** The address that has worked, then the untried ones, then those that have failed. */
function inOrder({ addresses, worked, failed }: Entry): readonly string[] {
  const first = addresses.filter((each) => each === worked);
  const unknown = addresses.filter((each) => each !== worked && !failed.includes(each));
  return [...first, ...unknown, ...failed.filter((each) => addresses.includes(each))];
}
