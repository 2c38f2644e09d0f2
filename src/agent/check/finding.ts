// SPDX-License-Identifier: Apache-2.0

/** The layers that have to work, from the lowest to the highest. */
export type Layer =
  | 'configuration'
  | 'Wi-Fi'
  | 'DNS'
  | 'TCP'
  | 'TLS'
  | 'clock'
  | 'credentials'
  | 'HTTP'
  | 'registration';

export interface Finding {
  readonly layer: Layer;
  /** `pending`: nothing is wrong, but a person has to act or to wait. */
  readonly verdict: 'ok' | 'pending' | 'failed';
  /** A text for a person; it contains no secret. */
  readonly text: string;
}

/** One line for a person: `DNS            ok       example.cumulocity.com`. */
export function findingLine({ layer, verdict, text }: Finding): string {
  return `${layer.padEnd(14)} ${verdict.padEnd(8)} ${text}`;
}
