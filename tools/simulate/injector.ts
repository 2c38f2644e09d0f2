// SPDX-License-Identifier: Apache-2.0
/** Has planned faults strike a world when their time has come. */

import type { FlashFault } from '../../hal/fake/flash.ts';
import type { Verdict } from '../../hal/fake/network.ts';
import type { Fault } from '../platform/faults.ts';
import { damage } from './damage.ts';
import { checkFault, isPowerCut, noOccasions, type Occasion, orderOf, type PlannedFault } from './fault.ts';
import { ThrownByHal } from './meddling.ts';
import type { WireRequest } from './request-reader.ts';
import { Striker, type StrikerOptions } from './striker.ts';

export interface InjectorOptions extends StrikerOptions {
  readonly faults: readonly PlannedFault[];
  /** Told of each fault when it has really been done. */
  readonly onApplied?: ((fault: PlannedFault) => void) | undefined;
}

/** How long the flash stays full. */
const FULL_MS = 300_000;
const NOTIFICATIONS = '/notification/operations';

/** Counts what happens from `arm` on, and strikes fault after fault. */
export class Injector {
  /** What there has been since `arm`. */
  readonly occasions = noOccasions();
  /** What there has been since the last fault. */
  readonly since = noOccasions();
  /** Faults whose turn has come. */
  turns = 0;
  /** Faults among them that leave it open whether a request was carried out. */
  ambiguous = 0;
  /** Faults that hit a write, whose record may be gone with it. */
  hitWrites = 0;
  /** Changes of the flash that have not become what they should, those of a full flash among them. */
  harmedWrites = 0;
  /** A value on the flash was damaged. */
  damaging = false;
  /** What the HAL has thrown last. */
  thrown: ThrownByHal | undefined;
  readonly #options: InjectorOptions;
  readonly #striker: Striker;
  /** Faults that have really been done. */
  readonly #applied = new Set<PlannedFault>();
  /** What the platform was told to do, and for which fault. */
  readonly #orders = new Map<Fault, PlannedFault>();
  #fullUntilMs = 0;
  /** The answer to the last Bayeux message said to shake hands: connections by then. Undefined: it did not. */
  #advised: number | undefined;

  /** @throws RangeError for a fault that there is not */
  constructor(options: InjectorOptions) {
    for (const fault of options.faults) checkFault(fault);
    this.#options = options;
    this.#striker = new Striker(options);
  }

  /** From now on everything counts. */
  arm(): void {
    const { world, device } = this.#options;
    const { machine } = device;
    const { core } = world.platform;
    if (!device.powered) this.#damage();
    machine.flash.onWrite = () => this.#write();
    if (machine.nor !== undefined) machine.nor.onChange = () => this.#write();
    world.network.decide = () => this.#connect();
    world.onRequest = (request, number) => this.#exchange(request, number);
    world.onApplied = (number) => this.#striker.requestApplied(number);
    world.onAnswered = (number) => this.#striker.requestAnswered(number);
    core.onPush = () => this.#push();
    device.onCall = (what) => this.#call(what);
    machine.onCount = () => this.#count();
    core.faults.onApplied = (order) => {
      const fault = this.#orders.get(order);
      if (fault === undefined) return;
      this.#done(fault);
      if (fault.what === 'advice-handshake') this.#advised = world.connections;
    };
  }

  /** Nothing goes wrong any more. */
  disarm(): void {
    const { world, device } = this.#options;
    const { machine } = device;
    const { core } = world.platform;
    machine.flash.onWrite = undefined;
    if (machine.nor !== undefined) machine.nor.onChange = undefined;
    world.network.decide = () => 'accept';
    world.onRequest = undefined;
    core.onPush = undefined;
    device.onCall = undefined;
    machine.onCount = undefined;
    world.platform.cancel();
    this.#fullUntilMs = 0;
    this.#striker.calm();
  }

  /** The turn of all faults has come. */
  get done(): boolean {
    return this.turns === this.#options.faults.length;
  }

  /** That, and none lasts. */
  get calm(): boolean {
    const { nowMs } = this.#options.world.time;
    return this.done && nowMs >= this.#fullUntilMs && nowMs >= this.#striker.lastMs;
  }

  get planned(): readonly PlannedFault[] {
    return this.#options.faults;
  }

  /** Faults that have really been done. */
  get applied(): readonly PlannedFault[] {
    return this.#options.faults.filter((fault) => this.#applied.has(fault));
  }

