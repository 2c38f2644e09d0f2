// SPDX-License-Identifier: Apache-2.0
/**
 * `node --import=tsx tools/rooms.ts`: checks that imports between rooms go one way. `PLAN` is the house from the ground up: a room
 * imports itself and the rooms of the lines above its own. Within a folder, too, its files and folders form no circle, also in `test`.
 * Biome refuses circles between files.
 */

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';

/** Folders or files, the ground first. Those of one line do not know each other. The longest name that fits counts. */
export const PLAN: readonly (readonly string[])[] = [
  // The agent: a language of bytes, and what stands on it.
  ['hal/network.ts'],
  ['hal/hal.ts'],
  ['src/bytes', 'src/config-keys.ts', 'src/none.ts', 'src/offered.ts', 'src/version.ts'],
  ['src/json', 'src/timers', 'src/endpoint.ts'],
  ['src/config.ts', 'src/http'],
  ['src/cumulocity', 'src/runtime-config.ts'],
  ['src/base'],
  ['src/transfers'],
  // Contracts with authors.
  ['src/app-hal.ts'],
  ['src/capability.ts'],
  ['src/api.ts'],
  ['src/core.ts', 'src/narrowed.ts'],
  // Rooms of the agent.
  ['src/agent/uplink', 'src/agent/restarts'],
  ['src/agent/check', 'src/agent/records'],
  // Behind a capability: clients of the agent's lines, and what stands on its flash.
  ['src/enrolment', 'src/logs', 'src/network', 'src/remote', 'src/software'],
  ['src/agent/operations', 'src/capabilities'],
  ['src/agent/devices'],
  ['src/agent/parts'],
  ['src/agent'],
  ['src/compose.ts'],
  ['src/index.ts'],
  ['src/parts', 'src/app.ts'],
  ['hal/common'],
  ['hal/esp32', 'hal/node', 'hal/xs'],
  ['hal/fake'],
  // Tools, which an author may call; nothing of the above knows them.
  ['tools/places.ts', 'tools/empty'],
  ['tools/bundle.ts', 'tools/kept.ts', 'tools/product.ts', 'tools/trace.ts'],
  ['tools/author', 'tools/lean'],
  ['tools/terminal'],
  ['tools/xs'],
  ['tools/build.ts'],
  ['tools/moddable'],
  ['tools/image'],
  ['tools/platform'],
  ['tools/device', 'tools/operate'],
  ['tools/desk'],
  ['tools/flash', 'tools/fleet', 'tools/simulate'],
  ['tools/bench', 'tools/certify', 'tools/mutate', 'tools/names', 'tools/torture'],
  ['examples'],
  ['tools/cli', 'tools/docs', 'tools/package.ts'],
  ['tools/fractus.js'],
  // The checks themselves.
  ['tools/rooms.ts', 'tools/sources.js'],
];

/** What a room never imports, although it stands higher. */
const NEVER = [
  {
    room: 'src/capabilities',
    rooms: ['src/agent', 'src/base', 'src/http'],
    why: 'a capability never writes HTTP: src/transfers and the agent do',
  },
  {
    room: 'src/agent',
    rooms: ['src/capabilities', 'src/enrolment', 'src/logs', 'src/network', 'src/remote', 'src/software'],
    why: 'the agent knows capabilities by src/capability.ts alone',
  },
];

const IMPORT = /\b(?:from|import)\s*\(?\s*'(\.[^']+)'/g;

/** @return the line of the room that `file` is in, from the ground; -1: it has no place */
function floorOf(file: string): number {
  let [floor, longest] = [-1, 0];
  for (const [i, rooms] of PLAN.entries()) {
    for (const room of rooms) {
      if (isIn(file, room) && room.length > longest) [floor, longest] = [i, room.length];
    }
  }
  return floor;
}

function roomOf(file: string): string | undefined {
  return PLAN[floorOf(file)]?.find((room) => isIn(file, room));
}

function isIn(file: string, room: string): boolean {
  return file === room || file.startsWith(`${room}/`);
}

/** @return the files that `file` imports, from the root on */
export function importsOf(file: string, text: string, exists: (file: string) => boolean): string[] {
  return [...text.matchAll(IMPORT)]
    .map(([, name = '']) => path.posix.join(path.posix.dirname(file), name))
    .filter((other) => exists(other));
}

