// SPDX-License-Identifier: Apache-2.0
/** The device's bundle on XS and the emulated platform's core in one virtual time: a day of an ESP32 in seconds. */

import { createRandom } from '../../hal/common/random.ts';
import { FakeMachine } from '../../hal/fake/machine.ts';
import { FakeNetwork } from '../../hal/fake/network.ts';
import type { FakeNorOptions } from '../../hal/fake/nor.ts';
import { VirtualTime } from '../../hal/fake/time.ts';
import type { Hal, Network, Sensor } from '../../hal/hal.ts';
import type { JsonObject, Operation } from '../platform/model.ts';
import { createOperation, findDevice } from '../platform/operator.ts';
import { Platform } from '../platform/platform.ts';
import { deviceUserName } from '../platform/tenant/credentials.ts';
import { Bridge } from '../simulate/wire/bridge.ts';
import type { XsFigures } from '../xs/figures.ts';
import { XsMachine, type XsMachineOptions } from '../xs/machine.ts';

/** A private address, for which plain HTTP is allowed. */
const PLATFORM_URL = 'http://10.0.0.1';
const BOOTSTRAP_PASSWORD = 'the-bootstrap-password';
export const DEVICE_ID = 'esp32-0200000000fa';
/** Latency in each direction. */
const LATENCY_MS = 10;
/** Virtual time in which an awaited event must happen. */
const PATIENCE_MS = 600_000;
/** Lines of the log that an error shows. */
const SHOWN_LINES = 12;

/** Default keys: a sample per second, and no end of the long poll for two hours. */
const STEADY_CONFIG = { measurementInterval: '1', pollTimeout: '7200' };

export interface XsWorldOptions extends Pick<XsMachineOptions, 'host' | 'bundle' | 'limits'> {
  readonly config?: Readonly<Record<string, string>> | undefined;
  /** Default: a new platform in virtual time. */
  readonly platform?: Platform | undefined;
  readonly time?: VirtualTime | undefined;
  /** Default: a board without raw flash. */
  readonly nor?: FakeNorOptions | undefined;
  /** The only sensor; default: a thermometer in changing weather. */
  readonly sensor?: Sensor | undefined;
  /** Replaces the fake network by one with real sockets. */
  readonly network?: Network | undefined;
}

/** Ways to break the connections. */
export type Break = 'end' | 'reset' | 'link';

/** A device with one sensor, in the heap of an ESP32, and its platform. */
export class XsWorld {
  readonly time: VirtualTime;
  readonly platform: Platform;
  machine: XsMachine;
  readonly board: FakeMachine;
  readonly #bridge: Bridge;
  readonly #options: XsWorldOptions;
  #hal: Hal;
  #failure: Error | undefined;

