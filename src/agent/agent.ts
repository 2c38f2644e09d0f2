// SPDX-License-Identifier: Apache-2.0

import type { Hal } from '../../hal/hal.ts';
import type { App } from '../api.ts';
import { decodeUtf8, utf8 } from '../bytes/text.ts';
import type { AgentHost, Capability, Command, Operation } from '../capabilities/capability.ts';
import { type Config, parseConfig, type RawConfig, type Runtime } from '../config.ts';
import { type Alarm, type AlarmOwner, Timers } from '../http/timers.ts';
import { Turnstile } from '../http/turnstile.ts';
import type { Core } from '../parts/core.ts';
import type { Transfers } from '../transfers/transfer.ts';
import { VERSION } from '../version.ts';
import { Crashes } from './crashes.ts';
import { forgetAll } from './devices/acknowledged.ts';
import { Board } from './devices/board.ts';
import type { Device } from './devices/device.ts';
import { Registrar } from './devices/registrar.ts';
import { Upkeep } from './devices/upkeep.ts';
import { Backlog } from './operations/backlog.ts';
import { Listener } from './operations/listener.ts';
import { Alarms } from './records/alarms.ts';
import { Telemetry } from './records/telemetry.ts';
import { Restart } from './restart.ts';
import { statusText } from './status.ts';
import { keepRuntime, recallRuntime, shownRuntime } from './stored-runtime.ts';
import { keepState, recallState } from './stored-state.ts';
import type { TimekeeperOwner } from './timekeeper.ts';
import { Trial } from './trial.ts';
import { Troubles } from './uplink/trouble.ts';
import { Uplink } from './uplink/uplink.ts';

const SAFE_DELAY_MS = 30_000;

/** The parts of the agent and what they have in common. Each part is a table with what its states do. */
export class Agent implements AgentHost, Core, AlarmOwner, TimekeeperOwner {
  readonly hal: Hal;
  readonly config: Config;
  /** What the board itself can do. */
  readonly capabilities: readonly Capability[];
  readonly timers: Timers;
  /** What fails at present. */
  readonly troubles: Troubles;
  readonly uplink: Uplink;
  /** The board first, then its children; records name them by position. */
  readonly devices: Device[] = [];
  readonly telemetry: Telemetry;
  readonly alarms: Alarms;
  readonly upkeep: Upkeep;
  readonly backlog: Backlog;
  /** The app has declared what there is from the start. */
  started = false;
  /** It starts anew as soon as the present event is over: nothing that happens until then has ended. */
  isPanicking = false;
  /** Of parts that an app imports: `Core` says what they are. */
  isOffline = false;
  onEnding: (() => void) | undefined = undefined;
  onConfigured: (() => void) | undefined = undefined;
  readonly #startTicks: number;
  readonly #listener: Listener;
  readonly #crashes: Crashes | undefined;
  /** There while a device is to be registered. */
  #registrar: Registrar | undefined = undefined;
  /** There when one is due. */
  #restart: Restart | undefined = undefined;
  #runtime: Runtime;
  #stopped = false;
  /** Who is to be told that it has ended; there while it ends. */
  #leaving: (() => void)[] | undefined = undefined;

