// SPDX-License-Identifier: Apache-2.0

import type { Timer } from '../../hal.ts';
import type { NameServer, Platform } from '../platform.ts';
import { AddressCache } from './address-cache.ts';
import { DnsLookup, type DnsLookupOptions } from './dns-lookup.ts';
import type { Found } from './dns-packet.ts';

/** Most names that are looked up at the same time: sockets are few. */
const MOST_QUERIES = 4;
/** Time for the resolver of the platform, after the servers were silent. The sum leaves time to connect. */
const PLATFORM_MS = 4000;
/** The resolver of the platform does not give a time to live. */
const PLATFORM_TTL_S = 60;
/** After DNS has failed, the last known addresses are used for this long before it is asked again (RFC 8767 §5). */
const GRACE_MS = 30_000;

export interface ResolverOptions extends Omit<DnsLookupOptions, 'servers' | 'onDone'> {
  /** The DNS servers at present; may be empty. */
  nameServers(): readonly NameServer[];
  /** Finds one address; asked when our own queries find none. */
  readonly platformResolve: Platform['resolve'];
  ticks(): number;
  /** Called with errors that a user throws. */
  onThrown(error: unknown): void;
}

/** The receiver of the addresses of a host. */
export interface AddressUser {
  /** Receives the addresses in the order in which to try them. When there are none, `trouble` tells a person why. */
  addressed(addresses: readonly string[], trouble: string): void;
}

interface Query {
  readonly host: string;
  readonly users: AddressUser[];
  /** Runs until the query begins, then until the platform answers. */
  readonly timer: Timer;
  /** Undefined before it begins. */
  lookup: DnsLookup | undefined;
}

/**
 * Finds all addresses of a host: from the cache, from the DNS servers of the network, then from the platform's
 * resolver, and last from stale cache entries.
 */
export class Resolver {
  readonly #options: ResolverOptions;
  readonly #cache: AddressCache;
  /** Queries in progress; one for each host. */
  readonly #queries: Query[] = [];
  #platformCalls = 0;

  constructor(options: ResolverOptions) {
    this.#options = options;
    this.#cache = new AddressCache(options.ticks);
  }

  /** Finds the addresses of `host` and calls `user` in an event of its own. */
  resolve(host: string, user: AddressUser): void {
    const addresses = isAddress(host) ? [host] : this.#cache.fresh(host);
    const query = this.#queries.find((each) => each.host === host);
    if (addresses !== undefined) this.#tellSoon(user, addresses, '');
    else if (query !== undefined) query.users.push(user);
    else if (this.#queries.length < MOST_QUERIES) this.#start(host, user);
    else this.#tellSoon(user, [], `${host} was not looked up: too many names at the same time`);
  }

  /** Drops `user`, which is not called any more. The query continues, for the cache. */
  forget(user: AddressUser): void {
    for (const { users } of this.#queries) {
      const at = users.indexOf(user);
      if (at >= 0) users.splice(at, 1);
    }
  }

  /** A connection to `address` has come up. */
  worked(host: string, address: string): void {
    this.#cache.worked(host, address);
  }

  /** A connection to `address` has failed. */
  failed(host: string, address: string): void {
    this.#cache.failed(host, address);
  }

  /** Ends all queries without a call to their users, and makes the cache stale: the next network may be another one. */
  reset(): void {
    for (const query of this.#queries.splice(0)) stop(query);
    this.#cache.expire();
  }

  #start(host: string, user: AddressUser): void {
    const timer = this.#options.createTimer(() => this.#timeout(query));
    const query: Query = { host, users: [user], timer, lookup: undefined };
    this.#queries.push(query);
    timer.start(0);
  }

  #timeout(query: Query): void {
    if (query.lookup !== undefined) {
      this.#unanswered(query);
      return;
    }
    try {
      this.#ask(query);
    } catch (error) {
      this.#options.onThrown(error);
      this.#unanswered(query);
    }
  }

  #ask(query: Query): void {
    const { nameServers, openPort, createTimer, secureRandom } = this.#options;
    query.lookup = new DnsLookup({
      servers: isForPlatform(query.host) ? [] : nameServers(),
      openPort,
      createTimer,
      secureRandom,
      onDone: (result) => this.#answered(query, result),
    });
    query.lookup.start(query.host);
  }

  #answered(query: Query, result: Found | 'none' | 'failed'): void {
    if (result === 'failed') {
      this.#askPlatform(query);
    } else if (result === 'none') {
      this.#cache.forget(query.host);
      this.#end(query, [], `there is no address of ${query.host}`);
    } else {
      this.#end(query, this.#cache.keep(query.host, result), '');
    }
  }

  #askPlatform(query: Query): void {
    if (this.#platformCalls === MOST_QUERIES) {
      this.#unanswered(query);
      return;
    }
    this.#platformCalls += 1;
    query.timer.start(PLATFORM_MS);
    try {
      this.#options.platformResolve(query.host, (_, address) => {
        this.#platformCalls -= 1;
        if (this.#queries.includes(query)) this.#found(query, address);
      });
    } catch {
      this.#platformCalls -= 1;
      this.#unanswered(query);
    }
  }

  /** Takes the answer of the platform's resolver. */
  #found(query: Query, address: string | undefined): void {
    if (address === undefined) this.#unanswered(query);
    else this.#end(query, this.#cache.keep(query.host, { addresses: [address], ttlS: PLATFORM_TTL_S }), '');
  }

  /** Ends a query without an answer, with stale addresses if there are any. */
  #unanswered(query: Query): void {
    const addresses = this.#cache.stale(query.host, GRACE_MS) ?? [];
    this.#end(query, addresses, `no DNS server tells the address of ${query.host}`);
  }

  #end(query: Query, addresses: readonly string[], trouble: string): void {
    const at = this.#queries.indexOf(query);
    if (at < 0) return;
    this.#queries.splice(at, 1);
    stop(query);
    for (const user of query.users) this.#tell(user, addresses, trouble);
  }

  #tellSoon(user: AddressUser, addresses: readonly string[], trouble: string): void {
    this.#options.createTimer(() => this.#tell(user, addresses, trouble)).start(0);
  }

  #tell(user: AddressUser, addresses: readonly string[], trouble: string): void {
    try {
      user.addressed(addresses, trouble);
    } catch (error) {
      this.#options.onThrown(error);
    }
  }
}

function stop({ timer, lookup }: Query): void {
  timer.stop();
  lookup?.close();
}

function isAddress(host: string): boolean {
  return /^[0-9.]+$/.test(host) || host.includes(':');
}

/** Names that are not for DNS (RFC 6761 §6.3, RFC 6762 §3). */
function isForPlatform(host: string): boolean {
  return /(^|\.)local(host)?\.?$/i.test(host);
}