  constructor(options: XsWorldOptions) {
    const { limits, network, platform, time, nor, sensor } = options;
    this.#options = options;
    this.time = time ?? new VirtualTime();
    const fakeNetwork = new FakeNetwork(this.time);
    fakeNetwork.latencyMs = LATENCY_MS;
    this.platform = platform ?? createPlatform(this.time);
    this.#bridge = new Bridge({
      platform: this.platform,
      network: fakeNetwork,
      resource: () => undefined,
      keepExchanges: 0,
      onRequest: () => true,
      onApplied: () => {},
      onAnswered: () => {},
    });
    this.#bridge.listen(PLATFORM_URL, 'api');
    const thermometer = sensor ?? { sample: () => ({ temperature: this.#temperature() }) };
    this.board = new FakeMachine({ network: fakeNetwork, sensors: { thermometer }, nor });
    const fake = this.board.boot();
    this.#hal = network === undefined ? fake : { ...fake, network };
    this.machine = this.#createMachine(limits);
  }

  #createMachine(limits: XsWorldOptions['limits']): XsMachine {
    const { host, bundle, config } = this.#options;
    return new XsMachine({
      host,
      bundle,
      limits,
      hal: this.#hal,
      config: { ...STEADY_CONFIG, url: PLATFORM_URL, bootstrapPassword: BOOTSTRAP_PASSWORD, ...config },
      virtualTime: true,
      onAbort: (error) => {
        this.#failure = error;
      },
      onRestart: (reason) => {
        this.#failure = new Error(`the agent has restarted: ${reason}`);
      },
      onExit: (error) => {
        this.#failure = error;
      },
    });
  }

  /** Switches the power on. */
  async boot(): Promise<void> {
    await this.machine.boot(this.#hal);
    await this.machine.settle();
  }

  /** Starts again over the same flash, as a board does whose engine has aborted. */
  async bootAgain(limits: XsWorldOptions['limits']): Promise<void> {
    await this.machine.kill();
    this.platform.forgive(deviceUserName(DEVICE_ID));
    this.board.restart('the engine has given up', 'panic');
    while (this.board.hal === undefined) this.time.runNext();
    this.#hal = this.board.hal;
    this.#failure = undefined;
    this.machine = this.#createMachine(limits);
    await this.boot();
  }

  /** Boots and settles. */
  async start(): Promise<void> {
    await this.boot();
    await this.settle();
  }

  /** Runs until the device is registered, listens and has reported, and a few seconds more. */
  async settle(): Promise<void> {
    await this.runUntil(() => this.measurements > 0 && this.listening);
    await this.run(5500);
  }

  /** Number of measurements that the platform has received. */
  get measurements(): number {
    return this.platform.core.measurements.size;
  }

  /** Whether the platform holds a poll. */
  get listening(): boolean {
    for (const session of this.platform.core.sessions.values()) if (session.hold !== undefined) return true;
    return false;
  }

  /** Lets time pass, event by event, and waits for XS in each. */
  async run(durationMs: number): Promise<void> {
    let over = false;
    this.time.schedule(durationMs, () => {
      over = true;
    });
    while (!over) await this.#step();
  }

  /** Lets time pass until `condition` holds. Throws when it does not hold within ten minutes. */
  async runUntil(condition: () => boolean): Promise<void> {
    const endMs = this.time.nowMs + PATIENCE_MS;
    while (!condition()) {
      if (this.time.nowMs > endMs) throw this.#error(`not within ${PATIENCE_MS} ms: ${condition}`);
      await this.#step();
    }
  }

  /** Runs until half a second after a measurement, when nothing happens and the platform holds a poll. */
  async rest(): Promise<void> {
    const { measurements } = this;
    await this.runUntil(() => this.measurements > measurements && this.listening);
    await this.run(500);
    if (!this.listening) throw this.#error('not at rest');
  }

  /** Creates an operation as an operator does. */
  operate(fragments: JsonObject): Operation {
    const device = findDevice(this.platform, DEVICE_ID);
    if (device === undefined) throw this.#error('there is no device');
    return createOperation(this.platform, device.id, fragments);
  }

  /** Creates an operation and runs until it has ended. */
  async carryOut(fragments: JsonObject): Promise<Operation> {
    const operation = this.operate(fragments);
    await this.runUntil(() => operation.status === 'SUCCESSFUL' || operation.status === 'FAILED');
    return operation;
  }

  /** Breaks all connections; the device recovers by itself. */
  async breakConnections(how: Break): Promise<void> {
    this.platform.forgive(deviceUserName(DEVICE_ID));
    if (how === 'link') {
      this.setLink(false);
      await this.run(3000);
      this.setLink(true);
    } else {
      for (const peer of this.#bridge.peers) {
        peer[how]();
        peer.onClose();
      }
    }
    await this.run(100);
    await this.rest();
  }

  setLink(up: boolean): void {
    this.board.linkUp = up;
    this.board.hal?.network.setUp(up);
  }

  /** Figures after all events so far. */
  async figures(options: { collect?: boolean; mark?: boolean } = {}): Promise<XsFigures> {
    await this.machine.settle();
    if (this.#failure) throw this.#failure;
    return this.machine.measure(options);
  }

  /** Throws when the device has broken a rule of the platform: its figures would be meaningless. */
  check(): void {
    const breaches = this.platform.breaches.map(({ rule, what, request }) => `breach of ${rule}: ${what} (${request})`);
    if (breaches.length > 0) throw this.#error(breaches.join('\n'));
  }

  async #step(): Promise<void> {
    this.time.runNext();
    await this.machine.settle();
    if (this.#failure) throw this.#error(this.#failure.message, this.#failure);
  }

  /** A temperature that changes each time, as real ones do. */
  #temperature(): number {
    return 20 + 8 * Math.sin(this.time.nowMs / 977);
  }

  #error(what: string, cause?: Error): Error {
    const lines = this.board.lines.slice(-SHOWN_LINES).map(({ level, line }) => `${level}: ${line}`);
    return new Error(`bench at ${this.time.nowMs} ms: ${what}\n${lines.join('\n')}`, { cause });
  }
}

/** Creates a world, calls `run` with it, and ends it. */
export async function inXsWorld<T>(options: XsWorldOptions, run: (world: XsWorld) => Promise<T>): Promise<T> {
  const world = new XsWorld(options);
  try {
    const result = await run(world);
    world.check();
    return result;
  } finally {
    await world.machine.kill();
  }
}

/** A platform in virtual time that accepts the device. */
export function createPlatform(time: VirtualTime): Platform {
  return new Platform({
    now: () => time.epochMs,
    random: createRandom(1),
    scheduler: {
      set: (callback, ms) => time.schedule(ms, callback),
      clear: (handle) => (handle as { cancel(): void } | undefined)?.cancel(),
    },
    accept: true,
    bootstrap: { tenant: 'management', user: 'devicebootstrap', password: BOOTSTRAP_PASSWORD },
  });
}
