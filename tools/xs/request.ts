// SPDX-License-Identifier: Apache-2.0
/** What XS and the process of its HAL tell each other. */

/** What goes to XS unasked. */
export type EventSink = (op: number, id: number, arg: number, payload?: Uint8Array) => void;

/** A request of XS; the payload is valid only while it is handled. */
export interface Request {
  readonly op: number;
  readonly id: number;
  readonly arg: number;
  readonly value: number;
  readonly payload: Buffer;
}

export interface Reply {
  readonly value: number;
  readonly payload?: Uint8Array | undefined;
}
