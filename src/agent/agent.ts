// SPDX-License-Identifier: Apache-2.0

import type { Hal } from '../../hal/hal.ts';
import type { App } from '../api.ts';
import { type Capability, TRIED } from '../capability.ts';
import { parseConfig, type RawConfig } from '../config.ts';
import type { Core } from '../core.ts';
import { offered } from '../offered.ts';
import type { Deadline, DeadlineOwner } from '../timers/timers.ts';
import { VERSION } from '../version.ts';
import { CapabilityHost } from './capability-host.ts';
import { Board } from './devices/board.ts';
import type { Device } from './devices/device.ts';
import { Registrar } from './devices/registration/registrar.ts';
import { Upkeep } from './devices/upkeep.ts';
import { Backlog } from './operations/backlog.ts';
import { Listener } from './operations/listener.ts';
import type { Part } from './parts/part.ts';
import { Alarms } from './records/alarms/alarms.ts';
import { Telemetry } from './records/telemetry.ts';
import type { SafeModePart } from './restarts/crashes.ts';
import { Restart } from './restarts/restart.ts';
import { Trial } from './restarts/trial.ts';
import { statusText } from './status.ts';
import { recallRuntime } from './stored-runtime.ts';
import type { TimekeeperOwner } from './uplink/timekeeper.ts';
import { Uplink } from './uplink/uplink.ts';

const SAFE_DELAY_MS = 30_000;

interface AgentOptions {
  readonly hal: Hal;
  readonly config: RawConfig;
  readonly app: App;
  readonly capabilities: readonly Capability[];
  readonly parts: readonly Part[];
}

/**
 * The agent: creates its activities, connects them, and starts and stops them together. Each activity is a table with
 * the actions of its states.
 */
export class Agent extends CapabilityHost implements Core, DeadlineOwner, TimekeeperOwner {
  /** The capabilities of the board itself. */
  readonly capabilities: readonly Capability[];
  readonly parts: readonly Part[];
  readonly uplink: Uplink;
  /** The board first, then its children. Records refer to a device by its index. */
  readonly devices: Device[] = [];
  readonly telemetry: Telemetry;
  readonly alarms: Alarms;
  readonly upkeep: Upkeep;
  readonly backlog: Backlog;
  protected readonly listener: Listener;
  /** Set at the start, when the app has run and declared its devices. */
  started = false;
  /** The agent is stopping, or has stopped. */
  stopped = false;
  /** Set by parts that an app imports; see `Core`. */
  isOffline = false;
  onEnding: (() => void) | undefined = undefined;
  readonly #startTicks: number;
  readonly #crashes: ReturnType<SafeModePart['safeMode']>;
  /** Set while a device has to be registered. */
  #registrar: Registrar | undefined;
  /** Set when a restart was requested. */
  #restart: Restart | undefined;
  /** Callbacks of `stop`; set while the agent is stopping. */
  #leaving: (() => void)[] | undefined = undefined;

  /** @throws ConfigError for the configuration, RangeError for a declaration of the app. */
  constructor(options: AgentOptions) {
    const { hal, parts } = options;
    super(hal, parseConfig(options.config, hal.board.mac, options.app.settings, parts));
    this.capabilities = options.capabilities;
    this.parts = parts;
    this.#startTicks = hal.clock.ticks();
    this.uplink = new Uplink(this);
    this.telemetry = new Telemetry(this);
    this.alarms = new Alarms(this);
    this.upkeep = new Upkeep(this);
    this.backlog = new Backlog(this);
    this.listener = new Listener(this);
    const board = new Board(this);
    this.devices.push(board);
    this.#crashes = offered(parts, 'safeMode')?.(this);
    if (this.isSafe) return;
    this.runtime = recallRuntime(this);
    options.app(board);
  }

  /** Starts the agent; events drive everything else. */
  start(): void {
    this.started = true;
    const { board, firmware } = this.hal;
    const { version } = board.firmware;
    this.hal.log(
      'info',
      `fractus ${this.version} on ${board.model} ${board.serialNumber}, start ${board.bootCount} (${board.resetCause})`,
    );
    this.indicate();
    if (this.hal.watchdog !== undefined) this.onDeadline(this.timers.create(this));
    const delayMs = this.startDelayMs();
    this.telemetry.start(delayMs);
    this.alarms.restore();
    this.#crashes?.start();
    if (firmware?.onTrial === true) new Trial(this);
    const tried = firmware?.rolledBack === true ? this.recall(TRIED) : undefined;
    if (tried !== undefined) {
      // Also without an operation: it may have ended while the firmware was on trial.
      this.board.event('fractus_FirmwareReturn', `${tried} is given up (${board.resetCause}): ${version} is back`);
      this.remember(TRIED, undefined);
    }
    if (!this.isOffline) this.goOnline(delayMs);
  }

