// SPDX-License-Identifier: Apache-2.0

import type { ByteWriter } from '../bytes/writer.ts';

/** The body of an answer as far as it was kept: `bytes[0, end)`; `overflowed` when there was more. */
export type Body = ByteWriter;

/** Receives a body piece by piece. */
export interface BodySink {
  feed(bytes: Uint8Array, from: number, to: number): void;
}
