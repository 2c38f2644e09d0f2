// SPDX-License-Identifier: Apache-2.0

import type { Timer } from '../../hal.ts';
import type { OpenUdpPort, UdpPort } from '../network/udp-port.ts';
import { readAnswer, writeRequest } from './sntp-packet.ts';

const NTP_PORT = 123;
const DEFAULT_SERVERS = 'pool.ntp.org';
const OFF = 'none';
const MOST_SERVERS = 4;

/** Time for the name lookup and the answer. A later answer could be less exact than the Date header. */
const REPLY_MS = 2000;
/** Least wait between two requests (RFC 4330 §10); doubled after each request without an answer. */
const SHORTEST_WAIT_MS = 15_000;
/** After this many failures, nothing is asked until the link comes up again, or until the next day. */
const MOST_TRIES = 4;
const REFRESH_MS = 86_400_000;
/** Bound of the factor of the waits, which doubles each time a server says that it is asked too often. */
const SLOWEST_PACE = 16;
/** Number of remembered addresses that have refused requests. */
const MOST_DENIED = 8;
/** Delay after the link comes up: the connection to the platform goes first. */
const START_MS = 500;
/** Spreads the requests of boards that get power at the same moment. */
const START_SPREAD_MS = 1000;
/** Error of a difference of ticks, which are whole milliseconds. */
const TICK_MS = 2;

export interface SntpServer {
  readonly host: string;
  readonly port: number;
}

export interface SntpOptions {
  readonly servers: readonly SntpServer[];
  /** May call back within the call, or never. */
  resolve(host: string, onResolved: (addresses: readonly string[]) => void): void;
  /** Called when `address` of `host` has not answered, so that another address is asked next time. */
  onSilent(host: string, address: string): void;
  readonly openPort: OpenUdpPort;
  createTimer(onTimeout: () => void): Timer;
  ticks(): number;
  /** From 0 to 1; not for secrets. */
  random(): number;
  secureRandom(into: Uint8Array): void;
  /** Called with the present time. False: that time is impossible. */
  onTime(epochMs: number): boolean;
}

/**
 * Asks time servers while the link is up: when it comes up, then once a day. Nothing waits for the answer: where UDP is
 * blocked, the only cost is four datagrams a day. The socket exists only during a request.
 */
export class Sntp {
  readonly #options: SntpOptions;
  readonly #timer: Timer;
  readonly #denied: string[] = [];
  #next = 0;
  #pace = 1;
  #up = false;
  #tries = 0;
  #askedTicks = -Infinity;
  /** Ticks before which a link that comes up causes no request. */
  #notBefore = 0;
  #port: UdpPort | undefined;
  /** The current request. */
  #request: Uint8Array | undefined;
  /** The address that the current request was sent to. */
  #asked: { readonly host: string; readonly address: string } | undefined;

  constructor(options: SntpOptions) {
    this.#options = options;
    this.#timer = options.createTimer(() => this.#timeout());
  }

