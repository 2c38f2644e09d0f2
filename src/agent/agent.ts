// SPDX-License-Identifier: Apache-2.0

import type { Hal } from '../../hal/hal.ts';
import type { App } from '../api.ts';
import type { Capability } from '../capabilities/capability.ts';
import { parseConfig, type RawConfig } from '../config.ts';
import { offered } from '../offered.ts';
import type { Core } from '../parts/core.ts';
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
 * The parts of the agent, what they tell each other, and how they begin and end together. Each part is a table with what
 * its states do.
 */
export class Agent extends CapabilityHost implements Core, DeadlineOwner, TimekeeperOwner {
  /** What the board itself can do. */
  readonly capabilities: readonly Capability[];
  readonly parts: readonly Part[];
  readonly uplink: Uplink;
  /** The board first, then its children; records name them by position. */
  readonly devices: Device[] = [];
  readonly telemetry: Telemetry;
  readonly alarms: Alarms;
  readonly upkeep: Upkeep;
  readonly backlog: Backlog;
  protected readonly listener: Listener;
  /** The app has declared what there is from the start. */
  started = false;
  /** It ends, or has ended. */
  stopped = false;
  /** Of parts that an app imports: `Core` says what they are. */
  isOffline = false;
  onEnding: (() => void) | undefined = undefined;
  readonly #startTicks: number;
  readonly #crashes: ReturnType<SafeModePart['safeMode']>;
  /** There while a device is to be registered. */
  #registrar: Registrar | undefined = undefined;
  /** There when one is due. */
  #restart: Restart | undefined = undefined;
  /** Who is to be told that it has ended; there while it ends. */
  #leaving: (() => void)[] | undefined = undefined;

  /** @throws ConfigError for the configuration, RangeError for what the app declares. */
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

  /** Begins; everything else follows from events. */
  start(): void {
    this.started = true;
    const { board } = this.hal;
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
    if (this.hal.firmware?.onTrial === true) new Trial(this);
    if (!this.isOffline) this.goOnline(delayMs);
  }

  /** Looks for the link, and then for the platform. */
  goOnline(delayMs: number): void {
    this.isOffline = false;
    this.hal.network.onChange((up) => this.onLink(up));
    this.uplink.start(delayMs);
  }

  /** Ends in order: no request is under way and no timer runs when `onStopped` is called, within two seconds. */
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

  /** Those that have lost their power together do not come back as one, and what crashes for ever does so slowly. */
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

  /** Since the start. */
  get upMs(): number {
    return this.hal.clock.ticks() - this.#startTicks;
  }

  get board(): Board {
    return this.devices[0] as Board;
  }

  /** It does without the app, which has crashed too often. */
  get isSafe(): boolean {
    return this.#crashes?.isSafe === true;
  }

  /** The platform can send operations at any time. */
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

  /** There is a device to register or to remove. */
  register(): void {
    if (this.uplink.user === '' || this.stopped) return;
    this.#registrar ??= new Registrar(this);
    this.#registrar.wakeUp();
  }

  /** The platform says that this device is not where it was: begin again at guide step 1. */
  renew(device: Device): void {
    if (!device.unsettle()) return;
    this.register();
  }

  /** Shows the watchdog twice a period that the agent still turns: the platform is no business of the watchdog's. */
  onDeadline(deadline: Deadline): void {
    const { watchdog } = this.hal;
    if (watchdog === undefined || this.stopped) return;
    watchdog.feed();
    deadline.start(watchdog.periodMs / 2);
  }

  // From the registrar

  onRegistered(device: Device): void {
    this.upkeep.expect(device);
    this.wakeUp();
    if (!device.isBoard) {
      this.backlog.review();
      // What was asked of it while it was not under the board is in no push.
      if (this.isListening) this.backlog.refresh();
      return;
    }
    this.indicate();
    this.listener.renew();
  }

  /** All are registered that can be: the others have failed, and are tried again. */
  onSettled(isComplete: boolean): void {
    if (isComplete) this.#registrar = undefined;
    if (this.board.registered) this.backlog.start();
  }

  /** The clock is known now. */
  onTime(): void {
    this.telemetry.learnTime();
    this.alarms.learnTime();
    this.wakeUp();
  }

  /** What was EXECUTING is in hand: time to subscribe. */
  onRecovered(): void {
    this.listener.start();
  }

  private onLink(up: boolean): void {
    this.hal.log('info', up ? 'the network is up' : 'the network is down');
    this.indicate();
    if (!this.stopped) this.uplink.onLink(up);
  }

  /** What waits for the registration or the time may go on. */
  private wakeUp(): void {
    this.telemetry.wakeUp();
    this.alarms.wakeUp();
    this.upkeep.wakeUp();
  }

  private indicate(): void {
    this.hal.indicator?.show(!this.hal.network.up ? 'offline' : this.board.registered ? 'online' : 'waiting');
  }
}
