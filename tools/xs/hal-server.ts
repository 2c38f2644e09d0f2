// SPDX-License-Identifier: Apache-2.0

import type { Clock, Hal, NetworkAccess, Timer, WifiNetwork } from '../../hal/hal.ts';
import { ACCESS_STATUSES, Access, type Description, INDICATOR_STATES, LOG_LEVELS, Op } from '../../hal/xs/protocol.ts';
import type { TracedHal } from '../trace.ts';
import type { EventSink, Reply, Request } from './request.ts';
import { SensorServer } from './sensor-server.ts';
import { SlotServer } from './slot-server.ts';
import { StreamServer } from './stream-server.ts';

/** The longest delay of a timer. */
const LONGEST_MS = 2 ** 53;

export interface HalServerOptions {
  readonly hal: Hal;
  readonly config: Readonly<Record<string, string>>;
  readonly event: EventSink;
  /** Called when the agent has ended in order. */
  readonly onStopped: () => void;
}

/** Serves one boot of an XS machine with a HAL of this process. */
export class HalServer {
  readonly #hal: Hal;
  readonly #config: Readonly<Record<string, string>>;
  readonly #event: EventSink;
  readonly #onStopped: () => void;
  readonly #timers = new Map<number, ServedTimer>();
  readonly #streams: StreamServer;
  readonly #sensors: SensorServer[];
  readonly #slots: SlotServer;
  #closed = false;

