// SPDX-License-Identifier: Apache-2.0

import type { Frame } from './channel.ts';

/** Why XS has given up. An ESP32 would restart. */
export type XsAbortKind =
  | 'memory full'
  | 'stack overflow'
  | 'not enough keys'
  | 'too much computation'
  | 'unhandled exception'
  | 'unhandled rejection'
  | 'dead strip'
  | 'unknown';

/** In the order of AbortKind in host/host.h, from 1. */
const ABORT_KINDS: readonly XsAbortKind[] = [
  'memory full',
  'stack overflow',
  'not enough keys',
  'too much computation',
  'unhandled exception',
  'unhandled rejection',
  'dead strip',
];

export class XsAbortError extends Error {
  readonly kind: XsAbortKind;
  /** For a person: the error with its stack, or how full the heap was. */
  readonly detail: string;
  /** True when the bundle did not even come through its evaluation; it cannot be booted then. */
  readonly duringEvaluation: boolean;

  constructor(kind: XsAbortKind, detail: string, duringEvaluation: boolean) {
    super(`XS: ${kind}${duringEvaluation ? ' while the bundle was evaluated' : ''}: ${detail}`);
    this.name = 'XsAbortError';
    this.kind = kind;
    this.detail = detail;
    this.duringEvaluation = duringEvaluation;
  }
}

/** Out of the frame in which the host reports it; before any boot, it was the bundle that failed. */
export function abortError({ boot, arg, payload }: Frame): XsAbortError {
  return new XsAbortError(ABORT_KINDS[arg - 1] ?? 'unknown', payload.toString(), boot === 0);
}