  /** @throws ConfigError for the configuration, RangeError for what the app declares. */
  constructor(options: { hal: Hal; config: RawConfig; app: App; capabilities: readonly Capability[] }) {
    const { hal } = options;
    this.hal = hal;
    this.capabilities = options.capabilities;
    this.config = parseConfig(options.config, hal.board.mac, options.app.settings);
    this.#runtime = this.config.runtime;
    this.timers = new Timers(hal, new Turnstile());
    this.troubles = new Troubles(hal);
    this.#startTicks = hal.clock.ticks();
    this.uplink = new Uplink(this);
    this.telemetry = new Telemetry(this);
    this.alarms = new Alarms(this);
    this.upkeep = new Upkeep(this);
    this.backlog = new Backlog(this);
    this.#listener = new Listener(this);
    const board = new Board(this);
    this.devices.push(board);
    this.#crashes = Crashes.count(this);
    if (this.isSafe) return;
    this.#runtime = recallRuntime(this);
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
    if (this.hal.watchdog !== undefined) this.onAlarm(this.timers.create(this));
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
    if (this.#stopped) {
      if (this.#leaving === undefined) onStopped();
      return;
    }
    this.onEnding?.();
    this.#stopped = true;
    this.#leaving = leaving;
    this.#restart?.stop();
    this.uplink.hold();
    this.telemetry.stop();
    this.alarms.stop();
    this.upkeep.stop();
    this.#registrar?.stop();
    this.backlog.stop();
    this.#listener.stop();
    this.uplink.leave(() => {
      this.timers.close();
      this.#leaving = undefined;
      for (const each of leaving) each();
    });
  }

  /** Those that have lost their power together do not come back as one, and what crashes for ever does so slowly. */
  private startDelayMs(): number {
    const { hal } = this;
    const { bootCount, resetCause } = hal.board;
    if (this.isSafe) return SAFE_DELAY_MS * (1 + hal.random());
    const isCut = bootCount > 1 && (resetCause === 'power-on' || resetCause === 'brownout');
    return isCut ? this.config.startSpreadMs * hal.random() : 0;
  }

  get stopped(): boolean {
    return this.#stopped;
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

  get runtime(): Readonly<Runtime> {
    return this.#runtime;
  }

  /** It does without the app, which has crashed too often. */
  get isSafe(): boolean {
    return this.#crashes?.isSafe === true;
  }

  /** The platform can send operations at any time. */
  get isListening(): boolean {
    return this.#listener.listening;
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
    if (this.uplink.user === '' || this.#stopped) return;
    this.#registrar ??= new Registrar(this);
    this.#registrar.look();
  }

  /** The platform says that this device is not where it was: begin again at guide step 1. */
  renew(device: Device): void {
    if (!device.unsettle()) return;
    this.register();
  }

  /** Shows the watchdog twice a period that the agent still turns: the platform is no business of the watchdog's. */
  onAlarm(alarm: Alarm): void {
    const { watchdog } = this.hal;
    if (watchdog === undefined || this.#stopped) return;
    watchdog.feed();
    alarm.start(watchdog.periodMs / 2);
  }

  // From the registrar

  onRegistered(device: Device): void {
    this.upkeep.expect(device);
    this.look();
    if (!device.isBoard) {
      this.backlog.review();
      // What was asked of it while it was not under the board is in no push.
      if (this.isListening) this.backlog.refresh();
      return;
    }
    this.indicate();
    this.#listener.renew();
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
    this.look();
  }

  /** What was EXECUTING is in hand: time to subscribe. */
  onRecovered(): void {
    this.#listener.start();
  }

  // Host

  get commands(): readonly Command[] {
    return this.board.commands;
  }

  configurationText(): string {
    try {
      return shownRuntime(this);
    } catch (error) {
      // Whoever declares it would be taken for the one at fault.
      this.panic(error);
      throw error;
    }
  }

  configure(text: string): string {
    const { pollTimeout } = this.#runtime;
    this.#runtime = keepRuntime(this, text);
    try {
      this.telemetry.retime();
      if (this.#runtime.pollTimeout !== pollTimeout) this.#listener.retime();
      this.onConfigured?.();
    } catch (error) {
      this.panic(error);
      throw error;
    }
    return shownRuntime(this, text);
  }

  /**
   * The agent itself has thrown, with something half done: it starts anew, also when whoever has called catches that, an
   * app or the handler of an operation.
   */
  panic(error: unknown): void {
    this.isPanicking = true;
    this.hal
      .createTimer(() => {
        throw error;
      })
      .start(0);
  }

  sampleAll(): void {
    this.telemetry.sampleAll();
    this.telemetry.flush();
  }

  redeclare(): void {
    forgetAll(this);
    for (const device of this.devices) device.owes = true;
    this.register();
  }

  status(): string {
    return statusText(this);
  }

  get transfers(): Transfers {
    return this.uplink.transfers;
  }

  once(operation: Operation): void {
    this.backlog.intake.journal.begin(operation.id);
  }

  restart(reason: string): void {
    this.hal.log('info', `restarting: ${reason}`);
    this.#restart ??= new Restart(this, reason);
  }

  recall(name: string): string | undefined {
    const bytes = this.recallBytes(name);
    return bytes === undefined ? undefined : decodeUtf8(bytes, 0, bytes.length);
  }

  remember(name: string, text: string | undefined): boolean {
    const store = this.hal.store;
    if (text !== undefined) return keepState(this.hal, name, utf8(text));
    // Flash wears: only what is there is deleted.
    return store.get(name) === undefined || store.delete(name);
  }

  /** As `recall`, of what is no text. */
  recallBytes(name: string): Uint8Array | undefined {
    return recallState(this.hal, name, (damaged) => this.onDamaged(damaged));
  }

  private onDamaged(name: string): void {
    this.hal.log('error', `the stored state ${name} is damaged: it is set aside, and the device goes on without it`);
    const text = `The stored state ${name} was damaged: the device goes on without it`;
    this.telemetry.event(this.board, 'fractus_StateDamaged', text, { fractus_StateDamaged: { name } });
  }

  private onLink(up: boolean): void {
    this.hal.log('info', up ? 'the network is up' : 'the network is down');
    this.indicate();
    if (!this.#stopped) this.uplink.onLink(up);
  }

  /** What waits for the registration or the time may go on. */
  private look(): void {
    this.telemetry.look();
    this.alarms.look();
    this.upkeep.look();
  }

  private indicate(): void {
    this.hal.indicator?.show(!this.hal.network.up ? 'offline' : this.board.registered ? 'online' : 'waiting');
  }
}
