// SPDX-License-Identifier: Apache-2.0

import Resource from 'Resource';
import { Digest } from 'crypt';
import firmware from 'fractus/firmware';
import platform from 'fractus/platform';
import parts from 'fractus/sensors';
import Time from 'time';
import { oneLine } from '../../src/bytes/text.ts';
import { thrownText } from '../common/guard.ts';
import type {
  Actuator,
  FirmwareSlots,
  Flash,
  Hal,
  Indicator,
  LogLevel,
  LogListener,
  ModuleSlot,
  Sensor,
  Sleep,
  Timer,
  Watchdog,
} from '../hal.ts';
import { Esp32Board } from './board.ts';
import { AGENT_SPACE, FACTORY_SPACE, OWN_SPACE } from './config.ts';
import { Esp32Indicator } from './indicator.ts';
import { Esp32Modules } from './mods/modules.ts';
import { Esp32Network } from './network/network.ts';
import { Resolver } from './network/resolver.ts';
import { udpPorts } from './network/udp-port.ts';
import {
  type ActuatorDeclaration,
  connectActuators,
  connectSensors,
  readSensors,
  type SensorDeclaration,
} from './sensors/connect.ts';
import { RadioSensor } from './sensors/radio.ts';
import { Esp32Flash } from './storage/flash.ts';
import { Esp32Store } from './storage/store.ts';
import { Esp32Clock } from './time/clock.ts';
import { readServers, Sntp } from './time/sntp.ts';
import { TimeFloor } from './time/time-floor.ts';
import { Esp32Timers } from './timers.ts';

export { OWN_SPACE };

export interface Esp32HalOptions {
  /** The keys of this HAL, as in docs/configuration.md. */
  readonly config?: Readonly<Record<string, unknown>> | undefined;
  /**
   * Sensors and actuators in addition to those of the board and its configuration. An entry replaces one with the same
   * name.
   */
  readonly sensors?: Readonly<Record<string, SensorDeclaration>> | undefined;
  readonly actuators?: Readonly<Record<string, ActuatorDeclaration>> | undefined;
}

/** Longest line that goes to the console. */
const LINE_MAX_CHARS = 400;

/** Creates the HAL of an ESP32 on the Moddable SDK. Call it once, after the start. */
export function createEsp32Hal(options: Esp32HalOptions = {}): Hal {
  return new Esp32Hal(options);
}

class Esp32Hal implements Hal {
  readonly board: Esp32Board;
  readonly clock: Esp32Clock;
  readonly network: Esp32Network;
  readonly store: Esp32Store;
  readonly flash?: Flash;
  readonly sensors: Readonly<Record<string, Sensor>>;
  readonly actuators: Readonly<Record<string, Actuator>>;
  readonly indicator?: Indicator;
  readonly watchdog?: Watchdog;
  readonly firmware?: FirmwareSlots;
  readonly modules?: ModuleSlot;
  readonly sleep?: Sleep;
  readonly #timers: Esp32Timers;
  readonly #sntp: Sntp;
  #onLine: LogListener | undefined;

