// SPDX-License-Identifier: Apache-2.0
/** The modules that a board gets of this package. */

import path from 'node:path';
import { namingSources } from '../internal-names.ts';
import { keptOrMade } from '../kept.ts';
import { type DeviceCode, deviceCode, frozen } from '../lean.ts';
import { BUILD, PARTS } from '../places.ts';

/** The modules of the manifest, by their path there: the sources that they are made of. */
const MODULES: Readonly<Record<string, string>> = {
  board: 'hal/esp32/start.ts',
  fractus: 'hal/esp32/fractus.ts',
  main: 'hal/esp32/main.ts',
  sensors: 'hal/esp32/sensors/drivers.ts',
  'platform-lin': 'hal/esp32/lin/platform.ts',
  'platform-chip': 'hal/esp32/chip/platform.ts',
};

/** Modules that the SDK or the manifest provides at run time. */
const EXTERNALS = [
  'crypt',
  'curve',
  'ecp',
  'embedded:*',
  'fractus',
  'fractus/board',
  'fractus/firmware',
  'fractus/platform',
  'fractus/sensors',
  'mc/*',
  'modular',
  'modules',
  'net',
  'Resource',
  'rsa',
  'system',
  'time',
  'timer',
];

/** The code of those of the manifest, by their path there; made anew only when a source has changed. */
export async function ownModules(): Promise<ReadonlyMap<string, string>> {
  const naming = namingSources();
  const { value } = await keptOrMade(
    path.join(BUILD, 'modules.json'),
    { MODULES, EXTERNALS, naming, marked: true },
    async () => {
      const modules: Record<string, string> = {};
      const inputs = new Set(naming);
      for (const [name, source] of Object.entries(MODULES)) {
        const module = await moduleCode(source);
        // An author's module may have state of its own; ours have none.
        modules[name] = frozen(module.code);
        for (const input of module.inputs) inputs.add(input);
      }
      return { value: modules, inputs: [...inputs] };
    },
  );
  return new Map(Object.entries(value));
}

/** One more module for a board; for those of tests. Relative paths are from the package's root. */
export async function bundle(source: string): Promise<string> {
  return (await moduleCode(source)).code;
}

export async function moduleCode(source: string): Promise<DeviceCode> {
  const { code, inputs } = await deviceCode(source, {
    external: EXTERNALS,
    alias: PARTS,
    // The console of a board says what keys and commands mean.
    without: ['step'],
    // Each name is a slot and a text in flash, however often it is used: locals share theirs.
    finish: { format: 'esm', minifyIdentifiers: true },
  });
  return { code: explicit(code), inputs };
}

/**
 * With imports of what the SDK or a manifest provides marked as such, for mcpack: it would look for a bare name among the
 * packages that npm has installed. XS takes the mark off.
 */
export function explicit(code: string): string {
  return code.replace(/^((?:import|export)\b[^"\n]*)"(?!embedded:|moddable:|\.)([^"\n]+)"/gm, '$1"moddable:$2"');
}
