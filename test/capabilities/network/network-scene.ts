// SPDX-License-Identifier: Apache-2.0
/** A board with Wi-Fi, networks in its reach, and operators who make it join another one. */

import type { ExecutionContext } from 'ava';
import type { FakePoint, FakeWifi } from '../../../hal/fake/wifi.ts';
import { CAPABILITIES, network } from '../../../src/capabilities/index.ts';
import type { Json, Operation } from '../../../tools/platform/model.ts';
import { createOperation } from '../../../tools/platform/operator.ts';
import { World, type WorldOptions } from '../../../tools/simulate/machine/world.ts';
import { objectOf, settle } from '../../agent/scene.ts';

export const MINUTE_MS = 60_000;
/** The network of the first start. */
export const HOUSE = { name: 'House', password: 'bread-and-butter' };
export const BARN = { name: 'Barn', password: 'hay & straw "1"' };

const POINTS: Readonly<Record<string, FakePoint>> = {
  House: { password: HOUSE.password },
  Barn: { password: BARN.password },
  Square: {},
  // A network without a route to the platform, and one without an address.
  Island: {},
  Mute: { hasAddress: false },
  Far: { password: 'nobody knows it', isSilent: true },
};

export class NetworkWorld extends World {
  /** For each network that was kept: its name, and whether the platform had answered over it since it was joined. */
  readonly keeps: { readonly name: string; readonly isProven: boolean }[] = [];
  /** A hook like `onAnswered`, which this world uses itself. */
  onAnswer: (() => void) | undefined;
  #answered: string | undefined;

  constructor(options: WorldOptions = {}) {
    super({
      capabilities: [...CAPABILITIES, network()],
      ...options,
      machine: { wifi: { ...HOUSE, points: POINTS }, ...options.machine },
    });
    this.network.decide = () => (this.access === 'Island' ? 'hang' : 'accept');
    this.onAnswered = () => {
      this.#answered = this.access;
      this.onAnswer?.();
    };
    const { flash } = this.device.machine;
    flash.onWrite = (name) => {
      if (name === 'hal:wifi') this.keeps.push({ name: this.access ?? '', isProven: this.#answered === this.access });
      return undefined;
    };
  }

  /** The name of the network that the current start has joined. */
  get access(): string | undefined {
    return this.device.machine.hal?.network.access?.name;
  }

  get wifi(): FakeWifi {
    const { wifi } = this.device.machine;
    if (wifi === undefined) throw new Error('there is no Wi-Fi');
    return wifi;
  }

  /** The fragment `c8y_Network` in the inventory. */
  get told(): Json | undefined {
    return objectOf(this).fragments['c8y_Network'];
  }

  order(c8y_Network: Json): Operation {
    return createOperation(this.platform, objectOf(this).id, { c8y_Network });
  }

  /** Orders the operation and waits for its end. */
  change(fractus_WiFi: Json): Operation {
    const operation = this.order({ fractus_WiFi });
    this.runUntil(() => isEnded(operation), 20 * MINUTE_MS);
    this.run(5000);
    return operation;
  }

  /** Places that contain a password of a network, except the store of networks and the ordered operation. */
  leaks(): string[] {
    const secrets = [HOUSE.password, BARN.password, 'hay & straw'];
    const values = [...this.device.machine.flash.values].filter(([name]) => name !== 'hal:wifi');
    const texts: [string, string][] = [
      ...this.device.lines.map((line): [string, string] => ['log', line]),
      ...values.map(([name, bytes]): [string, string] => [name, Buffer.from(bytes).toString('latin1')]),
      ...this.exchanges.map(({ path, body }): [string, string] => [path, body]),
      ['inventory', JSON.stringify(objectOf(this).fragments)],
      ['events', JSON.stringify([...this.platform.core.events.values()])],
      ['reasons', JSON.stringify([...this.platform.core.operations.values()].map((each) => each.failureReason))],
    ];
    return texts.flatMap(([where, text]) => (secrets.some((secret) => text.includes(secret)) ? [where] : []));
  }
}

export function isEnded({ status }: Operation): boolean {
  return status === 'SUCCESSFUL' || status === 'FAILED';
}

/** A world whose board listens. */
export function createScene(t: ExecutionContext, options: WorldOptions = {}): NetworkWorld {
  const world = new NetworkWorld(options);
  t.teardown(() => world.finish());
  world.start();
  settle(world);
  return world;
}
