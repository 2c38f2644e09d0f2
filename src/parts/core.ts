// SPDX-License-Identifier: Apache-2.0
/**
 * What the parts of the package that an app imports (`fractus/state`, `fractus/life` …) may use of the agent. On a board
 * they are bundled with the app, apart from the agent, so the names in this file stay as they are.
 */

import type { Hal } from '../../hal/hal.ts';
import type { AppBoard, AppDevice } from '../api.ts';

/** Who has something to do when an event is over. */
export interface EventFollower {
  afterEvent(): void;
}

/** A deadline. */
export interface CoreDeadline {
  start(delayMs: number): void;
  stop(): void;
}

/** An activity with a table: `state` is a place in it. */
export interface CoreActivity {
  readonly state: number;
}

/** A request, written by the part that asks. */
export interface CoreRequest {
  start(method: number): CoreRequest;
  given(path: Uint8Array): CoreRequest;
  headers(contentType: Uint8Array | undefined, accept: Uint8Array | undefined): CoreRequest;
  put(constant: Uint8Array): CoreRequest;
}

/** Takes a body as it comes in. */
export interface CoreSink {
  feed(bytes: Uint8Array, from: number, to: number): void;
}

/** Something that a part asks of the platform, in turn with all that the agent itself asks. */
export interface CoreClient {
  following: CoreClient | undefined;
  readonly once: boolean;
  readonly silenceMs: number;
  readonly stateName: string;
  readonly dueTicks: number;
  readonly isRetry: boolean;
  readonly sink: CoreSink | undefined;
  fail(what: string, reason: string, retryAfterMs: number): void;
  wants(outcome: number): boolean;
  write(request: CoreRequest): void;
  understand(): boolean;
  conclude(outcome: number): void;
  rewind(): void;
}

/** The board or a child, as its part of the platform. */
export interface CoreDevice {
  readonly agent: Core;
  readonly registered: boolean;
  readonly gone: boolean;
  readonly id: string;
}

export interface Core {
  readonly hal: Hal;
  readonly config: { readonly requiredAvailabilityMin: number };
  /** Values in force by key, the app's own among them. */
  readonly runtime: Readonly<Record<string, number | string>>;
  readonly board: { readonly registered: boolean; readonly idBytes: Uint8Array; owes: boolean };
  readonly telemetry: { readonly waiting: number; flush(): void };
  readonly alarms: CoreActivity;
  readonly upkeep: CoreActivity;
  readonly backlog: CoreActivity & { readonly intake: { readonly waiting: number } };
  readonly isListening: boolean;
  readonly stopped: boolean;
  readonly uplink: { readonly requests: { submit(client: CoreClient): void } };
  readonly timers: {
    readonly scope: { add(follower: EventFollower): void; remove(follower: EventFollower): void };
    create(owner: { onDeadline(): void }): CoreDeadline;
  };
  /** How many events are to be updated; absent: none has ever been. */
  unsent?: number;
  /** Neither link nor platform are looked for, from the start on. */
  isOffline: boolean;
  /** Called when the agent begins to end, while it can still record. */
  onEnding: (() => void) | undefined;
  /** Called when other values are in force. */
  onConfigured: (() => void) | undefined;
  goOnline(delayMs: number): void;
  recall(name: string): string | undefined;
  remember(name: string, text: string | undefined): boolean;
  configure(text: string): void;
  /** There is a device whose registration or update is due. */
  register(): void;
  stop(onStopped: () => void): void;
  panic(error: unknown): void;
}

/** The agent behind a board. */
export function coreOf(board: AppBoard): Core {
  return (board as unknown as { readonly agent: Core }).agent;
}

/** The board or a child, as the agent has it. */
export function coreDeviceOf(device: AppDevice): CoreDevice {
  return device as unknown as CoreDevice;
}
