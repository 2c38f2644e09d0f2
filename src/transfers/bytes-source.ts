// SPDX-License-Identifier: Apache-2.0

import type { UploadSource } from './upload.ts';

/** The bytes as the content of an upload. */
export function bytesSource(bytes: Uint8Array): UploadSource {
  let at = 0;
  return {
    open() {
      at = 0;
      return bytes.length;
    },
    read(into) {
      const piece = bytes.subarray(at, at + into.length);
      into.set(piece);
      at += piece.length;
      return piece.length;
    },
  };
}
