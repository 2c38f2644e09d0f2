// SPDX-License-Identifier: Apache-2.0

import type { Fragments, SensorDefinition, Severity } from '../../api.ts';
import type { AgentHost, Capability } from '../../capabilities/capability.ts';
import type { Base, Memory } from '../base/base.ts';
import type { RecordSource } from '../records/records-base.ts';

/** What a device needs of the agent. */
export interface DeviceBase extends Base, Memory, AgentHost {
  readonly hal: Base['hal'];
  readonly uplink: Base['uplink'] & AgentHost['uplink'];
  /** Of the agent itself. */
  readonly version: string;
  /** What the board itself can do. */
  readonly capabilities: readonly Capability[];
  /** The app has declared what there is from the start. */
  readonly started: boolean;
  readonly telemetry: {
    add(device: RecordSource, definition: SensorDefinition): void;
    measure(device: RecordSource, type: string, fragments: Fragments): void;
    event(device: RecordSource, type: string, text: string, fragments?: Fragments): void;
    /** Whether a record waits that names its source by this place. */
    holds(index: number): boolean;
  };
  readonly alarms: {
    raise(device: RecordSource, type: string, severity: Severity, text: string, fragments?: Fragments): void;
    /** @param isDerived what has asked for it will do so after each start, so it need not be stored */
    clear(device: RecordSource, type: string, isDerived?: boolean): void;
    /** A device is there that was not before. */
    declared(): void;
    wakeUp(): void;
  };
  readonly upkeep: {
    /** There is something to tell the inventory. */
    wakeUp(): void;
  };
  /** There is a device to register or to remove. */
  register(): void;
}