  /** Faults that have not: their turn never came, or nothing was there to be disturbed. */
  get missed(): readonly PlannedFault[] {
    return this.#options.faults.filter((fault) => !this.#applied.has(fault));
  }

  /** Power cuts among those that have been done. */
  get cuts(): number {
    return this.applied.filter(isPowerCut).length;
  }

  #done(fault: PlannedFault): void {
    this.#applied.add(fault);
    this.#options.onApplied?.(fault);
  }

  /** What lies on the flash of a board that is off. */
  #damage(): void {
    const { device, faults } = this.#options;
    this.occasions.rest = damage(device.machine);
    for (let next = faults[this.turns]; next?.on === 'rest'; next = faults[this.turns]) {
      this.turns += 1;
      if (this.occasions.rest === 0) continue;
      damage(device.machine, next);
      this.hitWrites += 1;
      this.damaging = true;
      this.#done(next);
    }
  }

  /** The fault that strikes at this occasion, if there is one. */
  #take(on: Occasion): PlannedFault | undefined {
    this.occasions[on] += 1;
    this.since[on] += 1;
    const next = this.#options.faults[this.turns];
    if (next?.on !== on || this.since[on] < next.at) return undefined;
    Object.assign(this.since, noOccasions());
    this.turns += 1;
    // What a call was to keep is gone as if the power had.
    if (on === 'write' || on === 'call') this.hitWrites += 1;
    if (next.what === 'torn' || next.what === 'flipped') this.damaging = true;
    if (on === 'exchange' && next.what !== 'before-send') this.ambiguous += 1;
    return next;
  }

  #write(): FlashFault | undefined {
    const { time } = this.#options.world;
    const fault = this.#take('write');
    const isFull = time.nowMs < this.#fullUntilMs;
    if (fault !== undefined || isFull) this.harmedWrites += 1;
    if (fault === undefined) return isFull ? 'refused' : undefined;
    this.#done(fault);
    if (fault.what === 'full') {
      this.#fullUntilMs = time.nowMs + FULL_MS;
      return 'refused';
    }
    if (isPowerCut(fault)) this.#striker.powerOnLater();
    return fault.what as FlashFault;
  }

  #connect(): Verdict {
    const fault = this.#take('connect');
    if (fault === undefined) return 'accept';
    this.#done(fault);
    this.#striker.forgive();
    return fault.what as Verdict;
  }

  #call(what: string): void {
    const fault = this.#take('call');
    if (fault === undefined) return;
    this.#done(fault);
    this.#striker.forgive();
    this.thrown = new ThrownByHal(what);
    throw this.thrown;
  }

  /** False: the start is the first one that the board remembers. */
  #count(): boolean {
    const fault = this.#take('start');
    if (fault !== undefined) this.#done(fault);
    return fault === undefined;
  }

  #push(): void {
    const fault = this.#take('push');
    if (fault !== undefined) this.#order(fault);
  }

  /** False: the request gets lost. */
  #exchange({ path, body }: WireRequest, number: number): boolean {
    if (path === NOTIFICATIONS) this.#checkAdvice(body);
    const fault = this.#take('exchange');
    if (fault !== undefined) return this.#strike(fault, number);
    this.#striker.pass();
    const message = path === NOTIFICATIONS ? this.#take('bayeux') : undefined;
    if (message !== undefined) this.#order(message);
    return true;
  }

  /** Bayeux §3.9.1: what follows the advice to shake hands is a handshake, unless its answer may have been lost, or hung up on. */
  #checkAdvice(body: Uint8Array): void {
    const isHeeded = Buffer.from(body).includes('"/meta/handshake"');
    const { world, faults } = this.#options;
    if (this.#advised === world.connections && !isHeeded && faults.length === 1)
      world.troubles.push('the advice to shake hands is ignored');
    this.#advised = undefined;
  }

  #strike(fault: PlannedFault, number: number): boolean {
    if (this.#order(fault)) return true;
    return this.#striker.strike(fault.what, number, {
      done: () => this.#done(fault),
      order: (order) => this.#order(fault, order),
    });
  }

  /** Has the platform do it, if it is the platform's to do. */
  #order(fault: PlannedFault, order: Fault | undefined = orderOf(fault)): boolean {
    if (order === undefined) return false;
    const own = { ...order };
    this.#orders.set(own, fault);
    this.#options.world.platform.order(own);
    return true;
  }
}
