// SPDX-License-Identifier: Apache-2.0

import type { Hal } from '../../hal/hal.ts';
import type { AppHal } from '../app-hal.ts';
import type { Config } from '../config.ts';
import type { Json } from '../json/write.ts';
import type { SocketBase } from '../transfers/transfer.ts';

/**
 * One operation that the platform can send. The agent sets EXECUTING before `run` and reports what `run` decides;
 * a capability never talks to the platform itself.
 */
export interface Capability {
  /** Name of the operation's fragment; declared in c8y_SupportedOperations. */
  readonly name: string;
  /** False where the board lacks what it takes: it is not declared then. Absent: everywhere. */
  isPossible?(host: Host): boolean;
  /**
   * What it is in this start, where it has a state; made before the app declares anything. Absent: itself.
   * @param device that an app has added it to; undefined: it is one of the board's own
   */
  begin?(host: Host, device?: Operation['device']): Capability;
  /** So many sectors are its own: the last of those of the flash that are for events. */
  readonly flashSectors?: number;
  /** What it declares in the inventory from the creation of the device on: fragments by name, made afresh each time. */
  inventory?(host: Host): Readonly<Record<string, Json>>;
  /**
   * Carries it out; ends with `operation.succeed()` or `operation.fail(reason)`, now or later. It may be `async`: a rejection
   * is a failure, and an end that is not said comes with the deadline.
   */
  run(operation: Operation, host: Host): void | Promise<void>;
  /** Says how an operation that a restart has interrupted ended. Absent: it failed. */
  recover?(operation: Operation, host: Host): void;
  /**
   * Carrying it out twice is the same as once, so that it is begun again after a restart. Otherwise `run` is called once
   * at most, whatever happens.
   */
  readonly repeatable?: boolean;
  /** Ends FAILED when it takes longer: 1 ms to a day; default: the key operationTimeout. Others wait for so long at most. */
  readonly timeoutMs?: number;
}

/**
 * An operation that is to be carried out. Members of its fragment are read where they lie, and none becomes a property: by
 * name, or by a path like `rooms[2].name`; in a fragment that is a list, `[0].name`.
 */
export interface Operation {
  readonly id: string;
  /** Which device it is for; the board has an empty `childId`. */
  readonly device: { readonly childId: string };
  /** Name of the fragment that says what to do. */
  readonly name: string;
  /** `run` was called for it before the board came up. */
  readonly begun: boolean;
  /** It has succeeded or failed. */
  readonly finished: boolean;
  /** A text in the operation's fragment; undefined when it is missing or not a text. */
  text(path: string): string | undefined;
  /** A number in the operation's fragment; undefined when it is missing or not a number. */
  number(path: string): number | undefined;
  /** true or false in the operation's fragment; undefined when it is missing or neither. */
  flag(path: string): boolean | undefined;
  /** The texts of a list, by default of the fragment itself, as of `c8y_RelayArray`; undefined when it is no list of texts. */
  texts(path?: string): string[] | undefined;
  /** How many elements a list has; undefined when it is none. An empty path is the fragment itself. */
  count(path: string): number | undefined;
  /** Called when it has taken longer than it may, and has ended FAILED: what still works on it stops. */
  onTimeout: (() => void) | undefined;
  /**
   * Shows the operator how far it is: `fractus_Progress.text` of the operation, 400 characters at most. Once in five seconds:
   * what is said in between is left out.
   */
  progress(text: string): void;
  /**
   * Has the platform's object updated with this fragment before the operation ends.
   * @throws RangeError when the name is not allowed, or the value is no JSON or too large.
   */
  fragment(name: string, value: Json): void;
  /** Repeats the operation's whole fragment in the last update, with one more member of at most `maxBytes`. */
  repeat(name: string, value: string, maxBytes: number): void;
  succeed(): void;
  /** @param reason for the operator: what went wrong, and what would be right. */
  fail(reason: string): void;
}

/** A named command of `c8y_Command`: returns its answer, or throws an Error whose text the operator reads. */
export interface Command {
  readonly name: string;
  readonly help: string;
  /** As of `Capability`. */
  readonly repeatable?: boolean;
  /** An answer that comes later is a promise: a rejection is a failure. */
  run(args: string, host: Host): string | Promise<string>;
}

/** What a capability may use of the agent. */
export interface Host {
  readonly hal: AppHal;
  /** Those that the app has added. */
  readonly commands: readonly Command[];
  /** The text of c8y_Configuration that is in force. */
  configurationText(): string;
  /** Applies and keeps such a text as a whole. @returns what is in force @throws ConfigError, and nothing has changed then */
  configure(text: string): string;
  /** Samples all sensors now; the records are on their way. */
  sampleAll(): void;
  /** Sends the inventory all that is declared, also what it has taken already. */
  redeclare(): void;
  /** Lines for a person: what the agent knows of itself, without secrets. */
  status(): string;
  /** From here on this operation is not carried out again, whatever happens; for what is `repeatable` up to some point. */
  once(operation: Operation): void;
  /** Restarts the board in order; not before the present event is over. */
  restart(reason: string): void;
}

/** And what those that are built in may use besides. */
export interface AgentHost extends Host, SocketBase {
  readonly hal: Hal;
  readonly config: Config;
  readonly board: { readonly idBytes: Uint8Array };
  /** A small text that survives a restart, undefined when there is none. */
  recall(name: string): string | undefined;
  /** False when the flash refuses. An undefined text is forgotten. */
  remember(name: string, text: string | undefined): boolean;
}