  constructor({ hal, config, event, onStopped }: HalServerOptions) {
    this.#hal = hal;
    this.#config = config;
    this.#event = (op, id, arg, payload) => {
      if (!this.#closed) event(op, id, arg, payload);
    };
    this.#onStopped = onStopped;
    this.#streams = new StreamServer(hal.network, this.#event);
    this.#sensors = Object.values(hal.sensors).map((sensor) => new SensorServer(sensor));
    this.#slots = new SlotServer(hal.firmware);
    hal.network.onChange((up) => this.#event(Op.NetworkChanged, 0, up ? 1 : 0));
  }

  /** Ends timers and streams. Nothing is sent afterwards. */
  close(): void {
    this.#closed = true;
    for (const { timer } of this.#timers.values()) timer.stop();
    this.#streams.close();
  }

  /** Handles a request for which XS does not wait. */
  handle(request: Request): void {
    const { op, id, arg, value, payload } = request;
    const hal = this.#hal;
    switch (op) {
      case Op.TimerStart:
        this.#timer(id).start(arg, value);
        break;
      case Op.TimerStop:
        this.#timer(id).timer.stop();
        break;
      case Op.Log:
        hal.log(LOG_LEVELS[id] ?? 'error', payload.toString());
        break;
      case Op.Trace:
        (hal as TracedHal).trace?.(id, arg, value);
        break;
      case Op.NetworkReset:
        hal.network.reset();
        break;
      case Op.Indicate:
        hal.indicator?.show(INDICATOR_STATES[arg] ?? 'fault');
        break;
      case Op.WatchdogFeed:
        hal.watchdog?.feed();
        break;
      case Op.Stopped:
        this.#onStopped();
        break;
      default:
        this.#streams.handle(request);
    }
  }

  /** Handles a request for which XS waits. @throws the HAL's error, which XS throws again */
  call(request: Request): Reply {
    const { op, id, arg, value, payload } = request;
    const { clock, network } = this.#hal;
    switch (op) {
      case Op.Describe:
        return { value: 0, payload: json(this.#describe()) };
      case Op.Config:
        return { value: 0, payload: json(this.#config) };
      case Op.BoardText:
        return { value: 0, payload: Buffer.from(this.#boardTexts[id] ?? '') };
      case Op.BoardNumber:
        return { value: this.#boardNumbers[id] ?? Number.NaN };
      case Op.NetworkUp:
        return { value: network.up ? 1 : 0 };
      case Op.NetworkAddress:
        return optional(network.address === undefined ? undefined : Buffer.from(network.address));
      case Op.NetworkSignal:
        return { value: network.signalDbm ?? Number.NaN };
      case Op.NetworkAccess:
        return network.access === undefined ? { value: -1 } : callAccess(network.access, id, payload);
      case Op.Firmware:
        return this.#slots.call(request);
      case Op.ClockSet:
        clock.set(value);
        return { value: 0 };
      case Op.Random:
        return { value: this.#hal.random() };
      case Op.SecureRandom: {
        const bytes = new Uint8Array(arg);
        this.#hal.secureRandom(bytes);
        return { value: 0, payload: bytes };
      }
      case Op.Verify: {
        const [key, signature, message] = [
          payload.subarray(0, id),
          payload.subarray(id, id + arg),
          payload.subarray(id + arg),
        ];
        return flag(this.#hal.verify?.(message, signature, key) === true);
      }
      case Op.Resource:
        return optional(this.#hal.resource(payload.toString()));
      case Op.SensorSample:
        return this.#sensor(id).sample(arg);
      case Op.SensorValues:
        return this.#sensor(id).values();
      case Op.ActuatorWrite:
        Object.values(this.#hal.actuators)[id]?.write(value);
        return { value: 0 };
      case Op.FlashRead:
      case Op.FlashProgram:
      case Op.FlashErase:
        return this.#callFlash(request);
      default:
        return this.#callStore(op, arg, payload);
    }
  }

  #callStore(op: number, arg: number, payload: Buffer): Reply {
    const { store } = this.#hal;
    switch (op) {
      case Op.StoreGet:
        return optional(store.get(payload.toString()));
      case Op.StoreSet:
        // A copy, because the payload is part of a receive buffer.
        return flag(store.set(payload.toString('utf8', 0, arg), Uint8Array.from(payload.subarray(arg))));
      case Op.StoreDelete:
        return flag(store.delete(payload.toString()));
      case Op.StoreKeys:
        return { value: 0, payload: json(store.keys()) };
      case Op.StoreFree:
        return { value: store.freeBytes() };
      default:
        throw new RangeError(`xs: unknown operation ${op}`);
    }
  }

  #callFlash({ op, id, arg, value, payload }: Request): Reply {
    const { flash } = this.#hal;
    if (flash === undefined) throw new RangeError('xs: there is no raw flash');
    switch (op) {
      case Op.FlashRead: {
        const bytes = new Uint8Array(arg);
        flash.read(value, bytes, 0, arg);
        return { value: 0, payload: bytes };
      }
      case Op.FlashProgram:
        return flag(flash.program(value, payload, 0, payload.length));
      default:
        return flag(flash.erase(id));
    }
  }

  /** In the order of `BoardText`. */
  get #boardTexts(): readonly string[] {
    const { model, revision, serialNumber, mac, firmware, resetCause } = this.#hal.board;
    return [model, revision, serialNumber, mac, firmware.name, firmware.version, resetCause];
  }

  /** In the order of `BoardNumber`. */
  get #boardNumbers(): readonly number[] {
    const { firmware, bootCount } = this.#hal.board;
    return [firmware.buildTimeMs, bootCount];
  }

  #describe(): Description {
    const { sensors, actuators, indicator, watchdog, flash } = this.#hal;
    return {
      sensors: Object.keys(sensors),
      actuators: Object.keys(actuators),
      indicator: indicator !== undefined,
      flashSectors: flash?.sectors ?? 0,
      flashSectorBytes: flash?.sectorBytes ?? 0,
      watchdogPeriodMs: watchdog?.periodMs ?? 0,
    };
  }

  #sensor(id: number): SensorServer {
    const sensor = this.#sensors[id];
    if (!sensor) throw new RangeError(`xs: no sensor ${id}`);
    return sensor;
  }

  #timer(id: number): ServedTimer {
    let timer = this.#timers.get(id);
    if (!timer) {
      timer = new ServedTimer(this.#hal, (run) => this.#event(Op.TimerFired, id, run));
      this.#timers.set(id, timer);
    }
    return timer;
  }
}

class ServedTimer {
  readonly timer: Timer;
  readonly #clock: Clock;
  #run = 0;

  constructor(hal: Hal, onFired: (run: number) => void) {
    this.#clock = hal.clock;
    this.timer = hal.createTimer(() => onFired(this.#run));
  }

  start(run: number, dueTicks: number): void {
    this.#run = run;
    this.timer.start(Math.min(Math.max(dueTicks - this.#clock.ticks(), 0), LONGEST_MS));
  }
}

function flag(value: boolean): Reply {
  return { value: value ? 1 : 0 };
}

function optional(payload: Uint8Array | undefined): Reply {
  return payload ? { value: 1, payload } : { value: 0 };
}

function json(value: unknown): Buffer {
  return Buffer.from(JSON.stringify(value));
}

/** Handles a request of `Access` to the radio. */
function callAccess(access: NetworkAccess, what: number, payload: Buffer): Reply {
  const meant = () => JSON.parse(payload.toString()) as WifiNetwork;
  switch (what) {
    case Access.Name:
      return optional(access.name === undefined ? undefined : Buffer.from(access.name));
    case Access.Status:
      return { value: ACCESS_STATUSES.indexOf(access.status) };
    case Access.Refusals:
      return { value: access.refusals };
    case Access.IsKept:
      return flag(access.isKept(meant()));
    case Access.Join:
      access.join(meant());
      return { value: 0 };
    case Access.Confirm:
      return flag(access.confirm());
    case Access.RollBack:
      access.rollBack();
      return { value: 0 };
    default:
      throw new RangeError(`xs: unknown question ${what} for the radio`);
  }
}
