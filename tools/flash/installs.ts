// SPDX-License-Identifier: Apache-2.0
/** What ESP Web Tools installs: the images that a project has built, the newest for each kind of chip. */

import { chipFamily, type FlashPart, readFirmware } from '../image/flash-image.ts';
import { builtImages } from '../moddable/built.ts';

/** How long the page waits for a board that has just been flashed to answer Improv. */
const START_SECONDS = 15;

/** A firmware for one kind of chip. */
export interface Install {
  readonly chipFamily: string;
  readonly parts: readonly FlashPart[];
}

/**
 * @param output of mcconfig
 * @param report takes a line about an image that cannot be used
 */
export function findInstalls(output: string, report: (line: string) => void): Install[] {
  const installs = new Map<string, Install>();
  for (const { directory } of builtImages(output)) {
    try {
      const { parts, chipId } = readFirmware(directory);
      const family = chipFamily(chipId);
      if (family === undefined) report(`${directory}: chip ${chipId} is none that ESP Web Tools is told of here`);
      else if (!installs.has(family)) installs.set(family, { chipFamily: family, parts });
    } catch (error) {
      report(`${directory}: ${(error as Error).message}`);
    }
  }
  return [...installs.values()];
}

/** The manifest that ESP Web Tools reads; where the parts are is up to {@link partPath}. */
export function webManifest(
  firmware: { readonly name: string; readonly version: string },
  installs: readonly Install[],
) {
  return {
    name: firmware.name,
    version: firmware.version,
    // The parts lie outside of the partition of values, so a board whose flash is not erased keeps its settings.
    new_install_prompt_erase: true,
    new_install_improv_wait_time: START_SECONDS,
    builds: installs.map(({ chipFamily, parts }) => ({
      chipFamily,
      parts: parts.map(({ name, offset }) => ({ path: partPath(chipFamily, name), offset })),
    })),
  };
}

export function partPath(chipFamily: string, name: string): string {
  return `parts/${chipFamily}/${name}`;
}
