// SPDX-License-Identifier: Apache-2.0
/** Counts the agent's network use in the deterministic world. */

import { World } from '../simulate/machine/world.ts';
import type { Exchange } from '../simulate/wire/bridge.ts';
import type { Values } from './metrics.ts';

const DAY_MS = 86_400_000;
const CREDENTIALS = /\/deviceCredentials$/;
const TELEMETRY = /^\/(measurement|event|alarm)\//;

/** Requests of a new device from its credentials to its first long poll, inclusive. */
export function countBootRequests(): Values {
  const world = new World();
  world.start();
  world.runUntil(() => world.exchanges.some(isConnect), 60_000);
  const requests = world.exchanges.slice(0, world.exchanges.findIndex(isConnect) + 1);
  const boot = requests.filter(({ path }) => !CREDENTIALS.test(path) && !TELEMETRY.test(path));
  world.finish();
  return { 'node.boot_requests': boot.length };
}

function isConnect({ body }: Exchange): boolean {
  return body.includes('"/meta/connect"');
}

/** Connections of a new device on its first day, including the first start. */
export function countConnections(): Values {
  const world = new World({ keepExchanges: 0 });
  world.start();
  world.run(DAY_MS);
  const { connections } = world;
  world.finish();
  return { 'fake.connections_per_day': connections };
}
