// SPDX-License-Identifier: Apache-2.0

import type { UdpPort } from '../../../../hal/esp32/network/udp-port.ts';
import { readServers, Sntp, type SntpOptions } from '../../../../hal/esp32/time/sntp.ts';
import { type NtpAnswer, ntpAnswer } from '../../../support/ntp-server.ts';

export const NOW_MS = Date.UTC(2026, 10, 24, 12);

export const DAY_MS = 86_400_000;

/** A board with one socket and one timer, and a network that answers when a test says so. */
export class World {
  ticks = 0;
  floorMs = Date.UTC(2026, 5, 1);
  random = 0;
  addresses: readonly string[] = ['192.0.2.1'];
  refusesToSend = false;
  readonly resolved: string[] = [];
  readonly sent: { readonly bytes: Uint8Array; readonly to: string; readonly ticks: number }[] = [];
  readonly times: number[] = [];
  readonly silent: string[] = [];
  readonly sntp: Sntp;
  openPorts = 0;
  /** The resolver does not answer before it is called. */
  resolveLater: (() => void) | undefined;
  isSlow = false;
  #due: { readonly ticks: number } | undefined;
  #onTimeout = () => {};
  #onDatagram: Parameters<SntpOptions['openPort']>[0] | undefined;

  constructor(servers = 'time.example') {
    this.sntp = new Sntp({
      servers: readServers(servers) ?? [],
      resolve: (host, onResolved) => {
        this.resolved.push(host);
        const answer = () => onResolved(this.addresses);
        if (this.isSlow) this.resolveLater = answer;
        else answer();
      },
      onSilent: (host, address) => this.silent.push(`${host} ${address}`),
      openPort: (onDatagram) => this.#open(onDatagram),
      createTimer: (onTimeout) => {
        this.#onTimeout = onTimeout;
        return {
          start: (delayMs) => {
            this.#due = { ticks: this.ticks + delayMs };
          },
          stop: () => {
            this.#due = undefined;
          },
        };
      },
      ticks: () => this.ticks,
      random: () => this.random,
      secureRandom: (into) => {
        for (let i = 0; i < into.length; i++) into[i] = Math.floor(Math.random() * 256);
      },
      onTime: (epochMs) => {
        if (epochMs < this.floorMs) return false;
        this.times.push(epochMs);
        return true;
      },
    });
  }

  get isIdle(): boolean {
    return this.#due === undefined;
  }

  run(ms: number): void {
    const end = this.ticks + ms;
    for (let due = this.#due; due !== undefined && due.ticks <= end; due = this.#due) {
      this.ticks = due.ticks;
      this.#due = undefined;
      this.#onTimeout();
    }
    this.ticks = end;
  }

  /** The last question. */
  get request(): Uint8Array {
    const last = this.sent.at(-1);
    if (last === undefined) throw new Error('nothing was sent');
    return last.bytes;
  }

  receive(bytes: Uint8Array, from = '192.0.2.1', port = 123): void {
    this.#onDatagram?.(bytes, from, port);
  }

  answer(nowMs = NOW_MS, answer: NtpAnswer = {}): void {
    this.receive(ntpAnswer(this.request, nowMs, answer));
  }

  #open(onDatagram: Parameters<SntpOptions['openPort']>[0]): UdpPort {
    this.openPorts += 1;
    this.#onDatagram = onDatagram;
    let isOpen = true;
    return {
      send: (bytes, address, port) => {
        if (this.refusesToSend) throw new Error('no route');
        this.sent.push({ bytes: bytes.slice(), to: `${address}:${port}`, ticks: this.ticks });
      },
      close: () => {
        if (isOpen) this.openPorts -= 1;
        isOpen = false;
        this.#onDatagram = undefined;
      },
    };
  }
}

export function asked(servers?: string): World {
  const world = new World(servers);
  world.sntp.linkChanged(true);
  world.run(500);
  return world;
}
