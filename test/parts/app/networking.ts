// SPDX-License-Identifier: Apache-2.0
/** A board whose Wi-Fi is made of words: whatever it joins is the network of the host. */

import type { App } from 'fractus';
import { restart } from 'fractus/capabilities';
import type { NetworkAccess, WifiNetwork } from '../../../hal/hal.ts';
import type { AgentHost } from '../../../src/capabilities/capability.ts';
import { networkBy } from '../../../src/capabilities/network.ts';

const STORED = 'desk-wifi';

class DeskAccess implements NetworkAccess {
  readonly refusals = 0;
  readonly #host: AgentHost;
  #trial: WifiNetwork | undefined;

  constructor(host: AgentHost) {
    this.#host = host;
  }

  get #kept(): string {
    return this.#host.recall(STORED) ?? 'House';
  }

  get name(): string | undefined {
    return this.#host.hal.network.up ? (this.#trial?.name ?? this.#kept) : undefined;
  }

  get status() {
    return this.#host.hal.network.up ? 'addressed' : 'searching';
  }

  isKept({ name }: WifiNetwork): boolean {
    return name === this.#kept;
  }

  join(network: WifiNetwork): void {
    this.#trial = network;
    this.#host.hal.network.reset();
  }

  confirm(): boolean {
    const name = this.#trial?.name;
    if (name === 'Full' || !this.#host.remember(STORED, name)) return false;
    this.#trial = undefined;
    return true;
  }

  /** It is the same network: nobody has to leave it, which on XS would take a moment in which a report may get lost. */
  rollBack(): void {
    this.#trial = undefined;
  }
}

export const capabilities = [restart, networkBy((host) => new DeskAccess(host), { trialS: 60 })];

export const app: App = () => {};
