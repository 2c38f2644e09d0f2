// SPDX-License-Identifier: Apache-2.0

import platform from 'fractus/platform';
import manifest from 'mc/config';
import { type NetworkOptions, networkBy } from '../../../src/capabilities/network.ts';
import type { AgentHost, Capability } from '../../../src/capability.ts';
import type { NetworkAccess } from '../../hal.ts';
import { boardConfig, FACTORY_SPACE, OWN_SPACE, readSettings, writeSettings } from '../config.ts';
import type { Esp32Network } from '../network/network.ts';
import { WifiAccess } from '../network/wifi-access.ts';
import type { WifiAccessLink } from '../network/wifi-link.ts';

/** The capability `network` for a board. Only firmware that lists it carries the code that changes the link. */
export function network(options: NetworkOptions = {}): Capability {
  return networkBy(accessOf, options);
}

/** Undefined when the link cannot join another network. */
function accessOf({ hal }: AgentHost): NetworkAccess | undefined {
  const link = (hal.network as Esp32Network).options.link as WifiAccessLink;
  if (link.networks === undefined) return undefined;
  const values = platform.openValues(OWN_SPACE);
  return new WifiAccess({
    link,
    reset: () => hal.network.reset(),
    config: () => boardConfig({ ...manifest, ...readSettings(platform.openValues(FACTORY_SPACE)) }, values),
    set: (settings) => writeSettings(values, { ...readSettings(values), ...settings }),
  });
}
