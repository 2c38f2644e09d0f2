// SPDX-License-Identifier: Apache-2.0

import type { Found } from './dns-packet.ts';

/** The platform, and the servers of files, tokens and time. */
const MOST_HOSTS = 4;
/** Whatever a server says: a new address is found within a day, and one connection does with one question. */
const SHORTEST_MS = 1000;
const LONGEST_MS = 86_400_000;

interface Entry {
  readonly host: string;
  /** In the server's order. */
  readonly addresses: readonly string[];
  /** Where a connection has come up last. */
  readonly worked: string | undefined;
  /** Where none has come up since, failed last last. */
  readonly failed: readonly string[];
  /** None has come up anywhere since one has failed: DNS may know better. */
  readonly isDoubtful: boolean;
  /** Ticks from which on all that is only better than nothing. */
  readonly untilTicks: number;
}

/**
 * Where hosts are, for as long as their servers say; and where they were last, for when DNS does not answer (RFC 8767):
 * an address that has moved is no worse than none.
 */
export class AddressCache {
  readonly #ticks: () => number;
  /** Used last first. */
  readonly #entries: Entry[] = [];

  constructor(ticks: () => number) {
    this.#ticks = ticks;
  }

  /** To be tried in that order; undefined when DNS has to be asked. */
  fresh(host: string): readonly string[] | undefined {
    const entry = this.#find(host);
    const isFresh = entry !== undefined && !entry.isDoubtful && this.#ticks() < entry.untilTicks;
    return isFresh ? inOrder(this.#keep(entry)) : undefined;
  }

  /** What was known last, which counts as fresh for `graceMs`; undefined when nothing was. */
  stale(host: string, graceMs: number): readonly string[] | undefined {
    const entry = this.#find(host);
    return entry && inOrder(this.#keep({ ...entry, isDoubtful: false, untilTicks: this.#ticks() + graceMs }));
  }

  /** What DNS has said. What is known about these addresses stays known. */
  keep(host: string, { addresses, ttlS }: Found): readonly string[] {
    const untilTicks = this.#ticks() + Math.min(Math.max(ttlS * 1000, SHORTEST_MS), LONGEST_MS);
    const { worked, failed = [] } = this.#find(host) ?? {};
    return inOrder(this.#keep({ host, addresses, worked, failed, isDoubtful: false, untilTicks }));
  }

  /** There is no such host any more. */
  forget(host: string): void {
    const at = this.#entries.findIndex((each) => each.host === host);
    if (at >= 0) this.#entries.splice(at, 1);
  }

  /** A connection has come up: `address` comes first from now on. */
  worked(host: string, address: string): void {
    const entry = this.#find(host);
    if (entry === undefined || (entry.worked === address && !entry.isDoubtful)) return;
    const failed = entry.failed.filter((each) => each !== address);
    this.#keep({ ...entry, worked: address, failed, isDoubtful: false });
  }

  /** No connection has come up: `address` comes last from now on. */
  failed(host: string, address: string): void {
    const entry = this.#find(host);
    if (entry === undefined) return;
    // Of what DNS does not name any more nothing is kept.
    const failed = entry.failed.filter((each) => each !== address && entry.addresses.includes(each));
    const worked = entry.worked === address ? undefined : entry.worked;
    this.#keep({ ...entry, worked, failed: [...failed, address], isDoubtful: true });
  }

  /** In another network, DNS may say something else. */
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

/** The one that has worked, those of which nothing is known, those that have failed. */
function inOrder({ addresses, worked, failed }: Entry): readonly string[] {
  const first = addresses.filter((each) => each === worked);
  const unknown = addresses.filter((each) => each !== worked && !failed.includes(each));
  return [...first, ...unknown, ...failed.filter((each) => addresses.includes(each))];
}
