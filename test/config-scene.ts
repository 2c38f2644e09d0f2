// SPDX-License-Identifier: Apache-2.0

import { ConfigError, parseConfig, type RawConfig } from '../src/config.ts';

export const mac = '30aea4123456';

export const url = 'https://example.cumulocity.com';

/** The refusal of a configuration. */
export function refusal(raw: RawConfig): ConfigError {
  try {
    parseConfig({ url, ...raw }, mac);
  } catch (error) {
    if (error instanceof ConfigError) return error;
    throw error;
  }
  throw new Error(`not refused: ${JSON.stringify(raw)}`);
}
