// SPDX-License-Identifier: Apache-2.0
/** The images for ESP Web Tools: those that a project has built, the newest for each kind of chip. */

import { chipFamily, type FlashPart, readFirmware } from '../image/flash-image.ts';
import { builtImages } from '../moddable/firmware/built.ts';

/** Time for which the page waits for a flashed board to answer Improv. */
const START_SECONDS = 15;

/** A firmware for one kind of chip. */
export interface Install {
  readonly chipFamily: string;
  readonly parts: readonly FlashPart[];
}

/** @param output output folder of mcconfig @param report called with a line about an unusable image */
export function findInstalls(output: string, report: (line: string) => void): Install[] {
  const installs = new Map<string, Install>();
  for (const { directory } of builtImages(output)) {
    try {
      const { parts, chipId } = readFirmware(directory);
      const family = chipFamily(chipId);
      if (family === undefined) report(`${directory}: chip ${chipId} is not known to this page`);
      else if (!installs.has(family)) installs.set(family, { chipFamily: family, parts });
    } catch (error) {
      report(`${directory}: ${(error as Error).message}`);
    }
  }
  return [...installs.values()];
}

/** The manifest for ESP Web Tools; {@link partPath} gives the paths of the parts. */
export function webManifest(
  firmware: { readonly name: string; readonly version: string },
  installs: readonly Install[],
) {
  return {
    name: firmware.name,
    version: firmware.version,
    // The parts do not overlap the NVS partition, so a board whose flash is not erased keeps its settings.
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