  constructor({ config = {}, sensors = {}, actuators = {} }: Esp32HalOptions) {
    const floor = new TimeFloor(platform.openValues(OWN_SPACE), firmware.buildTimeMs);
    this.clock = new Esp32Clock(floor, Time, () => {
      this.log('warn', 'the time of the platform is in doubt: it makes all certificates invalid');
      this.#sntp.again();
    });
    const onFault = (error: unknown) => this.log('error', thrownText(error));
    const onThrown = (error: unknown) => {
      onFault(error);
      this.#silence();
      // The restart is not noted, so the next start reports a crash.
      platform.restart();
    };
    this.#timers = new Esp32Timers({ clock: this.clock, onThrown });
    this.store = new Esp32Store({
      values: platform.openValues(AGENT_SPACE),
      report: (line) => this.log('error', line),
    });
    const partition = platform.openFlash();
    if (partition !== undefined) {
      this.flash = new Esp32Flash({ partition, report: (line) => this.log('error', line) });
    }
    this.board = new Esp32Board(platform, firmware, platform.openValues(OWN_SPACE));
    const servers = readServers(config['ntpServers']);
    if (servers === undefined) this.log('error', 'ntpServers: cannot be read, no time server is asked');
    const createTimer = (onTimeout: () => void) => this.createTimer(onTimeout);
    const ticks = () => this.clock.ticks();
    const secureRandom = (into: Uint8Array) => this.secureRandom(into);
    const openPort = udpPorts({ secureRandom, onThrown: onFault });
    const resolver = new Resolver({
      nameServers: () => platform.nameServers(),
      platformResolve: platform.resolve,
      openPort,
      createTimer,
      ticks,
      secureRandom,
      onThrown: onFault,
    });
    this.#sntp = new Sntp({
      servers: servers ?? [],
      resolve: (host, onResolved) => resolver.resolve(host, { addressed: onResolved }),
      onSilent: (host, address) => resolver.failed(host, address),
      openPort,
      createTimer,
      ticks,
      random: () => this.random(),
      secureRandom,
      onTime: (epochMs) => this.#suggest(epochMs),
    });
    this.network = new Esp32Network({
      link: platform.createLink(config),
      resolver,
      createTimer,
      resource: (name) => this.resource(name),
      time: () => this.clock.knownTime(),
      onDatesJudged: (time, isGood) => this.clock.judged(time, isGood),
      onLink: (up) => this.#sntp.linkChanged(up),
      onFault,
      onThrown,
    });
    this.#sntp.linkChanged(this.network.up);
    const services = platform.createServices((isExpected) => this.board.expectRestart(isExpected));
    if (services.firmware !== undefined) this.firmware = services.firmware;
    const modules = openModules();
    if (modules !== undefined) this.modules = modules;
    if (services.sleep !== undefined) this.sleep = services.sleep;
    if (services.watchdog !== undefined) this.watchdog = services.watchdog;
    const light = platform.createLight(config);
    if (light !== undefined) this.indicator = new Esp32Indicator({ light, createTimer });
    const connecting = {
      connectors: platform.connectors(config),
      clock: this.clock,
      log: (level: LogLevel, line: string) => this.log(level, line),
    };
    const configured = readSensors(config['sensors'], parts, (line) => this.log('error', line));
    this.sensors = {
      radio: new RadioSensor(this.network),
      ...platform.createSensors(),
      ...connectSensors({ ...configured, ...sensors }, connecting),
    };
    this.actuators = { ...platform.createActuators(), ...connectActuators(actuators, connecting) };
  }

  createTimer(onTimeout: () => void): Timer {
    return this.#timers.create(onTimeout);
  }

  random(): number {
    return Math.random();
  }

  secureRandom(into: Uint8Array): void {
    if (into.length === 0) return;
    const bytes = new ArrayBuffer(into.length);
    platform.fillRandom(bytes);
    into.set(new Uint8Array(bytes));
  }

  resource(name: string): Uint8Array | undefined {
    if (name === '') return undefined;
    try {
      const own = platform.openValues(name.startsWith('enrolled') ? AGENT_SPACE : FACTORY_SPACE).read(name);
      if (own !== undefined) return new Uint8Array(own);
    } catch {
      // The name is too long for a value, or the flash fails: the firmware's resource is used.
    }
    if (!Resource.exists(name)) return undefined;
    const resource = new Resource(name);
    return new Uint8Array(resource.slice(0, resource.byteLength));
  }

  log(level: LogLevel, line: string): void {
    const shown = oneLine(line.slice(0, LINE_MAX_CHARS));
    platform.print(`${level}: ${shown}`);
    this.#onLine?.(level, shown);
  }

  onLog(listener: LogListener): void {
    this.#onLine = listener;
  }

  restart(_reason: string): void {
    this.#silence();
    this.board.expectRestart(true);
    platform.restart();
  }

  #silence(): void {
    this.#sntp.linkChanged(false);
    this.network.close();
    this.#timers.close();
  }

  #suggest(epochMs: number): boolean {
    const wasKnown = this.clock.now() !== undefined;
    const isTaken = this.clock.suggest(epochMs);
    if (!isTaken) this.log('warn', 'SNTP: the time of a time server is surely past');
    else if (!wasKnown) this.log('info', 'SNTP: the time is known');
    return isTaken;
  }
}

/** Undefined when there is no module slot, or it cannot be read. */
function openModules(): ModuleSlot | undefined {
  try {
    const partition = platform.openModules();
    return partition === undefined ? undefined : new Esp32Modules({ partition, createMd5: () => new Digest('MD5') });
  } catch {
    return undefined;
  }
}
