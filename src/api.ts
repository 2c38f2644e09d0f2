// SPDX-License-Identifier: Apache-2.0

import type { Sensor } from '../hal/hal.ts';
import type { AppHal } from './app-hal.ts';
import type { Capability, Command } from './capability.ts';
import type { ConfigKey } from './config-keys.ts';
import type { MeasurementTemplate } from './cumulocity/measurement.ts';
import type { Json } from './json/write.ts';

/** Severities of an alarm, most severe first. */
export type Severity = 'CRITICAL' | 'MAJOR' | 'MINOR' | 'WARNING';

/**
 * Custom fragments: JSON values by name. A name has no white space, none of `. , * [ ] ( ) @ $ /`, and is not one of
 * `id self source time type text severity status creationTime lastUpdated`.
 */
export type Fragments = Readonly<Record<string, Json>>;

/** Fragments with known members, which Device management shows and rules use. */
export type KnownFragments = {
  /** Default for the board: the values of its HAL. */
  readonly c8y_Hardware: { readonly model?: string; readonly revision?: string; readonly serialNumber?: string };
  /** The modem and its cell. A device with a modem has `iccid` or `msisdn`. */
  readonly c8y_Mobile: {
    readonly imei?: string;
    /** Number of the SIM card. */
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
 * The app, written by a firmware author. It is called once with the device, to declare its sensors, children and
 * operations. A wrong declaration (a bad fragment name, a child id used twice) throws at once, so that it is found on
 * the desk.
 */
export interface App {
  (app: AppBoard): void;
  /** Configuration keys of the app, made by `withSettings` of `fractus/settings`. */
  readonly settings?: readonly ConfigKey[];
}

/** A device as its author sees it: the board itself, or a child. */
export interface AppDevice {
  readonly hal: AppHal;
  /** Id of its managed object on the platform; empty until the first registration. */
  readonly id: string;

  /** Adds a sensor, which is sampled every `measurementInterval` and reported. */
  sensor<Names extends string>(definition: SensorDefinition<Names>): void;
  /** Removes all declarations of a sensor: it is no longer sampled. Its alarms stay as they are. */
  removeSensor(sensor: Sensor): void;
  /** Adds an operation, or replaces the one of this name, at any time. The platform gets the new list of operations. */
  operation(capability: Capability): void;
  /** Removes an operation, also a built-in one. The platform gets the new list; operations that it still sends fail. */
  removeOperation(name: string): void;
  /**
   * Sets a fragment in the inventory, with the creation of the object or in a later update. The newest value wins.
   * @throws RangeError when the platform or the agent uses this name itself, the value is no JSON or larger than 4,096
   * bytes, or all fragments declared at the start are larger than 12,288 bytes together. Later, a fragment that does
   * not fit is logged and left out.
   */
  fragment<Name extends string>(
    name: Name,
    value: Name extends keyof KnownFragments ? KnownFragments[Name] : Json,
  ): void;
  /**
   * Adds software to `c8y_SoftwareList` and `c8y_Software`, at any time. Those of the board contain its firmware and
   * the agent already. Without a version, the software is removed.
   * @throws RangeError as `fragment`
   */
  software(name: string, version: string | undefined, url?: string): void;
  /**
   * Adds an external id, for example `c8y_IMEI` with the number of its modem, by which other systems find the device.
   * May be called at any time.
   * @throws RangeError when the id is not allowed, or is the ninth
   */
  alsoKnownAs(type: string, id: string): void;
  /**
   * Reports the position of the device in an event and in the inventory (degrees, metres).
   * @throws RangeError for a latitude beyond ±90, a longitude beyond ±180, an altitude outside -12,000 to 1,000,000
   */
  position(latitude: number, longitude: number, altitude?: number): void;

  // The following methods may be called at any time. They throw a RangeError for a name that is not allowed, a value
  // that is no JSON, or a record of more than 1,984 bytes.

  /** Reports a measurement without a sensor: fragments of series, as `{c8y_Steam: {T: {value: 96.5, unit: 'C'}}}`. */
  measure(type: string, fragments: Fragments): void;
  event(type: string, text: string, fragments?: Fragments): void;
  /**
   * Raises an alarm, unless one of this type is active already, also from before the last start. An active one gets the
   * new severity and text; its fragments stay.
   */
  alarm(type: string, severity: Severity, text: string, fragments?: Fragments): void;
  /** Clears the active alarm of this type, if there is one. */
  clear(type: string): void;
}

/** The board itself. */
export interface AppBoard extends AppDevice {
  /**
   * Declares a child device.
   * @throws RangeError when the id is taken or has characters other than A-Z a-z 0-9 _ -, or the firmware lacks the part
   * `children`
   */
  child(id: string, definition: ChildDefinition): AppChild;
  /** Adds a command to `c8y_Command`. @throws RangeError when its name is not allowed */
  command(command: Command): void;
  /** Restarts the board in order, after the present event. */
  restart(reason: string): void;
}

/** A child device. */
export interface AppChild extends AppDevice {
  readonly childId: string;
  /** `false` raises an alarm that the child is unreachable, `true` clears it. The child stays under the device. */
  reachable(yes: boolean): void;
  /** Removes the child for good: its reference under the board goes, its data stays. */
  remove(): void;
}

export interface ChildDefinition {
  /** The name at its creation; default: the child's id. */
  readonly name?: string;
  /** Default `c8y_Child`. */
  readonly type?: string;
  /**
   * An external id of its own, as `{type: 'c8y_Serial', id: 'W-4711'}`: a meter that moves to another gateway stays the
   * same device. Default: it belongs to this device, as `<externalId>:<child>`.
   */
  readonly externalId?: { readonly type: string; readonly id: string };
  /** Values for `c8y_Hardware`; missing ones are not sent. */
  readonly hardware?: { readonly model?: string; readonly revision?: string; readonly serialNumber?: string };
  readonly firmware?: { readonly name: string; readonly version: string };
  /** Minutes; default: the key requiredAvailability. */
  readonly requiredAvailabilityMin?: number;
}

/** `Names` are the names in the sensor's sample. If TypeScript knows them, a misspelt name does not compile. */
export interface SensorDefinition<Names extends string = string> {
  /** Made by `measurement()`, best at module level, so that it is in flash. */
  readonly reports: MeasurementTemplate<NoInfer<Names>>;
  readonly sensor: Sensor<Names>;
  readonly rules?: readonly RuleDefinition<NoInfer<Names>>[];
  /** Seconds between two samples, 1 to 86,400; default: the key measurementInterval. */
  readonly intervalS?: number;
}

/** An alarm that follows a value: raised after `forS` beyond the limit, cleared when it reaches `back`. */
export interface RuleDefinition<Names extends string = string> {
  /** The name in the sensor's sample. */
  readonly of: Names;
  readonly above?: number;
  readonly below?: number;
  /** The value at which the alarm is cleared (hysteresis); default: the limit itself. */
  readonly back?: number;
  /** Seconds for which the condition must hold before the alarm is raised; default 0. */
  readonly forS?: number;
  readonly type: string;
  readonly severity: Severity;
  readonly text: string;
}
