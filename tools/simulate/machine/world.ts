// SPDX-License-Identifier: Apache-2.0
/**
 * Devices and their platform in one process and one virtual time: the agent on `hal/fake`, the core of the emulated
 * platform, and HTTP on a fake network between them. Everything follows from the seed, byte for byte.
 */

import { createRandom } from '../../../hal/common/random.ts';
import { isEnrolled } from '../../../hal/common/store-checks.ts';
import { FakeNetwork } from '../../../hal/fake/network.ts';
import type { FakeMachineOptions } from '../../../hal/fake/options.ts';
import { VirtualTime } from '../../../hal/fake/time.ts';
import { app as usualApp } from '../../../src/app.ts';
import type { App, Capability, Part, RawConfig } from '../../../src/index.ts';
import type { ManagedObject } from '../../platform/model.ts';
import { findDevice } from '../../platform/operator.ts';
import { Platform } from '../../platform/platform.ts';
import type { Breach, Rule } from '../../platform/rules.ts';
import type { Settings } from '../../platform/settings.ts';
import { Bridge, type Exchange } from '../wire/bridge.ts';
import type { WireRequest } from '../wire/request-reader.ts';
import { SimulatedDevice } from './device.ts';
import { ThrownByHal } from './meddling.ts';
import { Secrets } from './secrets.ts';

export interface DeviceOptions {
  /** Keys in addition to `url` and `bootstrapPassword`; `undefined` removes a key. */
  readonly config?: RawConfig | undefined;
  /** Default: the usual app. */
  readonly app?: App | undefined;
  /** Capabilities of the board itself. Default: the usual ones. */
  readonly capabilities?: readonly Capability[] | undefined;
  /** Optional parts of the agent. Default: all. */
  readonly parts?: readonly Part[] | undefined;
  /** Counts calls into the HAL. Default: false. */
  readonly countsCalls?: boolean | undefined;
  readonly machine?: Omit<FakeMachineOptions, 'time' | 'network' | 'seed' | 'onBoot'> | undefined;
}

export interface WorldOptions extends DeviceOptions {
  /** Seed of all randomness. Default 1. */
  readonly seed?: number | undefined;
  readonly platform?: PlatformSettings | undefined;
  /** Latency in each direction. Default 20. */
  readonly latencyMs?: number | undefined;
  /** The network, for tests that manipulate it. Default: a new one. */
  readonly network?: FakeNetwork | undefined;
  /** Sizes of the pieces on the network. Default: whole, as far as windows have room. */
  readonly pieces?: 'whole' | 'random' | 'bytes' | undefined;
  /** Number of exchanges kept with their bodies. Default 20,000; use 0 for a long simulation. */
  readonly keepExchanges?: number | undefined;
}

export interface PlatformSettings {
  /** Default true: every device that requests credentials is registered, and accepted at the second request. */
  readonly accept?: boolean | undefined;
  readonly settings?: Partial<Settings> | undefined;
}

/** Root URL of the platform, unless `config` sets another. */
export const platformUrl = 'https://platform.test';
const bootstrapPassword = 'the-bootstrap-password';
/** Lines of the log that an error shows. */
const shownLines = 12;

export class World {
  readonly time: VirtualTime;
  readonly network: FakeNetwork;
  readonly platform: Platform;
  readonly seed: number;
  readonly devices: SimulatedDevice[] = [];
  /** Problems found on the way: leaked secrets, defects of the emulator. */
  readonly troubles: string[] = [];
  /** Called with each request before the platform receives it; false: the request is lost. */
  onRequest: ((request: WireRequest, number: number) => boolean) | undefined;
  /** Called when the platform has processed a request; its answer, if there is one already, has been sent. */
  onApplied: ((number: number) => void) | undefined;
  /** Called when a whole answer has been sent, or when there will be none. */
  onAnswered: ((number: number) => void) | undefined;
  /** An error of a program restarts its device, and is no failure of the world. */
  toleratesPanics = false;
  readonly #bridge: Bridge;
  /** Resources of each device; several devices with certificates have different names. */
  readonly #resources: Readonly<Record<string, Uint8Array>>[] = [];
  readonly #secrets: Secrets;
  readonly #random: () => number;

