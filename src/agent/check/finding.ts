// SPDX-License-Identifier: Apache-2.0

/** What has to work, from the bottom up. */
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
  /** `pending`: nothing is wrong, but somebody has to act or to wait. */
  readonly verdict: 'ok' | 'pending' | 'failed';
  /** For a person; holds no secret. */
  readonly text: string;
}

/** `DNS            ok       example.cumulocity.com` */
export function findingLine({ layer, verdict, text }: Finding): string {
  return `${layer.padEnd(14)} ${verdict.padEnd(8)} ${text}`;
}
