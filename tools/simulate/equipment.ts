// SPDX-License-Identifier: Apache-2.0
/** What the machine of a scenario has besides the usual. */

import { CAPABILITIES, deviceProfile, logs, software } from '../../src/capabilities/index.ts';
import type { App, Capability } from '../../src/index.ts';

const ID_AT = 28;

export interface Equipment {
  /** It keeps a log, where it has flash. */
  readonly logs?: boolean;
  /** The board has a place for a mod. */
  readonly mods?: boolean;
  /** It takes profiles. */
  readonly profiles?: boolean;
}

/** Undefined: the usual. */
export function capabilitiesOf(scenario: Equipment): readonly Capability[] | undefined {
  const further: Capability[] = [];
  if (scenario.logs === true) further.push(logs());
  if (scenario.mods === true) further.push(software());
  if (scenario.profiles === true) further.push(deviceProfile());
  return further.length === 0 ? undefined : [...CAPABILITIES, ...further];
}

/** The app, and what a board does with an archive that is in its place. */
export function withSoftware(app: App, place: () => Uint8Array | undefined): App {
  return (board) => {
    const bytes = place();
    const { modules } = board.hal;
    if (bytes !== undefined && modules !== undefined) {
      const id = Buffer.from(bytes).readUInt32BE(ID_AT).toString(16);
      modules.runs = id;
      board.software('mod', id);
    }
    app(board);
  };
}
