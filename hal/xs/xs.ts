// SPDX-License-Identifier: Apache-2.0

import { oneLine } from '../../src/bytes/text.ts';
import { checkEpoch } from '../common/checks.ts';
import type {
  Actuator,
  Board,
  Clock,
  FirmwareSlots,
  Flash,
  Hal,
  Indicator,
  LogLevel,
  LogListener,
  Sensor,
  Store,
  Timer,
  Watchdog,
} from '../hal.ts';
import { XsBoard } from './board.ts';
import { XsActuator, XsIndicator, XsSensor, XsWatchdog } from './devices.ts';
import { XsFlash } from './flash.ts';
import type { XsListener } from './host.ts';
import { XsNetwork } from './network.ts';
import { type Description, LOG_LEVELS, Op } from './protocol.ts';
import { XsStore } from './store.ts';
import { XsTimers } from './timer.ts';

/** The HAL inside the XS host: every service is remoted to a HAL in the parent process (tools/xs/machine.ts). */
export interface XsHal extends Hal {
  /** Configuration given to the parent: flat keys, string values. */
  readonly config: Readonly<Record<string, string>>;
  /** Set by the entry of a bundle that contains `openSlots`. */
  firmware?: FirmwareSlots;
  /** Starts the agent, and stops it in order when the parent asks for it. */
  run(agent: Program): void;
}

/** The part of an agent that the parent may start and stop. */
export interface Program {
  start(): void;
  stop(onStopped: () => void): void;
}

/** Must be called once, after the machine has started. */
export function createXsHal(): XsHal {
  xsHost.call(Op.Describe, 0, 0);
  return new RemoteHal(JSON.parse(xsHost.text()));
}

/** A variable: there is one HAL in a machine, and a field would take memory also without a listener. */
let onLine: LogListener | undefined;

class RemoteHal implements XsHal, XsListener {
  readonly network = new XsNetwork();
  readonly sensors: Readonly<Record<string, Sensor>>;
  readonly actuators: Readonly<Record<string, Actuator>>;
  readonly flash?: Flash;
  readonly indicator?: Indicator;
  readonly watchdog?: Watchdog;
  readonly #timers = new XsTimers();
  #program: Program | undefined;

  constructor({ sensors, actuators, indicator, watchdogPeriodMs, flashSectorBytes, flashSectors }: Description) {
    this.sensors = byName(sensors, (id) => new XsSensor(id));
    this.actuators = byName(actuators, (id) => new XsActuator(id));
    if (flashSectors > 0) this.flash = new XsFlash(flashSectorBytes, flashSectors);
    if (indicator) this.indicator = new XsIndicator();
    if (watchdogPeriodMs > 0) this.watchdog = new XsWatchdog(watchdogPeriodMs);
    xsHost.listen(this);
  }

  get board(): Board {
    return BOARD;
  }

  get clock(): Clock {
    return CLOCK;
  }

  get store(): Store {
    return STORE;
  }

  get config(): Readonly<Record<string, string>> {
    xsHost.call(Op.Config, 0, 0);
    return JSON.parse(xsHost.text());
  }

  createTimer(onTimeout: () => void): Timer {
    return this.#timers.create(onTimeout);
  }

  random(): number {
    return xsHost.call(Op.Random, 0, 0);
  }

  secureRandom(into: Uint8Array): void {
    xsHost.call(Op.SecureRandom, 0, into.length);
    xsHost.copy(into, 0, into.length);
  }

  verify(message: Uint8Array, signature: Uint8Array, publicKey: Uint8Array): boolean {
    const all = new Uint8Array(publicKey.length + signature.length + message.length);
    all.set(publicKey);
    all.set(signature, publicKey.length);
    all.set(message, publicKey.length + signature.length);
    return xsHost.call(Op.Verify, publicKey.length, signature.length, 0, '', all, 0, all.length) === 1;
  }

  resource(name: string): Uint8Array | undefined {
    if (xsHost.call(Op.Resource, 0, 0, 0, name) === 0) return undefined;
    return new Uint8Array(xsHost.flash());
  }

  log(level: LogLevel, line: string): void {
    xsHost.send(Op.Log, LOG_LEVELS.indexOf(level), 0, 0, line);
    onLine?.(level, oneLine(line));
  }

  onLog(listener: LogListener): void {
    onLine = listener;
  }

  restart(reason: string): void {
    xsHost.halt(reason);
  }

  run(agent: Program): void {
    this.#program = agent;
    agent.start();
  }

  /** Calls the receiver of an event directly from here: the stack of the machine is small. */
  event(op: number, id: number, arg: number): void {
    switch (op) {
      case Op.TimerFired:
        this.#timers.take(id, arg)?.onTimeout();
        break;
      case Op.NetworkChanged:
        this.network.changed(arg === 1);
        break;
      case Op.StopRequested:
        this.#program?.stop(() => xsHost.send(Op.Stopped, 0, 0));
        break;
      default:
        this.network.find(id)?.event(op, arg);
    }
  }
}

class XsClock implements Clock {
  ticks(): number {
    return xsHost.ticks();
  }

  now(): number | undefined {
    const now = xsHost.now();
    return Number.isNaN(now) ? undefined : now;
  }

  set(epochMs: number): void {
    checkEpoch(epochMs);
    xsHost.call(Op.ClockSet, 0, 0, epochMs);
  }
}

// Without a state of their own, so they lie in flash.
const BOARD = new XsBoard();
const CLOCK = new XsClock();
const STORE = new XsStore();

function byName<T>(names: readonly string[], create: (id: number) => T): Record<string, T> {
  const result: Record<string, T> = {};
  for (let id = 0; id < names.length; id++) result[names[id] as string] = create(id);
  return result;
}