/**
 * @param file from the root on
 * @param exists whether there is such a file: texts of tools contain imports of other places
 * @return what is wrong with its imports
 */
export function faultsOf(file: string, text: string, exists: (file: string) => boolean): string[] {
  const room = roomOf(file);
  if (room === undefined) return [`${file}: has no place in the plan of tools/rooms.ts`];
  const faults: string[] = [];
  for (const other of importsOf(file, text, exists)) {
    const its = roomOf(other);
    if (its === room) continue;
    const never = NEVER.find(
      (rule) => isIn(file, rule.room) && rule.rooms.some((one) => isIn(other, one) && !isIn(file, one)),
    );
    if (its === undefined) faults.push(`${file}: imports ${other}, which has no place below it`);
    else if (floorOf(other) >= floorOf(file)) faults.push(`${file}: imports ${other}; ${room} stands below ${its}`);
    else if (never !== undefined) faults.push(`${file}: imports ${other}; ${never.why}`);
  }
  return faults;
}

/** An import of one file by another, both from the root on. */
export type Import = readonly [from: string, to: string];

/**
 * @return the circles among what stands in one folder, files and folders, one for each folder: the imports that lead around
 */
export function circlesOf(imports: readonly Import[]): string[] {
  const folders = new Map<string, Map<string, Map<string, Import>>>();
  for (const one of imports) {
    const [from, to] = one.map((file) => file.split('/'));
    if (from === undefined || to === undefined) continue;
    const depth = from.findIndex((name, i) => name !== to[i]);
    const [here, there] = [from[depth], to[depth]];
    // What stands at the root is in the plan: the contract of a HAL stands below `src`, a HAL above it.
    if (depth === 0 || here === undefined || there === undefined) continue;
    const ways = entryOf(folders, from.slice(0, depth).join('/'), () => new Map());
    const out = entryOf(ways, here, () => new Map());
    if (!out.has(there)) out.set(there, one);
  }
  return [...folders].flatMap(([folder, ways]) => {
    const circle = circleAmong(ways);
    if (circle.length === 0) return [];
    return `${folder}: goes in a circle: ${circle.map(([from, to]) => `${from} imports ${to}`).join(', ')}`;
  });
}

function circleAmong(ways: ReadonlyMap<string, ReadonlyMap<string, Import>>): Import[] {
  const done = new Set<string>();
  const walk = (name: string, way: readonly (readonly [name: string, by: Import])[]): Import[] => {
    const begin = way.findIndex(([passed]) => passed === name);
    if (begin >= 0) return way.slice(begin).map(([, by]) => by);
    if (done.has(name)) return [];
    for (const [next, by] of ways.get(name) ?? []) {
      const circle = walk(next, [...way, [name, by]]);
      if (circle.length > 0) return circle;
    }
    done.add(name);
    return [];
  };
  for (const name of ways.keys()) {
    const circle = walk(name, []);
    if (circle.length > 0) return circle;
  }
  return [];
}

function entryOf<V>(map: Map<string, V>, name: string, make: () => V): V {
  const value = map.get(name) ?? make();
  map.set(name, value);
  return value;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const root = path.resolve(import.meta.dirname, '..');
  const exists = (file: string) => existsSync(path.join(root, file));
  const faults: string[] = [];
  const imports: Import[] = [];
  for (const folder of ['src', 'hal', 'tools', 'test']) {
    for (const name of readdirSync(path.join(root, folder), { recursive: true, encoding: 'utf8' }).sort()) {
      if (!/\.(ts|js|mjs)$/.test(name) || /(^|\/)node_modules\//.test(name)) continue;
      const file = `${folder}/${name}`;
      const text = readFileSync(path.join(root, file), 'utf8');
      // A test may import what it likes, but no circle.
      if (folder !== 'test') faults.push(...faultsOf(file, text, exists));
      for (const other of importsOf(file, text, exists)) imports.push([file, other]);
    }
  }
  faults.push(...circlesOf(imports));
  for (const fault of faults) console.error(fault);
  if (faults.length > 0) process.exitCode = 1;
}
