// SPDX-License-Identifier: Apache-2.0

import { readdirSync } from 'node:fs';
import path from 'node:path';

/** What takes long begins first, a file in a process for itself: whatever comes last runs alone, while the other cores wait. */
const LONGEST = [
  'simulate/mutants',
  'simulate/power',
  'simulate/trouble',
  'agent/xs',
  'simulate/command',
  'bench/ratchet',
  'tools/cli/device/live-app',
  'tools/cli/device/firmware',
  'tools/cli/device/firmware-commands',
  'simulate/torture-firmware',
  'simulate/lasting',
  'simulate/torture',
  'tools/cli/board/deploy',
  'hal/xs',
  'enrolment/enrolment',
  'capabilities/remote/remote-end-to-end',
  'tools/composition',
  'agent/chaos',
  // Rooms.
  'tools/cli',
  'parts',
  'hal/esp32/tls',
  'tools/moddable',
  'hostile',
  'capabilities',
  'agent/uplink',
  'tools/platform',
  'enrolment',
  'agent/devices',
];

/** Each is one room with all that lies below it. The helpers of the first lend built-in objects what XS has. */
const WHOLE = ['hal/esp32/tls', 'capabilities'];

const ENDING = '.test.ts';

/** Of what lies in no folder: AVA finds no file whose name begins with a dot. */
const TOP = 'top';

/** The room of a test file, from `test/` on: itself, or two folders at most. */
function roomOf(file) {
  const name = file.slice(0, -ENDING.length);
  if (LONGEST.includes(name)) return name;
  if (!name.includes('/')) return TOP;
  const [first, second = ''] = path.dirname(name).split('/');
  return WHOLE.find((folder) => name.startsWith(`${folder}/`)) ?? path.join(first, second);
}

/** @return the files that share a process, from `test/` on, by their room */
export function roomsOfTests() {
  const rooms = new Map();
  for (const file of readdirSync('test', { recursive: true }).sort()) {
    if (!file.endsWith(ENDING) || file.startsWith('package/')) continue;
    const room = roomOf(file);
    rooms.set(room, [...(rooms.get(room) ?? []), file]);
  }
  return rooms;
}

/** For `sortTestFiles`, of files or of rooms. */
export function byLength(one, other) {
  return rank(one) - rank(other) || one.localeCompare(other);
}

function rank(file) {
  const place = LONGEST.findIndex((name) => file.endsWith(`/${name}.test.ts`) || file.endsWith(`/${name}.test.js`));
  return place < 0 ? LONGEST.length : place;
}