  /** Follows the link, and starts the uplink. */
  goOnline(delayMs: number): void {
    this.isOffline = false;
    this.hal.network.onChange((up) => this.onLink(up));
    this.uplink.start(delayMs);
  }

  /** Stops in order: within two seconds no request is under way, no timer runs, and `onStopped` is called. */
  stop(onStopped: () => void): void {
    const leaving = this.#leaving ?? [];
    leaving.push(onStopped);
    if (this.stopped) {
      if (this.#leaving === undefined) onStopped();
      return;
    }
    this.onEnding?.();
    this.stopped = true;
    this.#leaving = leaving;
    this.#restart?.stop();
    this.uplink.hold();
    this.telemetry.stop();
    this.alarms.stop();
    this.upkeep.stop();
    this.#registrar?.stop();
    this.backlog.stop();
    this.listener.stop();
    this.uplink.logOut(() => {
      this.timers.close();
      this.#leaving = undefined;
      for (const each of leaving) each();
    });
  }

  restart(reason: string): void {
    this.hal.log('info', `restarting: ${reason}`);
    this.#restart ??= new Restart(this, reason);
  }

  /** Spreads the starts of a fleet after a power cut, and slows down a device that crashes again and again. */
  private startDelayMs(): number {
    const { hal } = this;
    const { bootCount, resetCause } = hal.board;
    if (this.isSafe) return SAFE_DELAY_MS * (1 + hal.random());
    const isCut = bootCount > 1 && (resetCause === 'power-on' || resetCause === 'brownout');
    return isCut ? this.config.startSpreadMs * hal.random() : 0;
  }

  get version(): string {
    return VERSION;
  }

  /** Time since the start of the agent. */
  get upMs(): number {
    return this.hal.clock.ticks() - this.#startTicks;
  }

  get board(): Board {
    return this.devices[0] as Board;
  }

  /** Whether the agent runs without the app, which has crashed too often. */
  get isSafe(): boolean {
    return this.#crashes?.isSafe === true;
  }

  /** Whether the platform can push operations at any time. */
  get isListening(): boolean {
    return this.listener.listening;
  }

  status(): string {
    return statusText(this);
  }

  deviceOf(id: string): Device | undefined {
    for (let i = 0; i < this.devices.length; i++) {
      const device = this.devices[i];
      if (id !== '' && device?.id === id && !device.gone) return device;
    }
    return undefined;
  }

  /** Starts the registrar: there is a device to register or to remove. */
  register(): void {
    if (this.uplink.user === '' || this.stopped) return;
    this.#registrar ??= new Registrar(this, offered(this.parts, 'children'));
    this.#registrar.wakeUp();
  }

  /** Registers a device again from guide step 1, because its managed object may be gone. */
  renew(device: Device): void {
    if (!device.unsettle()) return;
    this.register();
  }

  /** Feeds the watchdog twice per period while the agent runs, also without a connection to the platform. */
  onDeadline(deadline: Deadline): void {
    const { watchdog } = this.hal;
    if (watchdog === undefined || this.stopped) return;
    watchdog.feed();
    deadline.start(watchdog.periodMs / 2);
  }

  // Called by the registrar.

  onRegistered(device: Device): void {
    this.upkeep.expect(device);
    this.wakeUp();
    if (!device.isBoard) {
      this.backlog.review();
      // The platform does not push operations that were created before the child was under the board.
      if (this.isListening) this.backlog.refresh();
      return;
    }
    this.indicate();
    this.listener.renew();
  }

  /** All devices are registered, except those that have failed and are tried again. `isComplete`: none has failed. */
  onSettled(isComplete: boolean): void {
    if (isComplete) this.#registrar = undefined;
    if (this.board.registered) this.backlog.start();
  }

  /** The time is known now, or the platform has confirmed it. */
  onTime(): void {
    this.telemetry.learnTime();
    this.alarms.learnTime();
    this.wakeUp();
  }

  /** Operations left EXECUTING by an earlier start are taken up, so the listener may subscribe. */
  onRecovered(): void {
    this.listener.start();
  }

  private onLink(up: boolean): void {
    this.hal.log('info', up ? 'the network is up' : 'the network is down');
    this.indicate();
    if (!this.stopped) this.uplink.onLink(up);
  }

  /** Wakes the activities that wait for a registration or for the time. */
  private wakeUp(): void {
    this.telemetry.wakeUp();
    this.alarms.wakeUp();
    this.upkeep.wakeUp();
  }

  private indicate(): void {
    this.hal.indicator?.show(!this.hal.network.up ? 'offline' : this.board.registered ? 'online' : 'waiting');
  }
}
