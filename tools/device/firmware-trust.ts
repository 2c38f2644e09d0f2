// SPDX-License-Identifier: Apache-2.0
/** Which firmware a virtual board takes: it runs on the machine of a developer, who is not asked. */

import { firmware } from '../../src/capabilities/firmware/firmware.ts';
import { isSignedOnly } from '../../src/capabilities/firmware/signed-only.ts';
import type { Capability } from '../../src/capability.ts';

const ON_NODE =
  'firmware cannot be installed: on Node it would have your rights, so the app must ask for signatures (signedFirmware); ' +
  '--runtime xs needs none for a platform on this machine';
const FROM_ELSEWHERE =
  'firmware cannot be installed: the platform is not on this machine, so the app must ask for signatures (signedFirmware)';

/** Whether nobody but this machine can be the platform at this URL. */
export function isHere(url: string | undefined): boolean {
  if (url === undefined || !URL.canParse(url)) return false;
  const { hostname } = new URL(url);
  return hostname === 'localhost' || hostname === '[::1]' || /^127(?:\.\d+){3}$/.test(hostname);
}

/**
 * What is not signed runs on XS alone, which has no files and no other processes, and only from a platform on this machine.
 * @param capabilities of the firmware that the board is made with
 * @returns why nothing may be installed, for a person; an empty text: nothing could be anyway; undefined: it may
 */
export function installFault(
  runtime: 'node' | 'xs',
  url: string | undefined,
  capabilities: readonly Capability[],
): string | undefined {
  if (!capabilities.some(({ name }) => name === firmware.name)) return '';
  if (isSignedOnly(capabilities) || (runtime === 'xs' && isHere(url))) return undefined;
  return runtime === 'node' ? ON_NODE : FROM_ELSEWHERE;
}
