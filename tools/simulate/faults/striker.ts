// SPDX-License-Identifier: Apache-2.0
/** Applies faults of network and power to an exchange, and for a while after it. */

import type { FakeNetwork } from '../../../hal/fake/network.ts';
import type { Fault } from '../../platform/faults.ts';
import type { SimulatedDevice } from '../machine/device.ts';
import type { World } from '../machine/world.ts';
import { PLATFORM_FAULTS } from './fault.ts';

/** Duration of a lasting state: a slow network, a portal. */
const SPELL_MS = 300_000;
/** The longest pause of a line, plus an attempt to connect. */
const ECHO_MS = 120_000;
/** Latency in each direction: a round trip takes half a minute. */
export const SLOW_MS = 15_000;
const LONGEST_OFF_MS = 20_000;
const LONGEST_LINK_LOSS_MS = 120_000;
const PORTAL = PLATFORM_FAULTS['page'] as Fault;

export interface StrikerOptions {
  readonly world: World;
  /** The device whose flash fails and whose power is cut. */
  readonly device: SimulatedDevice;
  readonly random: () => number;
}

export interface StrikeOptions {
  /** Must be called when the fault has really been applied. */
  readonly done: () => void;
  /** Orders the fault from the platform, which reports when it is applied. */
  readonly order: (order: Fault) => void;
}

/** Actions for the time when the request is processed, or its answer is sent. */
interface Pending {
  readonly applied?: () => void;
  readonly answered?: () => void;
}

export class Striker {
  readonly #options: StrikerOptions;
  readonly #latencyMs: number;
  readonly #split: FakeNetwork['split'];
  readonly #pending = new Map<number, Pending>();
  #slowUntilMs = 0;
  #portalUntilMs = 0;
  /** End of the pauses that a lasting state has caused, which outlast it. */
  #echoUntilMs = 0;
  #struckRequest = 0;

  constructor(options: StrikerOptions) {
    this.#options = options;
    this.#latencyMs = options.world.network.latencyMs;
    this.#split = options.world.network.split;
  }

  /** End of the last lasting state. */
  get lastMs(): number {
    return Math.max(this.#slowUntilMs, this.#portalUntilMs, this.#echoUntilMs);
  }

  get #isTroubled(): boolean {
    return this.#options.world.time.nowMs < this.lastMs;
  }

  /** Excuses the device for the effects of the network. */
  forgive(): void {
    const { world, device } = this.#options;
    world.platform.forgive(device.user);
  }

  /** The platform has processed this request, and may have answered it. */
  requestApplied(number: number): void {
    const { applied } = this.#pending.get(number) ?? {};
    if (applied !== undefined) this.#pending.delete(number);
    applied?.();
    if (this.#isTroubled || number === this.#struckRequest) this.forgive();
  }

  /** The answer to this request has been sent. */
  requestAnswered(number: number): void {
    const { answered } = this.#pending.get(number) ?? {};
    if (answered !== undefined) this.#pending.delete(number);
    answered?.();
  }

  /** Handles a request without a fault of its own. */
  pass(): void {
    const { world } = this.#options;
    if (world.time.nowMs < this.#portalUntilMs) world.platform.order({ ...PORTAL });
  }

  /** Applies a fault to a request. @returns false: the request is lost */
  strike(what: string, number: number, { done, order }: StrikeOptions): boolean {
    const { world, device, random } = this.#options;
    this.forgive();
    this.#struckRequest = number;
    switch (what) {
      case 'before-send':
        this.#cut(done);
        return false;
      case 'lost':
        done();
        return false;
      case 'after-send':
        this.#pending.set(number, { applied: () => this.#cut(done) });
        return true;
      case 'mid-answer':
        this.#amidAnswer(number, () => this.#cut(done));
        return true;
      case 'after-answer':
        this.#pending.set(number, { answered: () => this.#later(() => this.#cut(done)) });
        return true;
      case 'stall':
        this.#amidAnswer(number, () => this.#break('vanish', done));
        return true;
      case 'end':
      case 'reset':
        this.#pending.set(number, { applied: () => this.#break(what, done) });
        return true;
      case 'silence':
        this.#pending.set(number, { applied: () => this.#break('vanish', done) });
        return true;
      case 'asunder':
        this.#pending.set(number, { applied: () => this.#break('vanish', done, 1) });
        return true;
      case 'link':
        device.linkDown();
        world.time.schedule(Math.floor(random() * LONGEST_LINK_LOSS_MS), () => device.linkUp());
        done();
        return true;
      case 'dropBefore':
      case 'dropAfter':
        order({ kind: what });
        return true;
      case 'truncate':
        order({ kind: 'truncate', bytes: Math.floor(random() * 200) });
        return true;
      case 'trickle':
        order({ kind: 'trickle', ms: 30 });
        return true;
      case 'portal':
        this.#portalUntilMs = world.time.nowMs + SPELL_MS;
        order(PORTAL);
        return true;
      case 'slow':
        this.#slow(done);
        return true;
      case 'bytes':
        this.#inBytes(done);
        return true;
      default:
        throw new RangeError(`nothing here does ${what} to an exchange`);
    }
  }

  /** Ends all lasting states. */
  calm(): void {
    const { network, time } = this.#options.world;
    if (this.#isTroubled) this.#echoUntilMs = time.nowMs + ECHO_MS;
    network.latencyMs = this.#latencyMs;
    network.split = this.#split;
    this.#slowUntilMs = 0;
    this.#portalUntilMs = 0;
  }

  /** Switches the power on, often at once, sometimes only after the platform has dropped the poll. */
  powerOnLater(): void {
    const { world, device, random } = this.#options;
    const offMs = random() < 0.4 ? 0 : Math.floor(random() ** 2 * LONGEST_OFF_MS);
    world.time.schedule(offMs, () => device.start());
  }

  /** Cuts the power at once, and switches it on after a while. */
  #cut(done: () => void): void {
    const { device } = this.#options;
    if (!device.powered) return;
    device.powerCut();
    this.powerOnLater();
    done();
  }

  #break(how: 'end' | 'reset' | 'vanish', done: () => void, count?: number): void {
    if (this.#options.world.cutConnections(how, count) > 0) done();
  }

  /** Calls `act` when the bytes in transit have arrived. */
  #later(act: () => void): void {
    const { time, network } = this.#options.world;
    time.schedule(network.latencyMs, act);
  }

  /** Splits the answer into at least two pieces, and calls `act` between them. */
  #amidAnswer(number: number, act: () => void): void {
    const { network } = this.#options.world;
    network.split = (length) => Math.ceil(length / 2);
    this.#pending.set(number, {
      answered: () => {
        network.split = this.#split;
        this.#later(act);
      },
    });
  }

  #slow(done: () => void): void {
    const { time, network } = this.#options.world;
    this.#slowUntilMs = time.nowMs + SPELL_MS;
    network.latencyMs = SLOW_MS;
    time.schedule(SPELL_MS, () => this.calm());
    done();
  }

  #inBytes(done: () => void): void {
    const { time, network } = this.#options.world;
    network.split = () => 1;
    time.schedule(SPELL_MS, () => this.calm());
    done();
  }
}
