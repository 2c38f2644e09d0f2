/** Has planned faults strike a world when their time has come. */

import type { FlashFault } from '../../hal/fake/flash.ts';
import type { FakeNetwork, Verdict } from '../../hal/fake/network.ts';
import type { Misbehaviour } from '../platform/faults.ts';
import type { SimulatedDevice } from './device.ts';
import { isPowerCut, type Occasion, PLATFORM_FAULTS, type PlannedFault, REFUSALS } from './fault.ts';
import type { World } from './world.ts';

export interface InjectorOptions {
  readonly world: World;
  /** Whose flash fails and whose power goes. */
  readonly device: SimulatedDevice;
  readonly faults: readonly PlannedFault[];
  readonly random: () => number;
}

/** A state that lasts for a while: the network is slow, the store is full. */
const SPELL_MS = 300_000;
/** The longest pause of a line, and an attempt to connect. */
const ECHO_MS = 120_000;
/** One way: there and back is half a minute. */
const SLOW_MS = 15_000;
const LONGEST_OFF_MS = 20_000;
const LONGEST_LINK_LOSS_MS = 120_000;

/** Counts what happens from `arm` on, and strikes fault after fault. */
export class Injector {
  /** What there has been since `arm`. */
  readonly occasions: Record<Occasion, number> = { write: 0, exchange: 0, connect: 0, rest: 0 };
  /** What there has been since the last fault. */
  readonly since: Record<Occasion, number> = { write: 0, exchange: 0, connect: 0, rest: 0 };
  /** Faults that have struck. */
  struck = 0;
  /** Faults among them that leave it open whether a request was carried out. */
  ambiguous = 0;
  /** Power cuts among them. */
  cuts = 0;
  /** Faults that hit a write, whose record may be gone with it. */
  hitWrites = 0;
  /** A value on the flash was damaged. */
  damaging = false;
  readonly #options: InjectorOptions;
  readonly #latencyMs: number;
  readonly #split: FakeNetwork['split'];
  #slowUntilMs = 0;
  /** Pauses that a spell has brought about last longer than itself. */
  #echoUntilMs = 0;
  #portalUntilMs = 0;
  #fullUntilMs = 0;
  #struckRequest = 0;
  /** What comes when this request was taken, and when its answer is on the way. */
  #pending: { readonly number: number; readonly applied?: () => void; readonly answered?: () => void } | undefined;

  constructor(options: InjectorOptions) {
    this.#options = options;
    this.#latencyMs = options.world.network.latencyMs;
    this.#split = options.world.network.split;
  }

  /** From now on everything counts. */
  arm(): void {
    const { world, device } = this.#options;
    const { machine } = device;
    if (!device.powered) this.#damage();
    machine.flash.onWrite = () => this.#write();
    if (machine.nor !== undefined) machine.nor.onChange = () => this.#write();
    world.network.decide = () => this.#connect();
    world.onRequest = (_request, number) => this.#exchange(number);
    world.onApplied = (number) => {
      if (this.#pending?.number === number) this.#pending.applied?.();
      // What the network does to a device is not held against it.
      if (this.#isTroubled || number === this.#struckRequest) this.#forgive();
    };
    world.onAnswered = (number) => {
      if (this.#pending?.number === number) this.#pending.answered?.();
    };
  }

  /** What lies on the flash of a board that is off. */
  #damage(): void {
    const { device, faults } = this.#options;
    const { flash, nor } = device.machine;
    const sizes = [...flash.values].map(([name, { length }]): [string, number] => [name, length]);
    this.occasions.rest = sizes.reduce((sum, [, length]) => sum + length, lengthOf(nor?.bytes));
    for (let next = faults[this.struck]; next?.on === 'rest'; next = faults[this.struck]) {
      this.struck += 1;
      this.hitWrites += 1;
      this.damaging = true;
      let at = next.at - 1;
      const name = sizes.find(([, length]) => {
        if (at < length) return true;
        at -= length;
        return false;
      })?.[0];
      const value = name === undefined ? undefined : flash.values.get(name);
      if (name === undefined || value === undefined) nor?.flip(at % nor.bytes.length, next.at % 8);
      else if (next.what === 'torn') flash.values.set(name, value.slice(0, at));
      else
        flash.values.set(
          name,
          value.map((byte, i) => (i === at ? byte ^ (1 << (next.at % 8)) : byte)),
        );
    }
  }

  /** Nothing goes wrong any more. */
  disarm(): void {
    const { world, device } = this.#options;
    const { machine } = device;
    machine.flash.onWrite = undefined;
    if (machine.nor !== undefined) machine.nor.onChange = undefined;
    world.network.decide = () => 'accept';
    world.onRequest = undefined;
    world.platform.cancel();
    this.#calm();
  }

  /** All faults have struck. */
  get done(): boolean {
    return this.struck === this.#options.faults.length;
  }

  /** All faults have struck, and none lasts. */
  get calm(): boolean {
    const lastMs = Math.max(this.#slowUntilMs, this.#portalUntilMs, this.#echoUntilMs, this.#fullUntilMs);
    return this.done && this.#options.world.time.nowMs >= lastMs;
  }

  /** The fault that strikes at this occasion, if there is one. */
  #take(on: Occasion): PlannedFault | undefined {
    this.occasions[on] += 1;
    this.since[on] += 1;
    const next = this.#options.faults[this.struck];
    if (next?.on !== on || this.since[on] < next.at) return undefined;
    Object.assign(this.since, { write: 0, exchange: 0, connect: 0, rest: 0 });
    this.struck += 1;
    if (isPowerCut(next)) this.cuts += 1;
    if (on === 'write') this.hitWrites += 1;
    if (next.what === 'torn' || next.what === 'flipped') this.damaging = true;
    if (on === 'exchange' && next.what !== 'before-send') this.ambiguous += 1;
    return next;
  }

  #write(): FlashFault | undefined {
    const { world } = this.#options;
    const fault = this.#take('write');
    if (fault === undefined) return world.time.nowMs < this.#fullUntilMs ? 'refused' : undefined;
    if (fault.what === 'full') {
      this.#fullUntilMs = world.time.nowMs + SPELL_MS;
      return 'refused';
    }
    if (isPowerCut(fault)) this.#powerOnLater();
    return fault.what as FlashFault;
  }

  #connect(): Verdict {
    const fault = this.#take('connect');
    if (fault === undefined) return 'accept';
    this.#forgive();
    return fault.what as Verdict;
  }

