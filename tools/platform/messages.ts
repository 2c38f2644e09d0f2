// SPDX-License-Identifier: Apache-2.0
/**
 * All messages about a tenant and its virtual devices: the single source for the page, the terminal and the tests. A
 * reader that starts at a `reset` knows everything; no other record is kept.
 */

import type { OrderedFault } from './faults.ts';
import type { JsonObject, OperationStatus } from './model.ts';
import type { Breach } from './rules.ts';

/** The mood of a sentence: neutral, good, bad, or in progress. */
export type Mood = 'plain' | 'good' | 'bad' | 'busy';

/** The sentence about a message, if it is worth one. */
export interface Told {
  readonly who: 'device' | 'operator' | 'board' | 'somebody';
  /** Id of the device. */
  readonly of?: string;
  readonly text: string;
  readonly mood: Mood;
  /** Further lines, as the answer of a command. */
  readonly more: readonly string[];
}

/** The summary of a request and its answer; head and body are under `/emulator/requests/{number}`. */
export interface ExchangeNote {
  readonly request: number;
  readonly method: string;
  readonly path: string;
  readonly user: string;
  readonly connection: number;
  /** The step of the guide that it implements. */
  readonly step: string;
  /** Its purpose in two or three words. */
  readonly label: string;
  readonly askedMs: number;
  /** Undefined while it is in progress. */
  readonly endedMs?: number;
  /** 0: the connection was cut. */
  readonly status?: number;
  readonly sentBytes: number;
  readonly answerBytes: number;
  /** Time since the previous failure of the same request of this device, ms: this is a retry. */
  readonly retryAfterMs?: number;
}

/** A managed object in the platform's form, including the fragments that the platform maintains. */
export interface ObjectNote {
  readonly id: string;
  readonly owner: string;
  readonly isDevice: boolean;
  readonly createdMs: number;
  readonly lastMessageMs?: number;
  readonly children: readonly string[];
  readonly fragments: JsonObject;
}

export interface OperationNote {
  readonly id: string;
  readonly deviceId: string;
  readonly status: OperationStatus;
  readonly fragments: JsonObject;
  readonly failureReason?: string;
  readonly history: readonly { readonly status: OperationStatus; readonly timeMs: number }[];
}

/** One measurement: a value of each series. */
export interface MeasurementNote {
  readonly id: string;
  readonly sourceId: string;
  readonly sampledMs: number;
  readonly arrivedMs: number;
  readonly series: readonly { readonly name: string; readonly value: number; readonly unit: string }[];
}

/** An event or an alarm. */
export interface RecordNote {
  readonly id: string;
  readonly sourceId: string;
  readonly occurredMs: number;
  readonly firstMs: number;
  readonly count: number;
  readonly fragments: JsonObject;
}

/** The state of a virtual board. */
export interface BoardNote {
  readonly board: string;
  readonly engine: string;
  /** Id of its managed object, once it is registered. */
  readonly objectId?: string;
  readonly power: 'on' | 'off';
  readonly link: 'up' | 'down';
  readonly boots: number;
  readonly resetCause: string;
  /** Names of unplugged sensors. */
  readonly unplugged: readonly string[];
  readonly isLit: boolean;
  readonly isFlashRefusing: boolean;
  /** Present state of each of the agent's tables, by name, and the number of entries into each state. */
  readonly tables: Readonly<Record<string, { readonly state: number; readonly entered: readonly number[] }>>;
  /** Number of records that wait to be sent. */
  readonly waiting: number;
}

/** The machine's memory and flash at one moment. */
export interface FiguresNote {
  readonly board: string;
  readonly slots?: number;
  readonly slotLimit?: number;
  readonly chunkBytes?: number;
  readonly chunkByteLimit?: number;
  readonly collections?: number;
  readonly storeUsedBytes: number;
  readonly storeBytes: number;
  /** Erases of each sector since the start. */
  readonly wear: readonly number[];
  /** Programmed share of each sector, 0 to 1. */
  readonly fill: readonly number[];
}

/** A trial of a device or its platform, with its required result. */
export interface TrialNote {
  readonly id: number;
  readonly name: string;
  readonly title: string;
  readonly mustHappen: string;
  readonly state: 'running' | 'recovering' | 'passed' | 'failed' | 'cancelled';
  readonly startedMs: number;
  readonly board?: string;
  /** The result so far. */
  readonly result: string;
}

export type Content =
  /** Discards everything so far: a full listing follows. */
  | {
      readonly kind: 'reset';
      readonly tenant: string;
      readonly acceptsAll: boolean;
      /** The command that repeats a recording; the listing is then the whole recording. */
      readonly recording?: string;
    }
  /** The end of the listing. */
  | { readonly kind: 'live' }
  | { readonly kind: 'exchange'; readonly exchange: ExchangeNote }
  | { readonly kind: 'registration'; readonly id: string; readonly status: string | undefined }
  | { readonly kind: 'object'; readonly id: string; readonly object: ObjectNote | undefined }
  | { readonly kind: 'operation'; readonly id: string; readonly operation: OperationNote | undefined }
  | { readonly kind: 'measurement'; readonly measurement: MeasurementNote }
  | { readonly kind: 'event'; readonly id: string; readonly event: RecordNote | undefined }
  | { readonly kind: 'alarm'; readonly id: string; readonly alarm: RecordNote | undefined }
  | { readonly kind: 'faults'; readonly faults: readonly OrderedFault[] }
  | { readonly kind: 'breach'; readonly breach: Breach }
  | { readonly kind: 'full'; readonly what: string }
  | { readonly kind: 'board'; readonly board: BoardNote }
  | { readonly kind: 'figures'; readonly figures: FiguresNote }
  | { readonly kind: 'line'; readonly board: string; readonly level: string; readonly text: string }
  | { readonly kind: 'trial'; readonly trial: TrialNote }
  /** A planned fault of a simulated life has struck. */
  | { readonly kind: 'struck'; readonly fault: string }
  /** The result of a simulated life. */
  | { readonly kind: 'verdict'; readonly held: boolean; readonly text: string }
  /** Only a sentence. */
  | { readonly kind: 'told' };

export type Message = Content & {
  /** One more than the number of the message before. */
  readonly number: number;
  readonly timeMs: number;
  readonly told?: Told;
};
