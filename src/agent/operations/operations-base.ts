// SPDX-License-Identifier: Apache-2.0

import type { AgentHost, Capability } from '../../capabilities/capability.ts';
import type { BayeuxOwner } from '../../cumulocity/bayeux.ts';
import type { Json } from '../../json/write.ts';
import type { Base, Memory } from '../base/base.ts';
import type { Requests } from '../uplink/requests.ts';
import type { Journal } from './journal.ts';
import type { Operation } from './operation.ts';

/** A device, as far as operations are for it. */
export interface Addressee {
  /** The child's id; empty for the board. */
  readonly childId: string;
  readonly isBoard: boolean;
  /** For texts that a person reads. */
  readonly label: string;
  readonly idBytes: Uint8Array;
  /** The platform has an object for it. */
  readonly known: boolean;
  /** Taken away for good. */
  readonly gone: boolean;
  /** How long an operation may take that says nothing of it. */
  readonly operationTimeoutMs: number;
  /** What carries its operations out; there since the first one. */
  executor: OperationLine | undefined;
  /** What carries an operation of this name out; undefined: nothing. */
  capability(name: string): Capability | undefined;
  /** For texts that a person reads. */
  operationNames(): string;
  /** The inventory is told this later, with what else it is to say. */
  restate(name: string, value: Json): void;
}

/** The operations of one device, one after the other; `Executor`. */
export interface OperationLine {
  readonly isIdle: boolean;
  readonly isRetry: boolean;
  /** Puts an operation at the end of the line; `begin` follows. */
  accept(operation: Operation): void;
  /** Goes on with what is in line, if nothing is under way. */
  begin(): void;
  stop(): void;
}

/** What operations need of the agent. */
export interface OperationsBase extends Base, Memory, AgentHost {
  readonly hal: Base['hal'];
  /** The board first, then its children. */
  readonly devices: readonly Addressee[];
  readonly board: Addressee & {
    event(type: string, text: string): void;
    unsettle(): boolean;
  };
  readonly uplink: { readonly requests: Requests; readonly poll: Requests } & AgentHost['uplink'];
  /** `Backlog`. */
  readonly backlog: BayeuxOwner & {
    readonly intake: { readonly journal: Journal };
    /** The long poll does not work: operations are asked for until it does. */
    watch(): void;
    /** The long poll works. */
    relax(): void;
    /** What is PENDING has to be listed, now or as soon as possible. */
    refresh(): void;
    /** As `refresh`, and a list that has failed waits no longer than the platform has said. */
    hasten(): void;
    /** The platform has let an operation begin. */
    onBegun(): void;
    /** This one has ended. */
    onDone(operation: Operation): void;
  };
  readonly telemetry: {
    /** Whether a device that nobody has declared so far may still be. */
    readonly isEarly: boolean;
  };
  readonly upkeep: {
    /** An operation changes this on the platform: what was declared of it before is not said again. */
    noteChange(addressee: Addressee, name: string, value: Json): void;
  };
  /** It starts anew as soon as the present event is over: nothing that happens until then has ended. */
  readonly isPanicking: boolean;
  /** It does without the app, which has crashed too often. */
  readonly isSafe: boolean;
  /** The platform can send operations at any time. */
  readonly isListening: boolean;
  /** Since the start. */
  readonly upMs: number;
  /** Undefined: nobody here has this object. */
  deviceOf(id: string): Addressee | undefined;
  /** The platform says that this device is not where it was: it is registered again. */
  renew(device: { unsettle(): boolean }): void;
  /** What was EXECUTING is in hand. */
  onRecovered(): void;
}
