// SPDX-License-Identifier: Apache-2.0

import type { Hal } from '../../../hal/hal.ts';
import type { Config, Runtime } from '../../config.ts';
import type { Timers } from '../../timers/timers.ts';
import type { RequestLine } from './request-line.ts';
import type { Troubles } from './trouble.ts';

/**
 * What every activity needs of the agent. What a room needs besides stands in an interface of its own, beside it; `Agent`
 * is all of them, and no room knows it.
 */
export interface Base {
  readonly hal: Hal;
  readonly config: Config;
  /** The values in force of those that an operation can change. */
  readonly runtime: Readonly<Runtime>;
  readonly timers: Timers;
  /** What fails at present. */
  readonly troubles: Troubles;
  readonly uplink: { readonly requests: RequestLine };
  /** What was thrown has left something half done: the agent starts anew. */
  panic(error: unknown): void;
}

/** Small values that survive a restart. */
export interface Memory {
  /** Undefined: there is none. */
  recall(name: string): string | undefined;
  /** As `recall`, of what is no text. */
  recallBytes(name: string): Uint8Array | undefined;
  /** False when the flash refuses. An undefined text is forgotten. */
  remember(name: string, text: string | undefined): boolean;
}
