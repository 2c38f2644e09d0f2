// SPDX-License-Identifier: Apache-2.0
/** The progress of a response, and the receiver of its parts. */

import type { ResponseHead } from './head.ts';

export const ResponseState = { Head: 0, Body: 1, Done: 2, Failed: 3 } as const;
export type ResponseState = (typeof ResponseState)[keyof typeof ResponseState];

/** State of the parser. Values up to SkipHeader are `ResponseState.Head`, up to SkipTrailer `ResponseState.Body`. */
export const Phase = {
  StatusLine: 0,
  Header: 1,
  SkipHeader: 2,
  Length: 3,
  UntilClose: 4,
  ChunkData: 5,
  ChunkSize: 6,
  ChunkEnd: 7,
  Trailer: 8,
  SkipTrailer: 9,
  Done: 10,
  Failed: 11,
} as const;
export type Phase = (typeof Phase)[keyof typeof Phase];

export interface ResponseHandler {
  /** The head is complete. Not called for 1xx responses. */
  onHead(head: ResponseHead): void;
  /** Part of the content is in `[from, to)` of the buffer, until this returns. */
  onBody(bytes: Uint8Array, from: number, to: number): void;
  /**
   * For a handler that needs other fields than `ResponseHead` has: each field, name in `[at, colon)`, value before
   * `end`.
   */
  onField?(bytes: Uint8Array, at: number, colon: number, end: number): void;
}
