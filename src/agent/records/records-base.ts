// SPDX-License-Identifier: Apache-2.0

import type { Fragments, RuleDefinition } from '../../api.ts';
import type { Base, Memory } from '../../base/base.ts';
import type { Capability } from '../../capability.ts';
import type { MeasurementTemplate } from '../../cumulocity/measurement.ts';
import type { Names, Queue } from './record.ts';
import type { SensorPort } from './sensor-port.ts';

/** A device as records and alarms see it. */
export interface RecordSource {
  /** Index in the agent's list; records refer to their source by it. */
  readonly index: number;
  /** Identifies the device on flash: the same in every start, whatever its index. */
  readonly key: number;
  /** The child's id; empty for the board. */
  readonly childId: string;
  /** Its name in texts for a person. */
  readonly label: string;
  /** Id of the managed object; empty while there is none. */
  readonly id: string;
  readonly idBytes: Uint8Array;
  readonly externalId: string;
  readonly externalIdType: string;
  /** Whether the platform has a managed object for it. */
  readonly known: boolean;
  /** Whether the app has removed it for good. */
  readonly gone: boolean;
  /** Whether its registration has failed; it is tried again later. */
  readonly putOff: boolean;
  /** Whether the failure of its registration was reported to a person. */
  readonly told: boolean;
  readonly sensors: SensorPort[];
  /** The platform has received a sign of life from this device. */
  touched(): void;
  /** Raises or clears the alarm of a rule whose state has changed. `isFirst`: the first time since the start. */
  follow(rule: RuleDefinition, raised: boolean, isFirst: boolean): void;
  /** Marks the device to be registered again. False: it is not registered at present. */
  unsettle(): boolean;
}

/** A part that keeps records where they outlive a restart. */
export interface QueuePart {
  /** Undefined: this board has no flash for it. */
  readonly flashQueue: (agent: RecordsBase, names: Names, firstSector: number, sectors: number) => Queue | undefined;
}

/** The services of the agent that records and alarms use. */
export interface RecordsBase extends Base, Memory {
  readonly parts: readonly Partial<QueuePart>[];
  /** The board first, then its children. */
  readonly devices: readonly RecordSource[];
  readonly board: RecordSource & {
    readonly capabilities: readonly Capability[];
    event(type: string, text: string): void;
  };
  /** `Telemetry`: counts and reports losses. */
  readonly telemetry: {
    readonly templates: readonly MeasurementTemplate[];
    /** Whether the app may still declare devices and measurements. */
    readonly isEarly: boolean;
    countLost(count: number): void;
    reportLoss(records: Queue, what: string): void;
    tellLoss(count: number, what: string, why: string): void;
    event(source: RecordSource, type: string, text: string, fragments: Fragments | undefined): void;
  };
  /** Set at the start, when the app has run and declared its devices. */
  readonly started: boolean;
  /** The agent is stopping, or has stopped. */
  readonly stopped: boolean;
  /** Whether the agent runs without the app, which has crashed too often. */
  readonly isSafe: boolean;
  /** Time since the start of the agent. */
  readonly upMs: number;
  /** Registers a device again from guide step 1, because its managed object may be gone. */
  renew(source: RecordSource): void;
}
