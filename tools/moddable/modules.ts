// SPDX-License-Identifier: Apache-2.0
/** The modules of this package for a board. */

import { createHash } from 'node:crypto';
import path from 'node:path';
import type { Plugin } from 'esbuild';
import { keptOrMade } from '../kept.ts';
import { namingSources } from '../lean/internal-names.ts';
import { type DeviceCode, deviceCode } from '../lean/lean.ts';
import { frozen } from '../lean/nests.ts';
import { BUILD, PARTS, ROOT } from '../places.ts';
import { provided } from './provided.ts';

const BOARD = 'hal/esp32/index.ts';
const COMPOSITION = path.join(ROOT, 'hal/esp32/entry/composition.ts');

/** Sources of the manifest's modules, by their path there. */
const MODULES: Readonly<Record<string, string>> = {
  board: BOARD,
  capabilities: 'hal/esp32/entry/capabilities.ts',
  fractus: 'hal/esp32/entry/fractus.ts',
  main: 'hal/esp32/entry/main.ts',
  sensors: 'hal/esp32/sensors/drivers.ts',
  'platform-lin': 'hal/esp32/lin/platform.ts',
  'platform-chip': 'hal/esp32/chip/platform.ts',
};

/**
 * What an app imports and mcpack puts beside it, by the file to which package.json leads. `fractus build` bundles the sources with the
 * app instead.
 */
const IMPORTED: Readonly<Record<string, string>> = {
  events: 'src/parts/events.ts',
  life: 'src/parts/life.ts',
  object: 'src/parts/object.ts',
  settings: 'src/parts/settings.ts',
  sleep: 'src/parts/sleep.ts',
  state: 'src/parts/state.ts',
};

/**
 * Replaces our main module in a project that has its own: XS looks for ours when it links, but its dependencies may be
 * missing.
 */
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
 * The code of the manifest's modules, by their path there; built again only when a source has changed.
 * @param chosen replaces the usual composition
 */
export async function ownModules(chosen?: string): Promise<ReadonlyMap<string, string>> {
  const naming = namingSources();
  // Each choice has its own file, so that building two projects in turn repeats nothing.
  const choice = chosen === undefined ? '' : `-${createHash('sha256').update(chosen).digest('hex').slice(0, 8)}`;
  const file = path.join(BUILD, `modules${choice}.json`);
  const { value } = await keptOrMade(
    file,
    { MODULES, IMPORTED, EXTERNALS, naming, chosen, marked: true, inPlace: true },
    async () => {
      const modules: Record<string, string> = {};
      const inputs = new Set(naming);
      for (const [name, source] of Object.entries(MODULES)) {
        const module = await moduleCode(source, source === BOARD ? composed(chosen) : []);
        // Only our modules are frozen: an author's module may have state.
        modules[name] = name === 'main' && chosen !== undefined ? NO_MAIN : frozen(module.code);
        for (const input of module.inputs) inputs.add(input);
      }
      for (const [name, source] of chosen === undefined ? Object.entries(IMPORTED) : []) {
        const module = await moduleCode(source);
        modules[name] = module.code;
        for (const input of module.inputs) inputs.add(input);
      }
      return { value: modules, inputs: [...inputs] };
    },
  );
  return new Map(Object.entries(value));
}

/** Bundles another module for a board, for tests. Relative paths are from the package's root. */
export async function bundle(source: string): Promise<string> {
  return (await moduleCode(source)).code;
}

/** Bundles a module of a project, which may also import modules of its manifest. */
export function projectCode(project: string, source: string): Promise<DeviceCode> {
  return moduleCode(source, [provided(project)], 'app');
}

async function moduleCode(
  source: string,
  plugins: Plugin[] = [],
  part: 'agent' | 'app' = 'agent',
): Promise<DeviceCode> {
  const { code, inputs } = await deviceCode(source, {
    plugins,
    part,
    external: EXTERNALS,
    // The module of the board contains the chosen parts and capabilities.
    alias: { ...PARTS, 'fractus/parts': 'fractus/board' },
    preloaded: true,
    // The board's console shows the `meaning` of keys and commands.
    without: ['step'],
    // Each name takes a slot and a text in flash once, so short local names share them.
    finish: { format: 'esm', minifyIdentifiers: true },
  });
  return { code: explicit(code), inputs };
}

/**
 * Marks imports of modules that the SDK or a manifest provides, for mcpack: it would look for a bare name among npm's
 * packages. XS removes the mark.
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
