// SPDX-License-Identifier: Apache-2.0

import type { Frame } from './channel.ts';

/** The reasons for an abort of XS. An ESP32 would restart. */
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
  /** The error with its stack, or the state of the heap, for a person. */
  readonly detail: string;
  /** True when the bundle failed during its evaluation; then it cannot be booted. */
  readonly duringEvaluation: boolean;

  constructor(kind: XsAbortKind, detail: string, duringEvaluation: boolean) {
    super(`XS: ${kind}${duringEvaluation ? ' while the bundle was evaluated' : ''}: ${detail}`);
    this.name = 'XsAbortError';
    this.kind = kind;
    this.detail = detail;
    this.duringEvaluation = duringEvaluation;
  }
}

/** Reads the error from the host's frame. Before the first boot, the bundle itself has failed. */
export function abortError({ boot, arg, payload }: Frame): XsAbortError {
  return new XsAbortError(ABORT_KINDS[arg - 1] ?? 'unknown', payload.toString(), boot === 0);
}
