// SPDX-License-Identifier: Apache-2.0
/** Applies planned faults to a world when their turn has come. */

import type { FlashFault } from '../../../hal/fake/flash.ts';
import type { Verdict } from '../../../hal/fake/network.ts';
import { DEADLINES } from '../../../src/http/exchange.ts';
import type { Fault } from '../../platform/faults.ts';
import { ThrownByHal } from '../machine/meddling.ts';
import type { WireRequest } from '../wire/request-reader.ts';
import { damage } from './damage.ts';
import { checkFault, isPowerCut, noOccasions, type Occasion, orderOf, type PlannedFault } from './fault.ts';
import { Striker, type StrikerOptions } from './striker.ts';

export interface InjectorOptions extends StrikerOptions {
  readonly faults: readonly PlannedFault[];
  /** Called with each fault when it has really been applied. */
  readonly onApplied?: ((fault: PlannedFault) => void) | undefined;
}

/** Time for which the flash stays full. */
const FULL_MS = 300_000;
const NOTIFICATIONS = '/notification/operations';
const FILES = '/inventory/binaries/';

/** Counts occasions from `arm` on, and applies one fault after the other. */
export class Injector {
  /** Occasions since `arm`. */
  readonly occasions = noOccasions();
  /** Occasions since the last fault. */
  readonly since = noOccasions();
  /** Number of faults whose turn has come. */
  turns = 0;
  /** Number of them that leave open whether a request was carried out. */
  ambiguous = 0;
  /** Number of faults on a write, whose record may be lost. */
  hitWrites = 0;
  /** Number of flash changes with a wrong result, including those of a full flash. */
  harmedWrites = 0;
  /** A value on the flash was damaged. */
  damaging = false;
  /** The last error that the HAL has thrown. */
  thrown: ThrownByHal | undefined;
  readonly #options: InjectorOptions;
  readonly #striker: Striker;
  /** The applied faults. */
  readonly #applied = new Set<PlannedFault>();
  /** Orders to the platform, with their faults. */
  readonly #orders = new Map<Fault, PlannedFault>();
  #fullUntilMs = 0;
  /** Number of connections at the last Bayeux answer that advised a handshake. Undefined: it did not. */
  #advised: number | undefined;

  /** @throws RangeError for an unknown fault */
  constructor(options: InjectorOptions) {
    for (const fault of options.faults) checkFault(fault);
    this.#options = options;
    this.#striker = new Striker(options);
  }

  /** Starts to count. */
  arm(): void {
    const { world, device } = this.#options;
    const { machine } = device;
    const { core } = world.platform;
    if (!device.powered) this.#damage();
    machine.flash.onWrite = () => this.#write();
    if (machine.nor !== undefined) machine.nor.onChange = () => this.#write();
    machine.firmware.onChange = () => this.#write();
    machine.modules.onChange = () => this.#write();
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

  /** Ends all faults. */
  disarm(): void {
    const { world, device } = this.#options;
    const { machine } = device;
    const { core } = world.platform;
    machine.flash.onWrite = undefined;
    if (machine.nor !== undefined) machine.nor.onChange = undefined;
    machine.firmware.onChange = undefined;
    machine.modules.onChange = undefined;
    world.network.decide = () => 'accept';
    world.onRequest = undefined;
    core.onPush = undefined;
    device.onCall = undefined;
    machine.onCount = undefined;
    world.platform.cancel();
    this.#fullUntilMs = 0;
    this.#striker.calm();
  }

  /** Whether the turn of all faults has come. */
  get done(): boolean {
    return this.turns === this.#options.faults.length;
  }

  /** Whether, in addition, no fault still lasts. */
  get calm(): boolean {
    const { nowMs } = this.#options.world.time;
    return this.done && nowMs >= this.#fullUntilMs && nowMs >= this.#striker.lastMs;
  }

  get planned(): readonly PlannedFault[] {
    return this.#options.faults;
  }

  /** Faults that have really been applied. */
  get applied(): readonly PlannedFault[] {
    return this.#options.faults.filter((fault) => this.#applied.has(fault));
  }

  /** Faults that were not applied: their turn never came, or there was nothing to disturb. */
  get missed(): readonly PlannedFault[] {
    return this.#options.faults.filter((fault) => !this.#applied.has(fault));
  }

  /** Number of applied power cuts. */
  get cuts(): number {
    return this.applied.filter(isPowerCut).length;
  }

  #done(fault: PlannedFault): void {
    this.#applied.add(fault);
    this.#options.onApplied?.(fault);
  }

  /** Applies faults to the flash of a board that is off. */
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

  /** The fault for this occasion, if there is one. */
  #take(on: Occasion): PlannedFault | undefined {
    this.occasions[on] += 1;
    this.since[on] += 1;
    const next = this.#options.faults[this.turns];
    if (next?.on !== on || this.since[on] < next.at) return undefined;
    Object.assign(this.since, noOccasions());
    this.turns += 1;
    // The data of a failed call is lost, as after a power cut.
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
    const verdict = fault.what as Verdict;
    this.#striker.forgive();
    // No other connection is made meanwhile: the memory is for one handshake.
    if (verdict === 'hang') this.#options.world.time.schedule(DEADLINES.connectMs, () => this.#striker.forgive());
    return verdict;
  }

  #call(what: string): void {
    const fault = this.#take('call');
    if (fault === undefined) return;
    this.#done(fault);
    this.#striker.forgive();
    this.thrown = new ThrownByHal(what);
    throw this.thrown;
  }

  /** False: the board has lost its boot count before this start. */
  #count(): boolean {
    const fault = this.#take('start');
    if (fault !== undefined) this.#done(fault);
    return fault === undefined;
  }

  #push(): void {
    const fault = this.#take('push');
    if (fault !== undefined) this.#order(fault);
  }

  /** Handles a request. False: it is lost. */
  #exchange({ method, path, body }: WireRequest, number: number): boolean {
    if (path === NOTIFICATIONS) this.#checkAdvice(body);
    const fault = this.#take('exchange');
    if (fault !== undefined) return this.#strike(fault, number);
    this.#striker.pass();
    const message = path === NOTIFICATIONS ? this.#take('bayeux') : undefined;
    if (message !== undefined) this.#order(message);
    const lie = method === 'GET' && path.startsWith(FILES) ? this.#take('download') : undefined;
    if (lie !== undefined) {
      this.#striker.forgive();
      this.#order(lie);
    }
    return true;
  }

  /**
   * Bayeux §3.9.1: a handshake must follow the advice to do one, unless the answer with the advice may have been lost,
   * or the connection ended.
   */
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

  /** Orders a fault from the platform, if the platform can cause it. */
  #order(fault: PlannedFault, order: Fault | undefined = orderOf(fault)): boolean {
    if (order === undefined) return false;
    const own = { ...order };
    this.#orders.set(own, fault);
    this.#options.world.platform.order(own);
    return true;
  }
}