  /** Creates the world with its first device; nothing happens before `start`. */
  constructor(options: WorldOptions = {}) {
    this.seed = options.seed ?? 1;
    this.#random = createRandom(this.seed);
    this.network = options.network ?? new FakeNetwork(new VirtualTime());
    this.time = this.network.time;
    this.network.latencyMs = options.latencyMs ?? 20;
    this.network.split = this.#splitter(options.pieces ?? 'whole');
    this.platform = this.#createPlatform(options.platform ?? {});
    this.#secrets = new Secrets(this.platform);
    this.#bridge = new Bridge({
      platform: this.platform,
      network: this.network,
      resource: (name) =>
        isEnrolled(name)
          ? this.devices.map(({ machine }) => machine.hal?.resource(name)).find((bytes) => bytes !== undefined)
          : this.#resources.find((each) => each[name] !== undefined)?.[name],
      keepExchanges: options.keepExchanges ?? 20_000,
      onRequest: (request, number) => {
        this.#secrets.learn(request.headers['authorization']);
        this.#check(request.path, 'a request target');
        return this.onRequest?.(request, number) ?? true;
      },
      onApplied: (number) => this.onApplied?.(number),
      onAnswered: (number) => this.onAnswered?.(number),
    });
    const first = this.add(options);
    const url = first.config['url'] ?? platformUrl;
    this.#bridge.listen(url, 'api');
    this.#bridge.listen(first.config['tokenUrl'] ?? `https://${new URL(url).hostname}:8443`, 'token');
  }

  /** Adds a device on the same platform. */
  add(options: DeviceOptions): SimulatedDevice {
    const device = new SimulatedDevice({
      network: this.network,
      platform: this.platform,
      seed: Math.floor(this.#random() * 2 ** 31),
      config: { url: platformUrl, bootstrapPassword, ...options.config },
      app: options.app ?? usualApp,
      capabilities: options.capabilities,
      parts: options.parts,
      machine: options.machine ?? {},
      countsCalls: options.countsCalls ?? false,
      onLine: (line) => this.#check(line, 'the log'),
    });
    this.#resources.push(options.machine?.resources ?? {});
    this.#secrets.add(device.config['bootstrapPassword']);
    this.#secrets.add(device.config['securityToken']);
    for (const { password } of Object.values(options.machine?.wifi?.points ?? {})) this.#secrets.add(password);
    device.machine.onPanic = (error) => {
      if (!this.toleratesPanics && !(error instanceof ThrownByHal)) throw error;
    };
    this.devices.push(device);
    return device;
  }

  /** The first device. */
  get device(): SimulatedDevice {
    const [device] = this.devices;
    if (device === undefined) throw new Error('a world without devices');
    return device;
  }

  /** The kept requests with their answers. */
  get exchanges(): readonly Exchange[] {
    return this.#bridge.exchanges;
  }

  /** Number of requests so far. */
  get requests(): number {
    return this.#bridge.requests;
  }

  /** Number of connections that the platform has accepted. */
  get connections(): number {
    return this.#bridge.connections;
  }

  get breaches(): readonly Breach[] {
    return this.platform.breaches;
  }

  /** The managed object with the first device's external id. */
  get object(): ManagedObject | undefined {
    const { deviceId, config } = this.device;
    return findDevice(this.platform, config['externalId'] ?? deviceId, config['externalIdType']);
  }

  /**
   * Breaks connections, the oldest first, like a network between the ends: closed, reset, or silent for ever.
   * @returns the number of broken connections
   */
  cutConnections(how: 'end' | 'reset' | 'vanish', count: number = Number.POSITIVE_INFINITY): number {
    const peers = this.#bridge.peers.slice(0, count);
    for (const peer of peers) {
      peer[how]();
      peer.onClose();
    }
    for (const device of this.devices) this.platform.forgive(device.user);
    return peers.length;
  }

  /** Starts all devices. */
  start(): void {
    this.#guarded(() => {
      for (const device of this.devices) device.start();
    });
  }

  /** Lets time pass. */
  run(durationMs: number): void {
    this.#guarded(() => this.time.run(durationMs));
  }

  /** Lets time pass until `condition` holds. Throws when it does not within `withinMs`. */
  runUntil(condition: () => boolean, withinMs: number): void {
    this.#guarded(() => {
      if (!this.time.runUntil(condition, withinMs)) throw new Error(`not within ${withinMs} ms: ${condition}`);
    });
  }

  /** Runs the next event; false when there is none. */
  step(): boolean {
    return this.#guarded(() => this.time.runNext());
  }

  /** Stops an agent in order; returns how long that took. */
  stop(device: SimulatedDevice = this.device): number {
    const since = this.time.nowMs;
    let stopped = false;
    this.#guarded(() =>
      device.agent?.stop(() => {
        stopped = true;
      }),
    );
    this.runUntil(() => stopped, 10_000);
    return this.time.nowMs - since;
  }

  /**
   * Ends the world: throws when a device broke a rule (except the allowed ones), a secret leaked or the emulator
   * failed.
   */
  finish(allowed: readonly Rule[] = []): void {
    for (const { binary } of this.platform.core.events.values()) {
      if (binary !== undefined) this.#check(Buffer.from(binary.bytes).toString('utf8'), 'a file');
    }
    const breaches = this.breaches.filter(({ rule }) => !allowed.includes(rule));
    const texts = breaches.map(({ rule, what, request }) => `breach of ${rule}: ${what} (${request})`);
    const all = [...texts, ...this.troubles];
    if (all.length > 0) throw this.#error(all.join('\n'));
  }

  #createPlatform({ accept = true, settings }: PlatformSettings): Platform {
    const platform = new Platform({
      now: () => this.time.epochMs,
      random: this.#random,
      scheduler: {
        set: (callback, ms) => this.time.schedule(ms, callback),
        clear: (handle) => (handle as { cancel(): void } | undefined)?.cancel(),
      },
      accept,
      operator: { user: 'operator', password: 'the-operator-password' },
      bootstrap: { tenant: 'management', user: 'devicebootstrap', password: bootstrapPassword },
    });
    Object.assign(platform.settings, settings);
    platform.core.onDefect = (error) => {
      this.troubles.push(`defect of the emulator: ${error instanceof Error ? error.stack : String(error)}`);
    };
    return platform;
  }

  #splitter(pieces: 'whole' | 'random' | 'bytes'): (length: number) => number {
    if (pieces === 'whole') return (length) => length;
    if (pieces === 'bytes') return () => 1;
    return (length) => 1 + Math.floor(this.#random() ** 2 * length);
  }

  #check(text: string, where: string): void {
    if (this.#secrets.foundIn(text)) this.troubles.push(`a secret in ${where}`);
  }

  /** Adds the world and the time to errors that callbacks throw. */
  #guarded<T>(work: () => T): T {
    try {
      return work();
    } catch (error) {
      throw this.#error(error instanceof Error ? (error.stack ?? error.message) : String(error));
    }
  }

  #error(what: string): Error {
    const lines = this.devices.flatMap((device) => device.lines.slice(-shownLines));
    return new Error(`world of seed ${this.seed} at ${this.time.nowMs} ms: ${what}\n${lines.join('\n')}`);
  }
}
