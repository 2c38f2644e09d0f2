// SPDX-License-Identifier: Apache-2.0

import type { NetworkAccess, WifiNetwork } from '../../hal.ts';
import { type Access, type Radio, readNetworks, type WifiAccessLink } from './wifi-link.ts';

/** States of the radio: it tries to connect, has joined a network, has its addresses. */
const CONNECTING = 300;
const JOINED = 400;
const ADDRESSED = 500;

export interface WifiAccessOptions {
  readonly link: WifiAccessLink;
  /** Takes the link down and up; `up` changes after this call has returned. */
  reset(): void;
  /** The configuration at a start: the firmware's, overridden by the settings of this board. */
  config(): Readonly<Record<string, unknown>>;
  /**
   * Sets both keys at once, as `set` at the console does.
   * @throws Error when the flash refuses: nothing has changed then
   */
  set(settings: { readonly wifiName: string; readonly wifiPassword: string }): void;
}

/** Replaces the first configured network by another one; the others stay. */
export class WifiAccess implements NetworkAccess {
  readonly #options: WifiAccessOptions;
  /** During a trial: the networks before it, and the position of the link in them. */
  #before: Pick<WifiAccessLink, 'networks' | 'next'> | undefined;
  /** During a trial: the radio that counts refusals. */
  #watched: WatchedRadio | undefined;

  constructor(options: WifiAccessOptions) {
    this.#options = options;
  }

  get name(): string | undefined {
    const { up, radio } = this.#options.link;
    // While the link is down, the radio may still name the network before.
    return up ? radio?.SSID : undefined;
  }

  get status(): NetworkAccess['status'] {
    const connection = this.#options.link.radio?.connection ?? 0;
    if (connection >= ADDRESSED) return 'addressed';
    return connection >= JOINED ? 'joined' : 'searching';
  }

  get refusals(): number {
    return this.#watched?.refusals ?? 0;
  }

  isKept({ name, password }: WifiNetwork): boolean {
    const [first] = readNetworks(this.#options.config());
    return first?.SSID === name && first.password === password;
  }

  join({ name, password }: WifiNetwork): void {
    const { networks, next } = this.#options.link;
    this.#before ??= { networks, next };
    this.#watch(true);
    this.#use([password === undefined ? { SSID: name } : { SSID: name, password }], 0);
  }

  confirm(): boolean {
    const { link, config, set } = this.#options;
    const [joined] = link.networks;
    if (this.#before === undefined || joined === undefined) return true;
    try {
      // An open network needs an empty password: the firmware may set one.
      set({ wifiName: joined.SSID, wifiPassword: joined.password ?? '' });
    } catch {
      return false;
    }
    this.#before = undefined;
    this.#watch(false);
    link.networks = readNetworks(config());
    return true;
  }

  rollBack(): void {
    const before = this.#before;
    this.#before = undefined;
    this.#watch(false);
    if (before !== undefined) this.#use(before.networks, before.next);
  }

  /** Counts attempts between the link and its radio, because the link does not report how attempts end. */
  #watch(isOn: boolean): void {
    const { link } = this.#options;
    if (this.#watched !== undefined) link.radio = this.#watched.radio;
    this.#watched = isOn && link.radio !== undefined ? new WatchedRadio(link.radio) : undefined;
    if (this.#watched !== undefined) link.radio = this.#watched;
  }

  /** @param next index of the network that is tried once the link is down */
  #use(networks: readonly Access[], next: number): void {
    const { link, reset } = this.#options;
    link.networks = networks;
    link.next = next;
    reset();
  }
}

/** Counts attempts that end before the link gives them up. */
class WatchedRadio implements Radio {
  readonly radio: Radio;
  refusals = 0;
  #isTrying = false;

  constructor(radio: Radio) {
    this.radio = radio;
  }

  connect(access: Access): void {
    this.#isTrying = true;
    this.radio.connect(access);
  }

  disconnect(): void {
    if (this.#isTrying && this.radio.connection < CONNECTING) this.refusals++;
    this.#isTrying = false;
    this.radio.disconnect();
  }

  close(): void {
    this.radio.close();
  }

  get connection(): number {
    return this.radio.connection;
  }

  get address(): string | undefined {
    return this.radio.address;
  }

  get RSSI(): number | undefined {
    return this.radio.RSSI;
  }

  get SSID(): string | undefined {
    return this.radio.SSID;
  }
}
