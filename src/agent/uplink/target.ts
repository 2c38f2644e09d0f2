// SPDX-License-Identifier: Apache-2.0

import type { Target, TlsOptions } from '../../../hal/hal.ts';
import type { Endpoint } from '../../endpoint.ts';

export function targetOf({ host, port, secure }: Endpoint, tls: TlsOptions): Target {
  return secure ? { host, port, tls } : { host, port };
}
