// SPDX-License-Identifier: Apache-2.0
/** A radio for virtual boards: networks with names and passwords, all of them within this host. */

import type { NetworkAccess, WifiNetwork } from '../hal.ts';

/** A network in reach. */
export interface VirtualPoint {
  /** Absent: an open network. */
  readonly password?: string;
  /** False: a board that has joined it gets no address. */
  readonly hasAddress?: boolean;
  /** False: nothing is reached over it. */
  readonly hasRoute?: boolean;
}

/** Networks by their names. */
export type VirtualPoints = Readonly<Record<string, VirtualPoint>>;

/** The networks in reach of the boards of the desk, which are flashed for the first of them. */
export const DESK_POINTS: VirtualPoints = {
  House: { password: 'bread-and-butter' },
  Barn: { password: 'hay-and-straw' },
  Yard: {},
  Shed: { password: 'rakes-and-spades', hasAddress: false },
  Island: { password: 'sand-and-stones', hasRoute: false },
};

/** Time of an attempt that is refused, with the wait after it. */
const ATTEMPT_MS = 1000;

/** The part of a network that survives a restart of its board. */
export interface WifiFlash {
  wifi: WifiNetwork | undefined;
}

/** The services of the board's network that the radio uses. */
interface Link {
  readonly up: boolean;
  /** Takes the link down now, and up again if it can come up. */
  reset(): void;
}

/** The radio of one start. */
export class VirtualAccess implements NetworkAccess {
  readonly #points: VirtualPoints;
  readonly #flash: WifiFlash;
  readonly #link: Link;
  #current: WifiNetwork;
  #isOnTrial = false;
  #sinceMs = 0;

  constructor(points: VirtualPoints, flash: WifiFlash, link: Link) {
    this.#points = points;
    this.#flash = flash;
    this.#link = link;
    this.#current = this.#kept;
  }

  get name(): string | undefined {
    return this.#link.up ? this.#current.name : undefined;
  }

  /** Whether the link can come up. */
  get isThere(): boolean {
    return this.#reached === 'addressed';
  }

  get hasRoute(): boolean {
    return this.#point?.hasRoute !== false;
  }

  get status(): NetworkAccess['status'] {
    const reached = this.#reached;
    return reached === 'addressed' && !this.#link.up ? 'joined' : reached;
  }

  get refusals(): number {
    if (!this.#isOnTrial || this.#reached !== 'searching') return 0;
    return Math.floor((performance.now() - this.#sinceMs) / ATTEMPT_MS);
  }

  isKept({ name, password }: WifiNetwork): boolean {
    const kept = this.#kept;
    return kept.name === name && kept.password === password;
  }

  join(network: WifiNetwork): void {
    this.#isOnTrial = true;
    this.#sinceMs = performance.now();
    this.#current = network;
    this.#link.reset();
  }

  confirm(): boolean {
    if (!this.#isOnTrial) return true;
    try {
      this.#flash.wifi = this.#current;
    } catch {
      return false;
    }
    this.#isOnTrial = false;
    return true;
  }

  rollBack(): void {
    if (!this.#isOnTrial) return;
    this.#isOnTrial = false;
    this.#current = this.#kept;
    this.#link.reset();
  }

  /** The kept network; the first one until another one was kept. */
  get #kept(): WifiNetwork {
    const [name = '', point] = Object.entries(this.#points)[0] ?? [];
    return this.#flash.wifi ?? { name, password: point?.password };
  }

  get #point(): VirtualPoint | undefined {
    const { name } = this.#current;
    return Object.hasOwn(this.#points, name) ? this.#points[name] : undefined;
  }

  /** The state that a board reaches with the current network. */
  get #reached(): NetworkAccess['status'] {
    const point = this.#point;
    if (point === undefined || point.password !== this.#current.password) return 'searching';
    return point.hasAddress === false ? 'joined' : 'addressed';
  }
}
