// SPDX-License-Identifier: Apache-2.0

import { decodeUtf8, utf8 } from '../../src/bytes/text.ts';
import type { NetworkAccess, WifiNetwork } from '../hal.ts';
import type { FakeFlash } from './flash.ts';

/** A name of the HAL's own, which the store of a machine does not allow. */
const KEPT = 'hal:wifi';

/** A network in reach of a machine. */
export interface FakePoint {
  /** Absent: an open network. */
  readonly password?: string | undefined;
  /** Default: it gives the machine an address. */
  readonly hasAddress?: boolean | undefined;
  /** A machine that cannot join it gets no answer. Default: it is refused, as by a network that is not there. */
  readonly isSilent?: boolean | undefined;
}

/** Time of an attempt that is refused, with the wait after it. */
const ATTEMPT_MS = 8000;

export interface FakeWifiOptions extends WifiNetwork {
  /** Networks in reach, by their names. */
  readonly points: Readonly<Record<string, FakePoint>>;
}

/** The services of a network port that the Wi-Fi uses. */
interface Rejoining {
  /** Time of the machine. */
  readonly nowMs: number;
  readonly up: boolean;
  /** Takes the link down now, and up again if it can come up. */
  rejoin(): void;
}

/** Wi-Fi of a machine: the networks in reach, and the network that it keeps. */
export class FakeWifi {
  /** Tests may add and remove networks. */
  readonly points: Record<string, FakePoint>;
  /** Called each time that the link goes down or comes up for another network. */
  onLink: (() => void) | undefined;
  readonly #flash: FakeFlash;
  readonly #first: WifiNetwork;
  /** All trials of all starts: the network to join, and the network kept before. */
  readonly trials: { readonly name: string; readonly before: string }[] = [];

  constructor(flash: FakeFlash, { name, password, points }: FakeWifiOptions) {
    this.#flash = flash;
    this.#first = { name, password };
    this.points = { ...points };
  }

  /** The network with which each start begins. */
  get kept(): WifiNetwork {
    const bytes = this.#flash.values.get(KEPT);
    return bytes === undefined ? this.#first : (JSON.parse(decodeUtf8(bytes, 0, bytes.length)) as WifiNetwork);
  }

  keep(network: WifiNetwork): boolean {
    return this.#flash.write(KEPT, utf8(JSON.stringify(network)));
  }

  /** The state that a machine reaches with this network. */
  statusOf({ name, password }: WifiNetwork): NetworkAccess['status'] {
    const point = Object.hasOwn(this.points, name) ? this.points[name] : undefined;
    if (point === undefined || point.password !== password) return 'searching';
    return point.hasAddress === false ? 'joined' : 'addressed';
  }
}

/** The access of one start. */
export class FakeAccess implements NetworkAccess {
  readonly #wifi: FakeWifi;
  readonly #port: Rejoining;
  #current: WifiNetwork;
  #onTrial = false;
  #sinceMs = 0;

  constructor(wifi: FakeWifi, port: Rejoining) {
    this.#wifi = wifi;
    this.#port = port;
    this.#current = wifi.kept;
  }

  get name(): string | undefined {
    return this.#port.up ? this.#current.name : undefined;
  }

  /** Whether the link can come up. */
  get isThere(): boolean {
    return this.#wifi.statusOf(this.#current) === 'addressed';
  }

  get status(): NetworkAccess['status'] {
    const status = this.#wifi.statusOf(this.#current);
    return status === 'addressed' && !this.#port.up ? 'joined' : status;
  }

  get refusals(): number {
    const isSilent = this.#wifi.points[this.#current.name]?.isSilent === true;
    if (!this.#onTrial || isSilent || this.status !== 'searching') return 0;
    return Math.floor((this.#port.nowMs - this.#sinceMs) / ATTEMPT_MS);
  }

  isKept({ name, password }: WifiNetwork): boolean {
    const { kept } = this.#wifi;
    return kept.name === name && kept.password === password;
  }

  join(network: WifiNetwork): void {
    this.#wifi.trials.push({ name: network.name, before: this.#wifi.kept.name });
    this.#onTrial = true;
    this.#sinceMs = this.#port.nowMs;
    this.#current = network;
    this.#port.rejoin();
  }

  confirm(): boolean {
    if (!this.#onTrial) return true;
    if (!this.#wifi.keep(this.#current)) return false;
    this.#onTrial = false;
    return true;
  }

  rollBack(): void {
    if (!this.#onTrial) return;
    this.#onTrial = false;
    this.#current = this.#wifi.kept;
    this.#port.rejoin();
  }
}
