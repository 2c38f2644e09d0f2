// SPDX-License-Identifier: Apache-2.0

import { type ConfigKey, configKey } from '../../src/config.ts';
import { findResource } from '../moddable/manifest.ts';
import { DESK, projectConfig } from '../moddable/project/project-config.ts';

const NO_KEYS: readonly ConfigKey[] = [];

/**
 * The keys of the agent and of the app in a project, for a run on a desk. A resource of the board is a file here.
 * @param own the app's keys
 * @throws Error that names file and key when a value is not allowed
 */
export function readProject(directory: string | undefined, own = NO_KEYS): Map<string, string> {
  const pairs = new Map<string, string>();
  if (directory === undefined) return pairs;
  for (const [name, value] of Object.entries(projectConfig(directory, DESK, own))) {
    const key = configKey(name) ?? configKey(name, own);
    if (key === undefined) continue;
    pairs.set(name, key.file === true ? (findResource(directory, value) ?? value) : value);
  }
  return pairs;
}

/** Keys about the access to the platform. */
const ACCESS = ['auth', 'bootstrapUser', 'sendChain', 'allowPlain'];
/** Keys that must differ between devices. */
const IDENTITY = ['deviceId', 'externalId'];

/** The keys for several devices on a platform with its own access. */
export function readBehaviour(directory: string | undefined, devices: number, own = NO_KEYS): Record<string, string> {
  const keys = [...readProject(directory, own)].filter(([name]) => {
    const key = configKey(name);
    if (key?.kind === 'url' || key?.file === true || key?.secret === true || ACCESS.includes(name)) return false;
    return devices === 1 || !IDENTITY.includes(name);
  });
  return Object.fromEntries(keys);
}
