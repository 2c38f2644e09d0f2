// SPDX-License-Identifier: Apache-2.0

import type { Base, Memory } from '../../base/base.ts';
import type { AgentHost, Capability } from '../../capability.ts';
import type { BayeuxOwner } from '../../cumulocity/bayeux.ts';
import type { Json } from '../../json/write.ts';
import type { Requests } from '../uplink/requests.ts';
import type { Journal } from './journal.ts';
import type { Operation } from './operation.ts';

/** A device as operations see it. */
export interface Addressee {
  /** The child's id; empty for the board. */
  readonly childId: string;
  readonly isBoard: boolean;
  /** Its name in texts for a person. */
  readonly label: string;
  readonly idBytes: Uint8Array;
  /** Whether the platform has a managed object for it. */
  readonly known: boolean;
  /** Whether the app has removed it for good. */
  readonly gone: boolean;
  /** The longest time for operations whose capability has no `timeoutMs`. */
  readonly operationTimeoutMs: number;
  /** Executes its operations; set with the first one. */
  executor: OperationLine | undefined;
  /** The capability for operations of this name; undefined: there is none. */
  capability(name: string): Capability | undefined;
  /** The names of its capabilities, for texts that a person reads. */
  operationNames(): string;
  /** Leaves a fragment to the upkeep, which sends it to the inventory later. */
  restate(name: string, value: Json): void;
}

/** `Executor`: executes the operations of one device, one after the other. */
export interface OperationLine {
  readonly isIdle: boolean;
  readonly isRetry: boolean;
  /** Adds an operation at the end of the line; `begin` follows. */
  accept(operation: Operation): void;
  /** Takes the next operation in line, if none is under way. */
  begin(): void;
  stop(): void;
}

/** The services of the agent that operations use. */
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
    /** The long poll does not work or is parked: lists operations once a minute until it works. */
    watch(): void;
    /** The long poll works. */
    relax(): void;
    /** Lists PENDING operations, now or as soon as possible. */
    refresh(): void;
    /** As `refresh`, and ends the pause after a failed list, except one that the platform wants (Retry-After). */
    hasten(): void;
    /** The platform has let an operation begin. */
    onBegun(): void;
    /** The operation has ended, or the platform did not let it begin. */
    onDone(operation: Operation): void;
  };
  readonly telemetry: {
    /** Whether the app may still declare devices. */
    readonly isEarly: boolean;
  };
  readonly upkeep: {
    /** Notes a change of the inventory by an operation, so that an older declaration does not undo it. */
    noteChange(addressee: Addressee, name: string, value: Json): void;
  };
  /** The agent has thrown and starts again after the present event. Results of operations until then do not count. */
  readonly isPanicking: boolean;
  /** Whether the agent runs without the app, which has crashed too often. */
  readonly isSafe: boolean;
  /** Whether the platform can push operations at any time. */
  readonly isListening: boolean;
  /** Time since the start of the agent. */
  readonly upMs: number;
  /** The device of this managed object; undefined: there is none. */
  deviceOf(id: string): Addressee | undefined;
  /** Registers a device again from guide step 1, because its managed object may be gone. */
  renew(device: { unsettle(): boolean }): void;
  /** Operations left EXECUTING by an earlier start are taken up, so the listener may start. */
  onRecovered(): void;
}
