// SPDX-License-Identifier: Apache-2.0

import type { Timer } from '../../hal.ts';
import type { NameServer } from '../platform.ts';
import { type Found, readAnswer, writeQuestion } from './dns-packet.ts';
import type { OpenUdpPort, UdpPort } from './udp-port.ts';

/** Wait for the answer to each query, before the next server is asked. The sum leaves time to connect. */
const WAITS_MS = [1000, 1000, 2000, 2000] as const;
/** DHCP gives at most this many. */
const MOST_SERVERS = 3;

export interface DnsLookupOptions {
  /** In the order in which they are asked. */
  readonly servers: readonly NameServer[];
  readonly openPort: OpenUdpPort;
  createTimer(onTimeout: () => void): Timer;
  secureRandom(into: Uint8Array): void;
  /** Called once, perhaps within `start`. `failed`: no server could answer. */
  onDone(result: Found | 'none' | 'failed'): void;
}

/**
 * One query for the addresses of one host, over UDP, to one server after the other, in rounds. A late answer still
 * counts. The socket exists only during the query.
 */
export class DnsLookup {
  readonly #options: DnsLookupOptions;
  readonly #timer: Timer;
  /** Servers that may still answer; the next one to ask first. */
  readonly #servers: NameServer[];
  /** Servers that were asked, so an answer may come from them. */
  readonly #asked: NameServer[] = [];
  #question: Uint8Array | undefined;
  #port: UdpPort | undefined;
  #questions = 0;

  constructor(options: DnsLookupOptions) {
    this.#options = options;
    this.#servers = options.servers.slice(0, MOST_SERVERS);
    this.#timer = options.createTimer(() => this.#ask());
  }

  start(host: string): void {
    this.#question = writeQuestion(host, this.#options.secureRandom);
    this.#ask();
  }

  /** Ends the query. No callback follows. */
  close(): void {
    this.#timer.stop();
    this.#question = undefined;
    this.#port?.close();
    this.#port = undefined;
  }

  #ask(): void {
    const server = this.#servers.shift();
    const waitMs = WAITS_MS[this.#questions];
    const question = this.#question;
    if (server === undefined || waitMs === undefined || question === undefined) {
      this.#end('failed');
      return;
    }
    this.#questions += 1;
    this.#servers.push(server);
    if (!this.#asked.includes(server)) this.#asked.push(server);
    this.#timer.start(waitMs);
    try {
      this.#port ??= this.#options.openPort((bytes, address, port) => this.#take(bytes, address, port));
      this.#port.send(question, server.address, server.port);
    } catch {
      // Counts as a lost datagram: the timer is running.
    }
  }

  /** Ignores datagrams that are no valid answer: anybody can send them. */
  #take(bytes: Uint8Array, address: string, port: number): void {
    const server = this.#asked.find((each) => each.address === address && each.port === port);
    if (server === undefined || this.#question === undefined) return;
    const answer = readAnswer(bytes, this.#question);
    if (answer === 'failed') this.#giveUp(server);
    else if (answer !== undefined) this.#end(answer);
  }

  /** Removes a server that cannot answer. If it was asked last, the next one is asked at once. */
  #giveUp(server: NameServer): void {
    const at = this.#servers.indexOf(server);
    if (at < 0) return;
    const isLast = at === this.#servers.length - 1;
    this.#servers.splice(at, 1);
    if (isLast) this.#ask();
  }

  #end(result: Found | 'none' | 'failed'): void {
    this.close();
    this.#options.onDone(result);
  }
}
