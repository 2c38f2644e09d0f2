// SPDX-License-Identifier: Apache-2.0

import type { Fragments, SensorDefinition, Severity } from '../../api.ts';
import type { Base, Memory } from '../../base/base.ts';
import type { AgentHost, Capability } from '../../capability.ts';
import type { RecordSource } from '../records/records-base.ts';

/** The services of the agent that a device uses. */
export interface DeviceBase extends Base, Memory, AgentHost {
  readonly hal: Base['hal'];
  readonly uplink: Base['uplink'] & AgentHost['uplink'];
  /** The version of the agent. */
  readonly version: string;
  /** The capabilities of the board itself. */
  readonly capabilities: readonly Capability[];
  /** Set at the start, when the app has run and declared its devices. */
  readonly started: boolean;
  readonly telemetry: {
    add(device: RecordSource, definition: SensorDefinition): void;
    measure(device: RecordSource, type: string, fragments: Fragments): void;
    event(device: RecordSource, type: string, text: string, fragments?: Fragments): void;
    /** Whether a waiting record has the device of this index as its source. */
    holds(index: number): boolean;
  };
  readonly alarms: {
    raise(device: RecordSource, type: string, severity: Severity, text: string, fragments?: Fragments): void;
    /** @param isDerived the same cause clears it after each start, so it is not stored */
    clear(device: RecordSource, type: string, isDerived?: boolean): void;
    /** A device has been declared. */
    declared(): void;
    wakeUp(): void;
  };
  readonly upkeep: {
    /** The inventory needs an update. */
    wakeUp(): void;
  };
  /** Starts the registrar: there is a device to register or to remove. */
  register(): void;
}
