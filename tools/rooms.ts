// SPDX-License-Identifier: Apache-2.0
/**
 * `node --import=tsx tools/rooms.ts`: checks that imports between rooms go one way. `PLAN` is the house from the ground up: a room
 * imports itself and the rooms of the lines above its own. Biome refuses circles between files.
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
  ['src/agent/base'],
  ['src/transfers'],
  // Contracts with authors.
  ['src/app-hal.ts'],
  ['src/capability.ts'],
  ['src/api.ts'],
  ['src/narrowed.ts', 'src/parts/core.ts'],
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
  ['tools/cli/terminal'],
  ['tools/xs'],
  ['tools/build.ts'],
  ['tools/moddable'],
  ['tools/image'],
  ['tools/platform'],
  ['tools/cli/device', 'tools/cli/operate', 'tools/cli/show'],
  ['tools/desk'],
  ['tools/flash', 'tools/fleet', 'tools/simulate'],
  ['tools/bench', 'tools/certify', 'tools/mutate', 'tools/torture'],
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
    rooms: ['src/agent', 'src/http'],
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

/**
 * @param file from the root on
 * @param exists whether there is such a file: texts of tools contain imports of other places
 * @return what is wrong with its imports
 */
export function faultsOf(file: string, text: string, exists: (file: string) => boolean): string[] {
  const room = roomOf(file);
  if (room === undefined) return [`${file}: has no place in the plan of tools/rooms.ts`];
  const faults: string[] = [];
  for (const [, name = ''] of text.matchAll(IMPORT)) {
    const other = path.posix.join(path.posix.dirname(file), name);
    if (!exists(other)) continue;
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

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const root = path.resolve(import.meta.dirname, '..');
  const exists = (file: string) => existsSync(path.join(root, file));
  for (const folder of ['src', 'hal', 'tools']) {
    for (const name of readdirSync(path.join(root, folder), { recursive: true, encoding: 'utf8' }).sort()) {
      if (!/\.(ts|js|mjs)$/.test(name) || /(^|\/)node_modules\//.test(name)) continue;
      const file = `${folder}/${name}`;
      for (const fault of faultsOf(file, readFileSync(path.join(root, file), 'utf8'), exists)) {
        console.error(fault);
        process.exitCode = 1;
      }
    }
  }
}
