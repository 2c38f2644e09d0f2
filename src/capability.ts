// SPDX-License-Identifier: Apache-2.0

import type { Hal } from '../hal/hal.ts';
import type { AppHal } from './app-hal.ts';
import type { Config } from './config.ts';
import type { Json } from './json/write.ts';
import type { SocketBase } from './transfers/transfer.ts';

/** Name on flash for the version of the firmware that `firmware` has installed last; the agent reports its return. */
export const TRIED = 'firmware-tried';

/**
 * One operation that the platform can send. The agent sets EXECUTING before `run` and reports the result; a capability
 * never talks to the platform itself.
 */
export interface Capability {
  /** Name of the operation's fragment; declared in c8y_SupportedOperations. */
  readonly name: string;
  /** Whether the board has the required parts; otherwise the operation is not declared. Absent: always. */
  isPossible?(host: Host): boolean;
  /**
   * The capability in this start, if it has a state; called before the app declares anything. Absent: the capability
   * itself.
   * @param device to which an app has added it; undefined: it is one of the board's own
   */
  begin?(host: Host, device?: Operation['device']): Capability;
  /** Number of flash sectors that it owns: the last ones of the flash for events. */
  readonly flashSectors?: number;
  /** Fragments by name that it declares in the inventory from the creation of the device on, made afresh each time. */
  inventory?(host: Host): Readonly<Record<string, Json>>;
  /**
   * Carries out the operation; ends with `operation.succeed()` or `operation.fail(reason)`, now or later. It may be
   * `async`: a rejection is a failure. Without an end the operation fails at its deadline.
   */
  run(operation: Operation, host: Host): void | Promise<void>;
  /** Reports the result of an operation that a restart has interrupted, as `run` would. Absent: it has failed. */
  recover?(operation: Operation, host: Host): void | Promise<void>;
  /**
   * Carrying it out twice has the same effect as once, so it begins again after a restart. Otherwise `run` is called at
   * most once, whatever happens.
   */
  readonly repeatable?: boolean;
  /**
   * Limit after which it ends FAILED: 1 ms to a day; default: the key operationTimeout. Other operations wait until
   * then.
   */
  readonly timeoutMs?: number;
}

/**
 * An operation to be carried out. Members of its fragment are read in place and never become properties: by name, or by
 * a path such as `rooms[2].name`; in a fragment that is a list, `[0].name`.
 */
export interface Operation {
  readonly id: string;
  /** The device that it is for; the board has an empty `childId`. */
  readonly device: { readonly childId: string };
  /** Name of the fragment with the request. */
  readonly name: string;
  /** `run` was called for it in an earlier start. */
  readonly begun: boolean;
  /** Whether it has succeeded or failed. */
  readonly finished: boolean;
  /** A text in the operation's fragment; undefined when it is missing or not a text. */
  text(path: string): string | undefined;
  /** A number in the operation's fragment; undefined when it is missing or not a number. */
  number(path: string): number | undefined;
  /** true or false in the operation's fragment; undefined when it is missing or neither. */
  flag(path: string): boolean | undefined;
  /**
   * The texts of a list, by default of the fragment itself, as in `c8y_RelayArray`; undefined when it is not a list of
   * texts.
   */
  texts(path?: string): string[] | undefined;
  /** Number of elements of a list; undefined when it is not a list. An empty path is the fragment itself. */
  count(path: string): number | undefined;
  /** Called when its time limit has passed and it has ended FAILED: the capability stops working on it. */
  onTimeout: (() => void) | undefined;
  /**
   * Shows its progress to the operator: `fractus_Progress.text` of the operation, at most 400 characters. Sent once in
   * five seconds; texts in between are left out.
   */
  progress(text: string): void;
  /**
   * Updates this fragment in the inventory before the operation ends.
   * @throws RangeError when the name is not allowed, or the value is not JSON or is too large
   */
  fragment(name: string, value: Json): void;
  /** Gives a text back, as `result` of `c8y_Command`: the last update repeats the fragment with this member, cut to `maxBytes`. */
  repeat(name: string, value: string, maxBytes: number): void;
  succeed(): void;
  /** @param reason for the operator: the error, and what would be allowed. */
  fail(reason: string): void;
}

/** A named command of `c8y_Command`: returns its answer, or throws an Error with a text for the operator. */
export interface Command {
  readonly name: string;
  readonly help: string;
  /** As in `Capability`. */
  readonly repeatable?: boolean;
  /** Runs the command. A later answer is a promise: a rejection is a failure. */
  run(args: string, host: Host): string | Promise<string>;
}

/** The services of the agent that a capability may use. */
export interface Host {
  readonly hal: AppHal;
  /** Commands that the app has added. */
  readonly commands: readonly Command[];
  /** The text of c8y_Configuration in force. */
  configurationText(): string;
  /**
   * Applies and keeps a text of c8y_Configuration as a whole.
   * @returns the text in force
   * @throws ConfigError when it is not allowed; nothing has changed then
   */
  configure(text: string): string;
  /** Samples all sensors now; their records are sent. */
  sampleAll(): void;
  /** Sends all declared fragments to the inventory, also those that it has taken already. */
  redeclare(): void;
  /** Lines for a person: the state of the agent, without secrets. */
  status(): string;
  /**
   * From now on the operation is not carried out again, whatever happens; for operations that are `repeatable` up to a
   * point.
   */
  once(operation: Operation): void;
  /** Restarts the board in order, after the current event. */
  restart(reason: string): void;
}

/** The further services that built-in capabilities may use. */
export interface AgentHost extends Host, SocketBase {
  readonly hal: Hal;
  readonly config: Config;
  readonly board: { readonly idBytes: Uint8Array };
  /** A small text that survives a restart, undefined when there is none. */
  recall(name: string): string | undefined;
  /** Keeps such a text; undefined deletes it. False: the flash refuses. */
  remember(name: string, text: string | undefined): boolean;
}