  linkChanged(up: boolean): void {
    if (up === this.#up) return;
    this.#up = up;
    this.#end();
    this.#tries = 0;
    const { servers, ticks, random } = this.#options;
    if (!up || servers.length === 0) return;
    this.#timer.start(Math.max(START_MS, this.#notBefore - ticks()) + random() * START_SPREAD_MS);
  }

  /** Asks as soon as a server may be asked again, because the time is in doubt. */
  again(): void {
    if (!this.#up || this.#request !== undefined || this.#options.servers.length === 0) return;
    this.#tries = 0;
    this.#timer.start(Math.max(0, this.#askedTicks + SHORTEST_WAIT_MS * this.#pace - this.#options.ticks()));
  }

  #timeout(): void {
    if (this.#request === undefined) {
      this.#ask();
      return;
    }
    if (this.#asked !== undefined) this.#options.onSilent(this.#asked.host, this.#asked.address);
    this.#failed();
  }

  #ask(): void {
    const { servers, openPort, resolve, ticks, secureRandom } = this.#options;
    const server = servers[this.#next % servers.length];
    if (server === undefined) return;
    this.#next += 1;
    this.#askedTicks = ticks();
    this.#notBefore = this.#askedTicks + SHORTEST_WAIT_MS * this.#pace;
    const request = writeRequest(secureRandom);
    this.#request = request;
    this.#timer.start(REPLY_MS);
    resolve(server.host, (addresses) => {
      const address = addresses.find((each) => !this.#denied.includes(each));
      if (request !== this.#request || this.#port !== undefined || address === undefined) return;
      this.#asked = { host: server.host, address };
      const sentTicks = ticks();
      try {
        this.#port = openPort((bytes, from, port) => {
          if (request !== this.#request || from !== address || port !== server.port) return;
          this.#take(bytes, address, ticks() - sentTicks);
        });
        this.#port.send(request, address, server.port);
      } catch {
        // Counts as a lost datagram: the timer is running.
      }
    });
  }

  /** Ignores datagrams that are no valid answer: anybody can send them. */
  #take(datagram: Uint8Array, address: string, roundTripMs: number): void {
    if (this.#request === undefined) return;
    const answer = readAnswer(datagram, this.#request);
    if (answer === undefined) return;
    if (typeof answer === 'string') {
      this.#kissed(answer, address);
      return;
    }
    const { receivedMs, sentMs } = answer;
    if (sentMs - receivedMs > roundTripMs + TICK_MS) return;
    // The server's time counts as that of half the round trip (RFC 4330 §5, for a clock that starts at 0 with the
    // request).
    if (!this.#options.onTime(Math.round((receivedMs + sentMs + roundTripMs) / 2))) return;
    this.#end();
    this.#rest();
  }

  /** Handles a kiss of death (RFC 5905 §7.4). Unknown codes are ignored: the answer may still come. */
  #kissed(code: string, address: string): void {
    if (code === 'RATE') {
      this.#pace = Math.min(this.#pace * 2, SLOWEST_PACE);
      this.#notBefore = this.#options.ticks() + SHORTEST_WAIT_MS * this.#pace;
    } else if (code === 'DENY' || code === 'RSTR') {
      if (this.#denied.push(address) > MOST_DENIED) this.#denied.shift();
    } else {
      return;
    }
    this.#failed();
  }

  #failed(): void {
    this.#end();
    this.#tries += 1;
    if (this.#tries === MOST_TRIES) this.#restUnlessLink();
    else this.#timer.start(SHORTEST_WAIT_MS * this.#pace * 2 ** (this.#tries - 1) * (1 + this.#options.random() / 2));
  }

  /** Waits for a day after a good answer, even if the link goes down and up. */
  #rest(): void {
    this.#pace = 1;
    this.#notBefore = this.#options.ticks() + this.#restUnlessLink();
  }

  /** Waits for about a day, or until the link comes up; returns the wait in milliseconds. */
  #restUnlessLink(): number {
    this.#tries = 0;
    const waitMs = REFRESH_MS * (0.9 + this.#options.random() / 5);
    this.#timer.start(waitMs);
    return waitMs;
  }

  /** Ends the current request, or the wait for the next. */
  #end(): void {
    this.#timer.stop();
    this.#request = undefined;
    this.#asked = undefined;
    this.#port?.close();
    this.#port = undefined;
  }
}

/** The servers of the key `ntpServers`; empty: no server is asked. Undefined: the value cannot be read. */
export function readServers(value: unknown = DEFAULT_SERVERS): readonly SntpServer[] | undefined {
  if (typeof value !== 'string') return undefined;
  if (value === '' || value === OFF) return [];
  const servers: SntpServer[] = [];
  for (const text of value.split(',')) {
    const [, host = '', digits] = /^\s*([A-Za-z0-9][A-Za-z0-9.-]*)(?::(\d{1,5}))?\s*$/.exec(text) ?? [];
    const port = digits === undefined ? NTP_PORT : Number(digits);
    if (host === '' || port < 1 || port > 65_535 || servers.length === MOST_SERVERS) return undefined;
    servers.push({ host, port });
  }
  return servers;
}
