// SPDX-License-Identifier: Apache-2.0

import type { Timer } from '../../hal.ts';
import type { OpenUdpPort, UdpPort } from '../network/udp-port.ts';
import { readAnswer, writeRequest } from './sntp-packet.ts';

const NTP_PORT = 123;
const DEFAULT_SERVERS = 'pool.ntp.org';
const OFF = 'none';
const MOST_SERVERS = 4;

/** For the answer, the name included. What comes later could be off by more than the Date header is. */
const REPLY_MS = 2000;
/** Between two questions at least (RFC 4330 §10); doubled after each that had no answer. */
const SHORTEST_WAIT_MS = 15_000;
/** Then nothing more is asked until the link comes up again, or the next day. */
const MOST_TRIES = 4;
const REFRESH_MS = 86_400_000;
/** Each time that a server says it is asked too often, the waits double. */
const SLOWEST_PACE = 16;
/** Addresses that do not want to be asked: so many are remembered. */
const MOST_DENIED = 8;
/** The connection to the platform goes first. */
const START_MS = 500;
/** Boards that get power together do not ask together. */
const START_SPREAD_MS = 1000;
/** Ticks are whole milliseconds at both ends of what they measure. */
const TICK_MS = 2;

export interface SntpServer {
  readonly host: string;
  readonly port: number;
}

export interface SntpOptions {
  readonly servers: readonly SntpServer[];
  /** May never answer, and may answer at once. */
  resolve(host: string, onResolved: (addresses: readonly string[]) => void): void;
  /** From this address of `host`, no answer has come: it is not the one to ask the next time. */
  onSilent(host: string, address: string): void;
  readonly openPort: OpenUdpPort;
  createTimer(onTimeout: () => void): Timer;
  ticks(): number;
  /** From 0 to 1, for what need not be a secret. */
  random(): number;
  secureRandom(into: Uint8Array): void;
  /** It is that late now. False: that cannot be. */
  onTime(epochMs: number): boolean;
}

/**
 * Asks time servers while the link is up: when it comes up, then once a day. Nobody waits for it: where UDP does not get
 * through, four datagrams a day are all that comes of it. Between two questions, there is no socket.
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
  /** Ticks before which nothing is asked when the link comes up. */
  #notBefore = 0;
  #port: UdpPort | undefined;
  /** The question under way. */
  #request: Uint8Array | undefined;
  /** Where it went. */
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

  /** The time is in doubt: as soon as a server may be asked again. */
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
        // As if it had got lost: the timer is running.
      }
    });
  }

  /** What is no answer does not end the question: anybody can send such things. */
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
    // The server's time is taken to be that of half the way (RFC 4330 §5, for a clock that starts at 0 with the question).
    if (!this.#options.onTime(Math.round((receivedMs + sentMs + roundTripMs) / 2))) return;
    this.#end();
    this.#rest();
  }

  /** RFC 5905 §7.4. Other codes mean nothing: the answer is still awaited. */
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

  /** All is well: the link going down and up is no reason to ask again. */
  #rest(): void {
    this.#pace = 1;
    this.#notBefore = this.#options.ticks() + this.#restUnlessLink();
  }

  /** For a day, more or less; returns how long. */
  #restUnlessLink(): number {
    this.#tries = 0;
    const waitMs = REFRESH_MS * (0.9 + this.#options.random() / 5);
    this.#timer.start(waitMs);
    return waitMs;
  }

  /** Of the question under way, or of the wait for the next. */
  #end(): void {
    this.#timer.stop();
    this.#request = undefined;
    this.#asked = undefined;
    this.#port?.close();
    this.#port = undefined;
  }
}

/** Of the key `ntpServers`; empty: there are none to ask. Undefined: it cannot be read. */
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
