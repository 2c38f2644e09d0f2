// SPDX-License-Identifier: Apache-2.0

import { decodeUtf8, utf8 } from '../../src/bytes/text.ts';
import type { NetworkAccess, WifiNetwork } from '../hal.ts';
import type { FakeFlash } from './flash.ts';

/** No name that the store of a machine may have: it is the HAL's own. */
const KEPT = 'hal:wifi';

/** A network in reach of a machine. */
export interface FakePoint {
  /** Absent: an open one. */
  readonly password?: string | undefined;
  /** Default: it gives the machine an address. */
  readonly hasAddress?: boolean | undefined;
  /** Who cannot join it hears nothing. Default: hears that it was refused, as of one that is not there. */
  readonly isSilent?: boolean | undefined;
}

/** An attempt that is refused, with the wait behind it. */
const ATTEMPT_MS = 8000;

export interface FakeWifiOptions extends WifiNetwork {
  /** Networks in reach, by their names. */
  readonly points: Readonly<Record<string, FakePoint>>;
}

/** What a port of the network does for it. */
interface Rejoining {
  /** Time of the machine. */
  readonly nowMs: number;
  readonly up: boolean;
  /** Goes down now, and up when there is something to go up with. */
  rejoin(): void;
}

/** Wi-Fi of a machine: what is in its reach, and what it was told to join. */
export class FakeWifi {
  /** Others may come and go. */
  readonly points: Record<string, FakePoint>;
  /** Told each time that the link goes down or comes up for another one. */
  onLink: (() => void) | undefined;
  readonly #flash: FakeFlash;
  readonly #first: WifiNetwork;
  /** Of all starts: when it was told to join another one, and what it had kept by then. */
  readonly trials: { readonly name: string; readonly before: string }[] = [];

  constructor(flash: FakeFlash, { name, password, points }: FakeWifiOptions) {
    this.#flash = flash;
    this.#first = { name, password };
    this.points = { ...points };
  }

  /** What each start begins with. */
  get kept(): WifiNetwork {
    const bytes = this.#flash.values.get(KEPT);
    return bytes === undefined ? this.#first : (JSON.parse(decodeUtf8(bytes, 0, bytes.length)) as WifiNetwork);
  }

  keep(network: WifiNetwork): boolean {
    return this.#flash.write(KEPT, utf8(JSON.stringify(network)));
  }

  /** How far a machine gets with it. */
  statusOf({ name, password }: WifiNetwork): NetworkAccess['status'] {
    const point = Object.hasOwn(this.points, name) ? this.points[name] : undefined;
    if (point === undefined || point.password !== password) return 'searching';
    return point.hasAddress === false ? 'joined' : 'addressed';
  }
}

/** Of one start. */
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

  /** The link can come up. */
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
