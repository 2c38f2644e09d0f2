// SPDX-License-Identifier: Apache-2.0
/** Relays by the names of their actuators, and their states on flash, so that a restart does not change them. */

import type { AgentHost } from '../../capability.ts';
import { atOnce } from '../later.ts';

/** The name for the closed relays on flash, one per line. */
const CLOSED = 'relays';

/** As in operations and in the inventory; 1 is written to the actuator of a closed relay. */
export type RelayState = 'OPEN' | 'CLOSED';

export const NOT_KEPT = 'the flash refuses to note the state, so nothing was switched';

export function isRelayState(text: string | undefined): text is RelayState {
  return text === 'OPEN' || text === 'CLOSED';
}

/** Writes the kept state to each actuator. False: the board lacks one of them, which the log says. */
export function restore(host: AgentHost, names: readonly string[]): boolean {
  const { actuators } = host.hal;
  const missing = names.find((name) => actuators[name] === undefined);
  if (missing !== undefined) {
    // Else an author would look for the mistake on the platform.
    host.hal.log('warn', `this board has no actuator ${missing}, so its operation is not offered`);
    return false;
  }
  const states = statesOf(host, names);
  for (let i = 0; i < names.length; i++) write(host, names[i] as string, states[i] === 'CLOSED');
  return true;
}

export function statesOf(host: AgentHost, names: readonly string[]): RelayState[] {
  const closed = closedNames(host);
  return names.map((name) => (closed.includes(name) ? 'CLOSED' : 'OPEN'));
}

/** Switches them, one state for each name. False: the flash refuses, and nothing has changed. */
export function switchTo(host: AgentHost, names: readonly string[], states: readonly RelayState[]): boolean {
  const before = closedNames(host);
  const closed = before.filter((name) => !names.includes(name));
  for (let i = 0; i < names.length; i++) if (states[i] === 'CLOSED') closed.push(names[i] as string);
  const text = closed.sort().join('\n');
  if (text !== before.join('\n') && !host.remember(CLOSED, text === '' ? undefined : text)) return false;
  for (let i = 0; i < names.length; i++) {
    const name = names[i] as string;
    atOnce(`actuator ${name}: write must switch at once`, write(host, name, states[i] === 'CLOSED'));
  }
  return true;
}

function write(host: AgentHost, name: string, isClosed: boolean): unknown {
  return host.hal.actuators[name]?.write(isClosed ? 1 : 0);
}

function closedNames(host: AgentHost): string[] {
  return host.recall(CLOSED)?.split('\n') ?? [];
}
