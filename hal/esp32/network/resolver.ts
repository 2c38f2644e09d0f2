// SPDX-License-Identifier: Apache-2.0

import type { Timer } from '../../hal.ts';
import type { Platform } from '../platform.ts';
import { AddressCache } from './address-cache.ts';
import { DnsLookup, type DnsLookupOptions, type NameServer } from './dns-lookup.ts';
import type { Found } from './dns-packet.ts';

/** Names that are looked up at the same time: sockets are few. */
const MOST_QUERIES = 4;
/** What the platform's resolver gets after servers were silent: all of it has to leave time to connect. */
const PLATFORM_MS = 4000;
/** It does not say for how long an answer holds. */
const PLATFORM_TTL_S = 60;
/** After DNS has failed, what was known last is used for so long without asking again (RFC 8767 §5). */
const GRACE_MS = 30_000;

export interface ResolverOptions extends Omit<DnsLookupOptions, 'servers' | 'onDone'> {
  /** As known now; may be empty. */
  nameServers(): readonly NameServer[];
  /** Gives one address; asked for what our own questions do not find. */
  readonly platformResolve: Platform['resolve'];
  ticks(): number;
  /** Told what a user has thrown. */
  onThrown(error: unknown): void;
}

/** Who wants to know where a host is. */
export interface AddressUser {
  /** To be tried in that order. None: `trouble` says why, to a person. */
  addressed(addresses: readonly string[], trouble: string): void;
}

interface Query {
  readonly host: string;
  readonly users: AddressUser[];
  /** For its beginning, then for the platform's answer. */
  readonly timer: Timer;
  /** Undefined before it begins. */
  lookup: DnsLookup | undefined;
}

/**
 * All addresses of a host: as DNS has said and still holds, or by asking the servers of the network; if they cannot
 * tell, the one that the platform finds, and last those known from before.
 */
export class Resolver {
  readonly #options: ResolverOptions;
  readonly #cache: AddressCache;
  /** Under way; one for each host. */
  readonly #queries: Query[] = [];
  #platformCalls = 0;

  constructor(options: ResolverOptions) {
    this.#options = options;
    this.#cache = new AddressCache(options.ticks);
  }

  /** Tells `user` in an event of its own. */
  resolve(host: string, user: AddressUser): void {
    const addresses = isAddress(host) ? [host] : this.#cache.fresh(host);
    const query = this.#queries.find((each) => each.host === host);
    if (addresses !== undefined) this.#tellSoon(user, addresses, '');
    else if (query !== undefined) query.users.push(user);
    else if (this.#queries.length < MOST_QUERIES) this.#start(host, user);
    else this.#tellSoon(user, [], `${host} was not looked up: too many names at the same time`);
  }

  /** `user` does not want to know any more. The question goes on, for the next one. */
  forget(user: AddressUser): void {
    for (const { users } of this.#queries) {
      const at = users.indexOf(user);
      if (at >= 0) users.splice(at, 1);
    }
  }

  /** A connection has come up. */
  worked(host: string, address: string): void {
    this.#cache.worked(host, address);
  }

  /** None has. */
  failed(host: string, address: string): void {
    this.#cache.failed(host, address);
  }

  /** The network is gone, and the next may be another one. Nobody who waits is told. */
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

  /** By the platform. */
  #found(query: Query, address: string | undefined): void {
    if (address === undefined) this.#unanswered(query);
    else this.#end(query, this.#cache.keep(query.host, { addresses: [address], ttlS: PLATFORM_TTL_S }), '');
  }

  /** Nobody who was asked has an answer. */
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
