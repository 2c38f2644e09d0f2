// SPDX-License-Identifier: Apache-2.0

import { type AddressUser, Resolver } from '../../../../hal/esp32/network/resolver.ts';
import type { UdpPort } from '../../../../hal/esp32/network/udp-port.ts';
import type { NameServer } from '../../../../hal/esp32/platform.ts';
import { VirtualTime } from '../../../../hal/fake/time.ts';
import type { Timer } from '../../../../hal/hal.ts';
import { addressRecords, dnsAnswer, nameOf } from '../../../support/name-server.ts';

const WAY_MS = 10;

/** What a server sends back; undefined: nothing. */
export type Reply = (request: Uint8Array) => Uint8Array | undefined;

export interface Asked {
  readonly name: string;
  readonly server: string;
  readonly atMs: number;
  readonly request: Uint8Array;
}

/** A user that writes down what it is told. */
export class Listener implements AddressUser {
  readonly told: string[] = [];

  addressed(addresses: readonly string[], trouble: string): void {
    this.told.push(addresses.length === 0 ? trouble : addresses.join(' '));
  }
}

export function found(...addresses: readonly string[]): Reply {
  return foundFor(60, ...addresses);
}

export function foundFor(ttl: number, ...addresses: readonly string[]): Reply {
  return (request) => dnsAnswer(request, addressRecords(nameOf(request), addresses, ttl));
}

/** DNS servers on 192.0.2.53 and after it, a platform that knows nothing, and a resolver that asks them. */
export class DnsWorld {
  readonly time = new VirtualTime();
  /** By address. */
  readonly servers = new Map<string, Reply>();
  nameServers: readonly NameServer[] = [];
  readonly asked: Asked[] = [];
  readonly platformAsked: string[] = [];
  /** Does not answer when it returns nothing. */
  platform: ((host: string, answer: (address: string | undefined) => void) => void) | undefined;
  readonly thrown: unknown[] = [];
  openPorts = 0;
  runningTimers = 0;
  hasNoSocket = false;
  hasNoWay = false;
  readonly resolver: Resolver;
  /** Of the sockets that are open. */
  readonly receivers = new Set<(bytes: Uint8Array, address: string, port: number) => void>();

  constructor(...replies: readonly Reply[]) {
    this.nameServers = replies.map((_, i) => ({ address: `192.0.2.${53 + i}`, port: 53 }));
    for (const [i, reply] of replies.entries()) this.servers.set(`192.0.2.${53 + i}`, reply);
    this.resolver = new Resolver({
      nameServers: () => this.nameServers,
      platformResolve: (host, onResolved) => {
        this.platformAsked.push(host);
        if (this.platform === undefined) onResolved(host, undefined);
        else this.platform(host, (address) => onResolved(host, address));
      },
      openPort: (onDatagram) => this.#open(onDatagram),
      createTimer: (onTimeout) => this.createTimer(onTimeout),
      ticks: () => this.time.nowMs,
      secureRandom: (into) => {
        for (let i = 0; i < into.length; i++) into[i] = Math.floor(Math.random() * 256);
      },
      onThrown: (error) => this.thrown.push(error),
    });
  }

  /** What is told within `withinMs`. */
  resolve(host = 'a.example', withinMs = 60_000): string[] {
    const listener = this.listen(host);
    this.time.runUntil(() => listener.told.length > 0, withinMs);
    return listener.told;
  }

  listen(host = 'a.example'): Listener {
    const listener = new Listener();
    this.resolver.resolve(host, listener);
    return listener;
  }

  get isIdle(): boolean {
    return this.openPorts === 0 && this.runningTimers === 0;
  }

  createTimer(onTimeout: () => void): Timer {
    let scheduled: { cancel(): void } | undefined;
    const stop = () => {
      if (scheduled !== undefined) this.runningTimers -= 1;
      scheduled?.cancel();
      scheduled = undefined;
    };
    return {
      start: (delayMs) => {
        stop();
        this.runningTimers += 1;
        scheduled = this.time.schedule(delayMs, () => {
          scheduled = undefined;
          this.runningTimers -= 1;
          onTimeout();
        });
      },
      stop,
    };
  }

  #open(onDatagram: (bytes: Uint8Array, address: string, port: number) => void): UdpPort {
    if (this.hasNoSocket) throw new Error('no socket');
    this.openPorts += 1;
    this.receivers.add(onDatagram);
    return {
      send: (bytes, address, port) => {
        if (this.hasNoWay) throw new Error('UDP send failed');
        const request = bytes.slice();
        this.asked.push({ name: nameOf(request), server: address, atMs: this.time.nowMs, request });
        const reply = this.servers.get(address)?.(request);
        if (reply === undefined) return;
        this.time.schedule(2 * WAY_MS, () => {
          if (this.receivers.has(onDatagram)) onDatagram(reply, address, port);
        });
      },
      close: () => {
        if (this.receivers.delete(onDatagram)) this.openPorts -= 1;
      },
    };
  }
}
