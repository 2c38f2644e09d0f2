// SPDX-License-Identifier: Apache-2.0
/** The modules that a board gets of this package. */

import { createHash } from 'node:crypto';
import path from 'node:path';
import type { Plugin } from 'esbuild';
import { namingSources } from '../internal-names.ts';
import { keptOrMade } from '../kept.ts';
import { shortUndefined } from '../lean/constants.ts';
import { type DeviceCode, deviceCode, frozen } from '../lean/lean.ts';
import { BUILD, PARTS, ROOT } from '../places.ts';
import { provided } from './provided.ts';

const BOARD = 'hal/esp32/index.ts';
const COMPOSITION = path.join(ROOT, 'hal/esp32/composition.ts');

/** The modules of the manifest, by their path there: the sources that they are made of. */
const MODULES: Readonly<Record<string, string>> = {
  board: BOARD,
  capabilities: 'hal/esp32/capabilities.ts',
  fractus: 'hal/esp32/fractus.ts',
  main: 'hal/esp32/main.ts',
  sensors: 'hal/esp32/sensors/drivers.ts',
  'platform-lin': 'hal/esp32/lin/platform.ts',
  'platform-chip': 'hal/esp32/chip/platform.ts',
};

/** A project that has chosen has a main module of its own: what ours would start need not be there, and XS looks for it when it links. */
const NO_MAIN = 'export default function main() {}\n';

/** Modules that the SDK or the manifest provides at run time. */
const EXTERNALS = [
  'crypt',
  'curve',
  'ecp',
  'embedded:*',
  'fractus',
  'fractus/board',
  'fractus/capabilities',
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

/**
 * The code of those of the manifest, by their path there; made anew only when a source has changed.
 * @param chosen stands in for the usual composition
 */
export async function ownModules(chosen?: string): Promise<ReadonlyMap<string, string>> {
  const naming = namingSources();
  // Each choice has its file: who builds two projects in turn makes neither anew.
  const choice = chosen === undefined ? '' : `-${createHash('sha256').update(chosen).digest('hex').slice(0, 8)}`;
  const file = path.join(BUILD, `modules${choice}.json`);
  const { value } = await keptOrMade(
    file,
    { MODULES, EXTERNALS, naming, chosen, marked: true, inPlace: true },
    async () => {
      const modules: Record<string, string> = {};
      const inputs = new Set(naming);
      for (const [name, source] of Object.entries(MODULES)) {
        const module = await moduleCode(source, source === BOARD ? composed(chosen) : []);
        // An author's module may have state of its own; ours have none.
        modules[name] = name === 'main' && chosen !== undefined ? NO_MAIN : frozen(module.code);
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

/** Of a project: it may import what its manifest provides, too. */
export function projectCode(project: string, source: string): Promise<DeviceCode> {
  return moduleCode(source, [provided(project)]);
}

async function moduleCode(source: string, plugins: Plugin[] = []): Promise<DeviceCode> {
  const { code, inputs } = await deviceCode(source, {
    plugins,
    external: EXTERNALS,
    // What is chosen of both lies in the module of the board.
    alias: { ...PARTS, 'fractus/parts': 'fractus/board' },
    preloaded: true,
    // The console of a board says what keys and commands mean.
    without: ['step'],
    // Each name is a slot and a text in flash, however often it is used: locals share theirs.
    finish: { format: 'esm', minifyIdentifiers: true },
  });
  return { code: explicit(shortUndefined(code)), inputs };
}

/**
 * With imports of what the SDK or a manifest provides marked as such, for mcpack: it would look for a bare name among the
 * packages that npm has installed. XS takes the mark off.
 */
export function explicit(code: string): string {
  return code.replace(/^((?:import|export)\b[^"\n]*)"(?!embedded:|moddable:|\.)([^"\n]+)"/gm, '$1"moddable:$2"');
}

function composed(contents: string | undefined): Plugin[] {
  if (contents === undefined) return [];
  return [
    {
      name: 'composition',
      setup({ onLoad }) {
        onLoad({ filter: /composition\.ts$/ }, ({ path: file }) =>
          file === COMPOSITION ? { contents, resolveDir: path.dirname(COMPOSITION), loader: 'ts' } : undefined,
        );
      },
    },
  ];
}
