// SPDX-License-Identifier: Apache-2.0

import type { NetworkAccess, WifiNetwork } from '../../hal.ts';
import { type Access, readNetworks, type WifiAccessLink } from './wifi-link.ts';

/** The radio has joined a network, and has its addresses. */
const JOINED = 400;
const ADDRESSED = 500;

export interface WifiAccessOptions {
  readonly link: WifiAccessLink;
  /** What a start begins with: the firmware's, with what was set on this very board in place of it. */
  config(): Readonly<Record<string, unknown>>;
  /** As `set` at the console, both at once. @throws Error when the flash refuses: nothing has changed then */
  set(settings: { readonly wifiName: string; readonly wifiPassword: string }): void;
}

/** Another network in the place of the first that is configured; the others stay. */
export class WifiAccess implements NetworkAccess {
  readonly #options: WifiAccessOptions;
  /** There while another one is on trial: what was tried in turn, and which of it the link had. */
  #before: Pick<WifiAccessLink, 'networks' | 'next'> | undefined;

  constructor(options: WifiAccessOptions) {
    this.#options = options;
  }

  get name(): string | undefined {
    const { up, radio } = this.#options.link;
    // Word of an address that comes late is one of the network before.
    return up ? radio?.SSID : undefined;
  }

  get status(): NetworkAccess['status'] {
    const connection = this.#options.link.radio?.connection ?? 0;
    if (connection >= ADDRESSED) return 'addressed';
    return connection >= JOINED ? 'joined' : 'searching';
  }

  isKept({ name, password }: WifiNetwork): boolean {
    const [first] = readNetworks(this.#options.config());
    return first?.SSID === name && first.password === password;
  }

  join({ name, password }: WifiNetwork): void {
    const { networks, next } = this.#options.link;
    this.#before ??= { networks, next };
    this.#use([password === undefined ? { SSID: name } : { SSID: name, password }], 0);
  }

  confirm(): boolean {
    const { link, config, set } = this.#options;
    const [joined] = link.networks;
    if (this.#before === undefined || joined === undefined) return true;
    try {
      // An open one says so: the firmware may have a password.
      set({ wifiName: joined.SSID, wifiPassword: joined.password ?? '' });
    } catch {
      return false;
    }
    this.#before = undefined;
    link.networks = readNetworks(config());
    return true;
  }

  rollBack(): void {
    const before = this.#before;
    this.#before = undefined;
    if (before !== undefined) this.#use(before.networks, before.next);
  }

  /** @param next index of the one that is tried as soon as the link is down */
  #use(networks: readonly Access[], next: number): void {
    const { link } = this.#options;
    link.networks = networks;
    link.next = next;
    link.reset();
  }
}