  get #isTroubled(): boolean {
    const { nowMs } = this.#options.world.time;
    return nowMs < this.#slowUntilMs || nowMs < this.#portalUntilMs || nowMs < this.#echoUntilMs;
  }

  #forgive(): void {
    const { world, device } = this.#options;
    world.platform.forgive(device.user);
  }

  /** False: the request gets lost. */
  #exchange(number: number): boolean {
    const { world } = this.#options;
    const fault = this.#take('exchange');
    if (world.time.nowMs < this.#portalUntilMs) world.platform.order(PLATFORM_FAULTS['page'] as Misbehaviour);
    if (fault === undefined) return true;
    const ordered = PLATFORM_FAULTS[fault.what] ?? REFUSALS[fault.what];
    if (ordered !== undefined) {
      world.platform.order(ordered);
      return true;
    }
    return this.#strike(fault.what, number);
  }

  #strike(what: string, number: number): boolean {
    const { world, device, random } = this.#options;
    this.#forgive();
    this.#struckRequest = number;
    switch (what) {
      case 'before-send':
        this.#cut();
        return false;
      case 'lost':
        return false;
      case 'after-send':
        this.#pending = { number, applied: () => this.#cut() };
        return true;
      case 'mid-answer':
        this.#amidAnswer(number, () => this.#cut());
        return true;
      case 'after-answer':
        this.#pending = { number, answered: () => this.#later(() => this.#cut()) };
        return true;
      case 'stall':
        this.#amidAnswer(number, () => world.cutConnections('vanish'));
        return true;
      case 'end':
      case 'reset':
        this.#pending = { number, applied: () => world.cutConnections(what) };
        return true;
      case 'silence':
        this.#pending = { number, applied: () => world.cutConnections('vanish') };
        return true;
      case 'asunder':
        this.#pending = { number, applied: () => world.cutConnections('vanish', 1) };
        return true;
      case 'link':
        device.linkDown();
        world.time.schedule(Math.floor(random() * LONGEST_LINK_LOSS_MS), () => device.linkUp());
        return true;
      case 'dropBefore':
      case 'dropAfter':
        world.platform.order({ kind: what });
        return true;
      case 'truncate':
        world.platform.order({ kind: 'truncate', bytes: Math.floor(random() * 200) });
        return true;
      case 'trickle':
        world.platform.order({ kind: 'trickle', ms: 30 });
        return true;
      case 'portal':
        this.#portalUntilMs = world.time.nowMs + SPELL_MS;
        world.platform.order(PLATFORM_FAULTS['page'] as Misbehaviour);
        return true;
      case 'slow':
        this.#slow();
        return true;
      default:
        this.#inBytes();
        return true;
    }
  }

  /** Power off at once, and on again after a while. */
  #cut(): void {
    this.#pending = undefined;
    this.#options.device.powerCut();
    this.#powerOnLater();
  }

  #powerOnLater(): void {
    const { world, device, random } = this.#options;
    // Often at once, sometimes after longer than the platform remembers a poll.
    const offMs = random() < 0.4 ? 0 : Math.floor(random() ** 2 * LONGEST_OFF_MS);
    world.time.schedule(offMs, () => device.start());
  }

  /** When what is on the way now has arrived. */
  #later(act: () => void): void {
    const { time, network } = this.#options.world;
    time.schedule(network.latencyMs, act);
  }

  /** The answer comes in two pieces at least, and `act` between them. */
  #amidAnswer(number: number, act: () => void): void {
    const { network } = this.#options.world;
    network.split = (length) => Math.ceil(length / 2);
    this.#pending = {
      number,
      answered: () => {
        network.split = this.#split;
        this.#later(act);
      },
    };
  }

  #slow(): void {
    const { time, network } = this.#options.world;
    this.#slowUntilMs = time.nowMs + SPELL_MS;
    network.latencyMs = SLOW_MS;
    time.schedule(SPELL_MS, () => this.#calm());
  }

  #inBytes(): void {
    const { time, network } = this.#options.world;
    network.split = () => 1;
    time.schedule(SPELL_MS, () => this.#calm());
  }

  /** All spells are over. */
  #calm(): void {
    const { network, time } = this.#options.world;
    if (this.#isTroubled) this.#echoUntilMs = time.nowMs + ECHO_MS;
    network.latencyMs = this.#latencyMs;
    network.split = this.#split;
    this.#slowUntilMs = 0;
    this.#portalUntilMs = 0;
    this.#fullUntilMs = 0;
  }
}

/** Up to the last byte that is not erased. */
function lengthOf(bytes: Uint8Array | undefined): number {
  let length = bytes?.length ?? 0;
  while (length > 0 && bytes?.[length - 1] === 0xff) length -= 1;
  return length;
}
