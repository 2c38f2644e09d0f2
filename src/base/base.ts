// SPDX-License-Identifier: Apache-2.0

import type { Hal } from '../../hal/hal.ts';
import type { Config, Runtime } from '../config.ts';
import type { Timers } from '../timers/timers.ts';
import type { RequestLine } from './request-line.ts';
import type { Troubles } from './trouble.ts';

/**
 * The services of the agent that every activity uses. A room declares the other services that it uses in an interface
 * of its own; `Agent` implements all of them, and no room imports it.
 */
export interface Base {
  readonly hal: Hal;
  readonly config: Config;
  /** Present values of the settings that an operation can change. */
  readonly runtime: Readonly<Runtime>;
  readonly timers: Timers;
  /** All present failures. */
  readonly troubles: Troubles;
  readonly uplink: { readonly requests: RequestLine };
  /** Makes the agent start again, because an error thrown inside it may have left its state half changed. */
  panic(error: unknown): void;
}

/** Small values that survive a restart. */
export interface Memory {
  /** The stored text; undefined: there is none. */
  recall(name: string): string | undefined;
  /** As `recall`, for a value that is not text. */
  recallBytes(name: string): Uint8Array | undefined;
  /** Stores a text; undefined deletes the stored one. False: the flash refuses. */
  remember(name: string, text: string | undefined): boolean;
}
