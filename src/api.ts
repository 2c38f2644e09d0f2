// SPDX-License-Identifier: Apache-2.0

import type { Sensor } from '../hal/hal.ts';
import type { AppHal } from './app-hal.ts';
import type { Capability, Command } from './capabilities/capability.ts';
import type { ConfigKey } from './config-keys.ts';
import type { MeasurementTemplate } from './cumulocity/measurement.ts';
import type { Json } from './json/write.ts';

/** Severities of an alarm, most severe first. */
export type Severity = 'CRITICAL' | 'MAJOR' | 'MINOR' | 'WARNING';

/**
 * Fragments of one's own: JSON values by name. Names have no white space and none of `. , * [ ] ( ) @ $ /`, and are none
 * of `id self source time type text severity status creationTime lastUpdated`.
 */
export type Fragments = Readonly<Record<string, Json>>;

/** Fragments whose members are known by name: what Device management shows of a device, and rules look at. */
export type KnownFragments = {
  /** Default, of the board: what its HAL says. */
  readonly c8y_Hardware: { readonly model?: string; readonly revision?: string; readonly serialNumber?: string };
  /** The modem and where it is. A device with one has `iccid` or `msisdn`. */
  readonly c8y_Mobile: {
    readonly imei?: string;
    /** Of the SIM card. */
    readonly iccid?: string;
    readonly imsi?: string;
    /** Telephone number. */
    readonly msisdn?: string;
    readonly cellId?: string;
    /** Location area. */
    readonly lac?: string;
    /** Country and network. */
    readonly mcc?: string;
    readonly mnc?: string;
    readonly currentOperator?: string;
    readonly currentBand?: string;
    readonly connType?: string;
    readonly rssi?: string;
  };
};

/**
 * What a firmware author writes: called once with the device, to declare what it has and does. Wrong declarations
 * (a bad fragment name, a child id used twice) throw at once, so that they are found on the desk.
 */
export interface App {
  (app: AppBoard): void;
  /** Keys of its own, made by `withSettings` of `fractus/settings`. */
  readonly settings?: readonly ConfigKey[];
}

/** A device as its author sees it: the board itself, or a child. */
export interface AppDevice {
  readonly hal: AppHal;
  /** Id of its managed object on the platform; empty until it is registered for the first time. */
  readonly id: string;

  /** Has a sensor sampled every `measurementInterval` and reported. */
  sensor<Names extends string>(definition: SensorDefinition<Names>): void;
  /** It is sampled no more; its alarms stay as they are. */
  removeSensor(sensor: Sensor): void;
  /** Adds an operation, at any time, or replaces one of that name. The platform is told. */
  operation(capability: Capability): void;
  /** Takes one back, a built-in one too. The platform is told, and what it still sends fails. */
  removeOperation(name: string): void;
  /**
   * Sets a fragment in the inventory: part of the creation, or an update when it changes later. The newest value wins.
   * @throws RangeError when the name is the platform's or the agent's own, the value is no JSON or larger than 4,096 bytes, or
   * those declared at the start are larger than 12,288 bytes together; later, what does not fit is logged and left out.
   */
  fragment<Name extends string>(
    name: Name,
    value: Name extends keyof KnownFragments ? KnownFragments[Name] : Json,
  ): void;
  /**
   * Names something that runs on it, for `c8y_SoftwareList` and `c8y_Software`; of the board these have its firmware and
   * the agent already. A version that is undefined takes it out. May be said at any time.
   * @throws RangeError as `fragment`
   */
  software(name: string, version: string | undefined, url?: string): void;
  /**
   * Gives it one more external id, as `c8y_IMEI` and the number of its modem, by which others find it. May be said at any time.
   * @throws RangeError when it is not allowed, or the ninth
   */
  alsoKnownAs(type: string, id: string): void;
  /**
   * Reports where the device is: an event and the inventory (degrees, metres).
   * @throws RangeError for a latitude beyond 90, a longitude beyond 180 or an altitude beyond all that flies
   */
  position(latitude: number, longitude: number, altitude?: number): void;

  // What follows may be said at any time; a RangeError tells of a name that is not allowed, a value that is no JSON, or
  // of more than 1,984 bytes in all.

  /** Reports a measurement that no sensor gives: fragments of series, as `{c8y_Steam: {T: {value: 96.5, unit: 'C'}}}`. */
  measure(type: string, fragments: Fragments): void;
  event(type: string, text: string, fragments?: Fragments): void;
  /**
   * Raises an alarm unless one of this type is active already, also since before the last start. One that is gets the new
   * severity and text; its fragments stay.
   */
  alarm(type: string, severity: Severity, text: string, fragments?: Fragments): void;
  /** Clears the active alarm of this type, if there is one. */
  clear(type: string): void;
}

/** The board itself. */
export interface AppBoard extends AppDevice {
  /** Declares a child device. @throws RangeError when the id is taken or has other than A-Z a-z 0-9 _ - */
  child(id: string, definition: ChildDefinition): AppChild;
  /** Adds a command to `c8y_Command`. @throws RangeError when its name is not allowed */
  command(command: Command): void;
  /** Restarts the board in order, not before the present event is over. */
  restart(reason: string): void;
}

/** A child device. */
export interface AppChild extends AppDevice {
  readonly childId: string;
  /** False: it keeps its place under the device and gets an alarm until it is true again. */
  reachable(yes: boolean): void;
  /** It is gone for good: its reference is removed, its data stays. */
  remove(): void;
}

export interface ChildDefinition {
  /** Given at creation; default: the child's id. */
  readonly name?: string;
  /** Default `c8y_Child`. */
  readonly type?: string;
  /**
   * What it is known by wherever it is, as `{type: 'c8y_Serial', id: 'W-4711'}`: a meter that moves to another gateway stays
   * the same device. Default: it belongs to this device, as `<externalId>:<child>`.
   */
  readonly externalId?: { readonly type: string; readonly id: string };
  /** What is not given is not said. */
  readonly hardware?: { readonly model?: string; readonly revision?: string; readonly serialNumber?: string };
  readonly firmware?: { readonly name: string; readonly version: string };
  /** Minutes; default: the key requiredAvailability. */
  readonly requiredAvailabilityMin?: number;
}

/** `Names` are those of the sensor's sample, where TypeScript knows them: then a misspelt one does not compile. */
export interface SensorDefinition<Names extends string = string> {
  /** Made by `measurement()`, best at module level, where it lies in flash. */
  readonly reports: MeasurementTemplate<NoInfer<Names>>;
  readonly sensor: Sensor<Names>;
  readonly rules?: readonly RuleDefinition<NoInfer<Names>>[];
  /** Seconds between two samples, 1 to 86,400; default: the key measurementInterval. */
  readonly intervalS?: number;
}

/** An alarm that follows a value: raised when it has been beyond the limit for `forS`, cleared when it is back within `back`. */
export interface RuleDefinition<Names extends string = string> {
  /** The name in the sensor's sample. */
  readonly of: Names;
  readonly above?: number;
  readonly below?: number;
  /** Where the value must return to (hysteresis); default: the limit itself. */
  readonly back?: number;
  /** Seconds for which the condition must hold before the alarm is raised; default 0. */
  readonly forS?: number;
  readonly type: string;
  readonly severity: Severity;
  readonly text: string;
}
