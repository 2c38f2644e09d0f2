// SPDX-License-Identifier: Apache-2.0

import { equalBytes } from '../../bytes/text.ts';
import type { Host } from '../../capability.ts';
import type { Json } from '../../json/write.ts';
import { atOnce } from '../later.ts';

/**
 * A configuration file on the device; the platform fetches and replaces it by its type. It is neither empty nor a page
 * of HTML, which a portal may send in its place.
 */
export interface ConfigurationFile {
  /** 1 to 40 of `A-Z a-z 0-9 _ -`. */
  readonly type: string;
  /** A longer file is refused. The whole file is in RAM for a while. */
  readonly maxBytes: number;
  /** The file in force; at once, not with a promise. */
  read(host: Host): Uint8Array;
  /**
   * Checks the file and puts it in force as a whole; returns a promise if that takes time. A second call with the same
   * bytes must change nothing, because a power cut may come in between; after such a cut the file before is applied at
   * the start, after the declarations of the app. An exception or a rejection is the reason of the failure, for the
   * operator: if `read` then differs from before, the file before is applied again. So it is when the promise is not
   * settled within 15 minutes.
   */
  apply(bytes: Uint8Array, host: Host): void | Promise<void>;
  /**
   * Whether these bytes, which were applied, are in force. Otherwise the file before is applied again, and the operation
   * fails. Absent: `read` returns the same bytes; so a file needs it that the app keeps in a form of its own.
   */
  isInForce?(bytes: Uint8Array, host: Host): boolean;
  /** Other fragments of the inventory that the file changes. */
  inventory?(host: Host): Readonly<Record<string, Json>>;
}

/** @throws Error when the file in force is not the one that was applied */
export function verify(file: ConfigurationFile, bytes: Uint8Array, host: Host): void {
  if (!(file.isInForce?.(bytes, host) ?? equalBytes(bytes, inForce(file, host))))
    throw new Error(`${file.type}: it was applied, and another file is in force`);
}

export function inForce(file: ConfigurationFile, host: Host): Uint8Array {
  const what = `read of the file ${file.type}: it must return bytes`;
  const bytes: unknown = atOnce(what, file.read(host));
  // A text of a JavaScript app would fail within the exchange that sends it, where nobody catches.
  if (bytes instanceof Uint8Array) return bytes;
  throw new TypeError(what);
}
