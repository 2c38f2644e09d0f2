// SPDX-License-Identifier: Apache-2.0

import type { Hal } from '../../hal/hal.ts';
import { keepState, recallState, type StateKeeper } from '../base/stored-state.ts';
import { Troubles } from '../base/trouble.ts';
import { decodeUtf8, utf8 } from '../bytes/text.ts';
import type { AgentHost, Command, Operation } from '../capability.ts';
import type { Config, Runtime } from '../config.ts';
import { EventScope } from '../timers/event-scope.ts';
import { Timers } from '../timers/timers.ts';
import { forgetAll } from './devices/acknowledged.ts';
import type { Board } from './devices/board.ts';
import type { Device } from './devices/device.ts';
import type { Backlog } from './operations/backlog.ts';
import type { Listener } from './operations/listener.ts';
import type { Telemetry } from './records/telemetry.ts';
import { keepRuntime, shownRuntime } from './stored-runtime.ts';
import type { Uplink } from './uplink/uplink.ts';

/** The agent as capabilities see it: its services for them, built on the activities that `Agent` creates. */
export abstract class CapabilityHost implements AgentHost, StateKeeper {
  readonly hal: Hal;
  readonly config: Config;
  /** Present values of the settings that an operation can change. */
  runtime: Readonly<Runtime>;
  readonly timers: Timers;
  /** All present failures. */
  readonly troubles: Troubles;
  /** The agent has thrown and starts again after the present event. Results of operations until then do not count. */
  isPanicking = false;
  /** See `Core`. */
  onConfigured: (() => void) | undefined = undefined;

  abstract readonly board: Board;
  abstract readonly devices: readonly Device[];
  abstract readonly uplink: Uplink;
  abstract readonly telemetry: Telemetry;
  abstract readonly backlog: Backlog;
  protected abstract readonly listener: Listener;

  constructor(hal: Hal, config: Config) {
    this.hal = hal;
    this.config = config;
    this.runtime = config.runtime;
    this.timers = new Timers(hal, new EventScope());
    this.troubles = new Troubles(hal);
  }

  abstract register(): void;
  abstract restart(reason: string): void;
  abstract status(): string;

  get commands(): readonly Command[] {
    return this.board.commands;
  }

  configurationText(): string {
    try {
      return shownRuntime(this);
    } catch (error) {
      // The capability that declares the configuration must not be blamed for an error of the agent.
      this.panic(error);
      throw error;
    }
  }

  configure(text: string): string {
    const { pollTimeout } = this.runtime;
    this.runtime = keepRuntime(this, text);
    try {
      this.telemetry.retime();
      if (this.runtime.pollTimeout !== pollTimeout) this.listener.retime();
      this.onConfigured?.();
    } catch (error) {
      this.panic(error);
      throw error;
    }
    return shownRuntime(this, text);
  }

  /**
   * The agent has thrown, perhaps with its state half changed. A timer throws the error again, so that the agent starts
   * again even if the caller, an app or the handler of an operation, catches the error.
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

  once(operation: Operation): void {
    this.backlog.intake.journal.begin(operation.id);
  }

  recall(name: string): string | undefined {
    const bytes = this.recallBytes(name);
    return bytes === undefined ? undefined : decodeUtf8(bytes, 0, bytes.length);
  }

  /** As `recall`, for a value that is not text. */
  recallBytes(name: string): Uint8Array | undefined {
    return recallState(this.hal, name, this);
  }

  /** Called by `recallState`: the value of this name is damaged. */
  onDamaged(name: string): void {
    this.hal.log('error', `the stored state ${name} is damaged: it is set aside, and the device goes on without it`);
    const text = `The stored state ${name} was damaged: the device goes on without it`;
    // A timer, because capabilities recall their values before the board exists that the event belongs to.
    const onDeadline = () =>
      this.telemetry.event(this.board, 'fractus_StateDamaged', text, { fractus_StateDamaged: { name } });
    this.timers.create({ onDeadline }).start(0);
  }

  remember(name: string, text: string | undefined): boolean {
    return this.rememberBytes(name, text === undefined ? undefined : utf8(text));
  }

  /** As `remember`, for a value that is not text. */
  rememberBytes(name: string, bytes: Uint8Array | undefined): boolean {
    const store = this.hal.store;
    if (bytes !== undefined) return keepState(this.hal, name, bytes);
    // A missing value is not deleted, because each deletion wears the flash.
    return store.get(name) === undefined || store.delete(name);
  }
}
