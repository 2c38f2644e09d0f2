// SPDX-License-Identifier: Apache-2.0
/**
 * What the parts of the package that an app imports (`fractus/state`, `fractus/life` …) may use of the agent. On a board
 * they are bundled with the app, apart from the agent, so the names in this file stay as they are.
 */

import type { Hal } from '../../hal/hal.ts';
import type { AppBoard } from '../api.ts';

/** Who has something to do when an event is over. */
export interface Turner {
  afterEvent(): void;
}

/** A deadline. */
export interface CoreAlarm {
  start(delayMs: number): void;
  stop(): void;
}

/** An activity with a table: `state` is a place in it. */
export interface CoreActivity {
  readonly state: number;
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
  readonly timers: {
    readonly turnstile: { add(turner: Turner): void; remove(turner: Turner): void };
    create(owner: { onAlarm(): void }): CoreAlarm;
  };
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
