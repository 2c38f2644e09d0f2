// SPDX-License-Identifier: Apache-2.0

import type { Fragments, RuleDefinition } from '../../api.ts';
import type { Capability } from '../../capabilities/capability.ts';
import type { MeasurementTemplate } from '../../cumulocity/measurement.ts';
import type { Base, Memory } from '../base/base.ts';
import type { Names, Queue } from './queues/record.ts';
import type { SensorPort } from './sensor-port.ts';

/** A device, as far as records and alarms are about it. */
export interface RecordSource {
  /** Position in the agent's list; records name their source by it. */
  readonly index: number;
  /** What flash calls it: the same in every start, whatever its position. */
  readonly key: number;
  /** The child's id; empty for the board. */
  readonly childId: string;
  /** For texts that a person reads. */
  readonly label: string;
  /** Id of the managed object; empty while there is none. */
  readonly id: string;
  readonly idBytes: Uint8Array;
  readonly externalId: string;
  readonly externalIdType: string;
  /** The platform has an object for it. */
  readonly known: boolean;
  /** Taken away for good. */
  readonly gone: boolean;
  /** Its registration has failed, and is tried again later. */
  readonly putOff: boolean;
  /** A person was told that its registration fails. */
  readonly told: boolean;
  readonly sensors: SensorPort[];
  /** Something has arrived that counts as a sign of life for it. */
  touched(): void;
  /** Follows a rule that a sensor's value has just moved, the first time since the start or again. */
  follow(rule: RuleDefinition, raised: boolean, isFirst: boolean): void;
  /** It has to be registered again; false when that is so already. */
  unsettle(): boolean;
}

/** What keeps records where they outlive a restart. */
export interface QueuePart {
  /** Undefined: this board has no flash for it. */
  readonly flashQueue: (agent: RecordsBase, names: Names, firstSector: number, sectors: number) => Queue | undefined;
}

/** What records and alarms need of the agent. */
export interface RecordsBase extends Base, Memory {
  readonly parts: readonly Partial<QueuePart>[];
  /** The board first, then its children. */
  readonly devices: readonly RecordSource[];
  readonly board: RecordSource & {
    readonly capabilities: readonly Capability[];
    event(type: string, text: string): void;
  };
  /** Where what is lost is counted and told; `Telemetry`. */
  readonly telemetry: {
    readonly templates: readonly MeasurementTemplate[];
    /** Whether a device or a measurement that nobody has declared so far may still be. */
    readonly isEarly: boolean;
    countLost(count: number): void;
    reportLoss(records: Queue, what: string): void;
    tellLoss(count: number, what: string, why: string): void;
    event(source: RecordSource, type: string, text: string, fragments: Fragments | undefined): void;
  };
  /** The app has declared what there is from the start. */
  readonly started: boolean;
  /** It ends, or has ended. */
  readonly stopped: boolean;
  /** It does without the app, which has crashed too often. */
  readonly isSafe: boolean;
  /** Since the start. */
  readonly upMs: number;
  /** The platform says that this device is not where it was: it is registered again. */
  renew(source: RecordSource): void;
}
