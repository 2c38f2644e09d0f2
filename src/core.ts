// SPDX-License-Identifier: Apache-2.0
/**
 * The services of the agent that parts of the package may use (`fractus/state`, `fractus/life` …), which an app
 * imports. On a board they are bundled with the app, apart from the agent, so the names in this file are not shortened.
 */

import type { Hal } from '../hal/hal.ts';
import type { AppBoard, AppDevice } from './api.ts';

/** Called after each event. */
export interface EventFollower {
  afterEvent(): void;
}

/** A deadline. */
export interface CoreDeadline {
  start(delayMs: number): void;
  stop(): void;
}

/** An activity with a table; `state` is an index into it. */
export interface CoreActivity {
  readonly state: number;
}

/** A request, written by a part. */
export interface CoreRequest {
  start(method: number): CoreRequest;
  given(path: Uint8Array): CoreRequest;
  headers(contentType: Uint8Array | undefined, accept: Uint8Array | undefined): CoreRequest;
  put(constant: Uint8Array): CoreRequest;
}

/** Takes a body piece by piece. */
export interface CoreSink {
  feed(bytes: Uint8Array, from: number, to: number): void;
}

/** A request of a part to the platform, in turn with the requests of the agent itself. */
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

/** The board or a child, as a device of the platform. */
export interface CoreDevice {
  readonly agent: Core;
  readonly registered: boolean;
  readonly gone: boolean;
  readonly id: string;
}

/** The agent, as far as parts use it. */
export interface Core {
  readonly hal: Hal;
  readonly config: { readonly requiredAvailabilityMin: number };
  /** Values in force by key, including those of the app. */
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
  /** Number of events to be updated; absent: none yet. */
  unsent?: number;
  /** True: the agent looks for neither link nor platform, from the start on. */
  isOffline: boolean;
  /** Called when the agent begins to stop, while it can still record. */
  onEnding: (() => void) | undefined;
  /** Called when other values come into force. */
  onConfigured: (() => void) | undefined;
  goOnline(delayMs: number): void;
  recall(name: string): string | undefined;
  remember(name: string, text: string | undefined): boolean;
  configure(text: string): void;
  /** Tells the agent that a registration or an update is due. */
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
