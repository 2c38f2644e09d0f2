// SPDX-License-Identifier: Apache-2.0
/**
 * All that is told of a tenant and of the virtual devices on it: the one list that the page, the terminal and the tests
 * read. Whoever reads it from a `reset` on knows everything; nobody keeps a second account of it.
 */

import type { OrderedFault } from '../faults.ts';
import type { JsonObject, OperationStatus } from '../model.ts';
import type { Breach } from '../rules.ts';

/** Good news, bad news, something under way, or just news. */
export type Mood = 'plain' | 'good' | 'bad' | 'busy';

/** The sentence about a message that is worth one. */
export interface Told {
  readonly who: 'device' | 'operator' | 'board' | 'somebody';
  /** Id of the device that it is about. */
  readonly of?: string;
  readonly text: string;
  readonly mood: Mood;
  /** Lines that belong to it, as the answer of a command. */
  readonly more: readonly string[];
}

/** What is kept of a request and its answer; head and body are under `/emulator/requests/{number}`. */
export interface ExchangeNote {
  readonly request: number;
  readonly method: string;
  readonly path: string;
  readonly user: string;
  readonly connection: number;
  /** What of the guide it carries out. */
  readonly step: string;
  /** What it is about, in two or three words. */
  readonly label: string;
  readonly askedMs: number;
  /** Undefined while it is under way. */
  readonly endedMs?: number;
  /** 0: it was cut. */
  readonly status?: number;
  readonly sentBytes: number;
  readonly answerBytes: number;
  /** Of the same device and line since the failure before it, ms: this is another try. */
  readonly retryAfterMs?: number;
}

/** A managed object as the platform shows it, its own fragments of the state among them. */
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

/** What a virtual board is and does. */
export interface BoardNote {
  readonly board: string;
  readonly engine: string;
  /** Id of its managed object, once it is registered. */
  readonly objectId?: string;
  readonly power: 'on' | 'off';
  readonly link: 'up' | 'down';
  readonly boots: number;
  readonly resetCause: string;
  /** Sensors that are pulled out. */
  readonly unplugged: readonly string[];
  readonly isLit: boolean;
  readonly isFlashRefusing: boolean;
  /** Present state of each of the agent's tables, by name, with how often each state was entered. */
  readonly tables: Readonly<Record<string, { readonly state: number; readonly entered: readonly number[] }>>;
  /** Records that wait to be sent. */
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
  /** How much of each sector is programmed, 0 to 1. */
  readonly fill: readonly number[];
}

/** Something that was done to a device or its platform, and what must come of it. */
export interface TrialNote {
  readonly id: number;
  readonly name: string;
  readonly title: string;
  readonly mustHappen: string;
  readonly state: 'running' | 'recovering' | 'passed' | 'failed' | 'cancelled';
  readonly startedMs: number;
  readonly board?: string;
  /** What has come of it. */
  readonly result: string;
}

export type Content =
  /** Everything so far is void: what follows is all that there is. */
  | {
      readonly kind: 'reset';
      readonly tenant: string;
      readonly acceptsAll: boolean;
      /** It is over, and what follows is all of it, from its beginning on: words of the command that lives it again. */
      readonly recording?: string;
    }
  /** All that there was has been listed. */
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
  /** A planned fault of a simulated life has been done. */
  | { readonly kind: 'struck'; readonly fault: string }
  /** How a simulated life has ended. */
  | { readonly kind: 'verdict'; readonly held: boolean; readonly text: string }
  /** Only a sentence. */
  | { readonly kind: 'told' };

export type Message = Content & {
  /** One more than that of the message before it. */
  readonly number: number;
  readonly timeMs: number;
  readonly told?: Told;
};
