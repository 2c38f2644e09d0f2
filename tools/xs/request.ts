// SPDX-License-Identifier: Apache-2.0
/** The messages between XS and the process of its HAL. */

/** Sends an event to XS. */
export type EventSink = (op: number, id: number, arg: number, payload?: Uint8Array) => void;

/** A request of XS. The payload is valid only while the request is handled. */
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
