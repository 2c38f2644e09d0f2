// SPDX-License-Identifier: Apache-2.0
/** The members of our sources that keep their names on a board, beside those of the language. */

import { memberNames, namingSources } from '../lean/internal-names.ts';
import { Flows } from './flows.ts';
import { HIDDEN, PASSED_ON } from './reviewed.ts';
import { surfaceOf } from './surface.ts';
import { Types } from './types.ts';
import { Uses } from './uses.ts';

/** Modules whose exports other bundles use: an author's app, his `main.ts`, mods. */
const ENTRIES = [
  'src/index.ts',
  'src/compose.ts',
  'src/agent/parts/index.ts',
  'src/capabilities/index.ts',
  'src/parts/events.ts',
  'src/parts/life.ts',
  'src/parts/object.ts',
  'src/parts/settings.ts',
  'src/parts/sleep.ts',
  'src/parts/state.ts',
  'hal/esp32/index.ts',
  'hal/esp32/entry/choices.ts',
  'hal/esp32/gps/gps.ts',
  'hal/esp32/sensors/drivers.ts',
  'hal/esp32/sensors/one-wire.ts',
  'hal/esp32/sensors/pins.ts',
  'hal/esp32/sensors/spi.ts',
];
/** Sources that may be in a bundle for XS. */
const READ = /^(?!hal\/node\/)/;
/** What parts in another bundle than the agent use of it. */
const CORE = 'src/core.ts';
/** Types of which an author has values, at most to pass them on. */
const OPAQUE: readonly (readonly [file: string, name: string])[] = [
  ['src/agent/parts/part.ts', 'Part'],
  ['src/bytes/writer.ts', 'ByteWriter'],
  ['src/capability.ts', 'AgentHost'],
];

/** Length of new names: no member gets one that other objects may have. */
const SHORT = 2;

export interface Kept {
  /** Sorted names, each with a reason. */
  readonly names: ReadonlyMap<string, string>;
  /** Other names that parts in an app's bundle use of the agent. */
  readonly core: readonly string[];
  /** Functions in which the compiler cannot tell which members keep their names, with places. */
  readonly open: readonly string[];
  /** Reviewed functions that need it no longer. */
  readonly missing: readonly string[];
}

/** Asks the compiler about all sources. */
export function keptNames(): Kept {
  const sources = namingSources().filter((file) => READ.test(file));
  const types = new Types(sources);
  const opaque = OPAQUE.map(([file, name]) => types.declared(file, name));
  const surface = surfaceOf(types, ENTRIES, [...opaque, types.declared(CORE, 'Core')]);
  const flows = new Flows(types);
  const uses = new Uses(types, flows, { hidden: Object.keys(HIDDEN), passedOn: Object.keys(PASSED_ON) });
  for (const file of sources) if (!file.endsWith('.d.ts')) uses.read(file);
  const members = memberNames();
  const all = [...surface, ...flows.kept].filter(([name]) => members.has(name) || name.length <= SHORT).reverse();
  const names = new Map(all.sort(([a], [b]) => (a < b ? -1 : 1)));
  const core = [...surfaceOf(types, [CORE], opaque).keys()].filter((name) => members.has(name) && !names.has(name));
  return { names, core: core.sort(), open: [...uses.open], missing: uses.missing };
}

/**
 * New names of the core: those that have one keep it.
 * @param known the names before
 */
export function coreNamesOf(core: readonly string[], known: ReadonlyMap<string, string>): Map<string, string> {
  const taken = new Set(known.values());
  const free = LETTERS.map((letter) => `$${letter}`).filter((name) => !taken.has(name));
  return new Map(core.map((name) => [name, known.get(name) ?? free.shift() ?? name]));
}

/** In the order of esbuild, so that names share letters. */
const LETTERS = [...'etnrisoalcduhfpmgybvwkxSTAECIOLDRMNPBFUGHVWKXYZJjQqz'];
