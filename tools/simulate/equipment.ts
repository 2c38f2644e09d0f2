// SPDX-License-Identifier: Apache-2.0
/** What the machine of a scenario has besides the usual. */

import { CAPABILITIES, deviceProfile, logs, parameters, shell, software } from '../../src/capabilities/index.ts';
import type { App, AppBoard, Capability } from '../../src/index.ts';
import type { Plant } from './plant.ts';
import { declarePump, limitsOf } from './plant-parts.ts';

const ID_AT = 28;

export interface Equipment {
  /** It keeps a log, where it has flash. */
  readonly logs?: boolean;
  /** The board has a place for a mod. */
  readonly mods?: boolean;
  /** It takes profiles. */
  readonly profiles?: boolean;
  /** The app has parameters. */
  readonly parameters?: boolean;
  /** The app has a service that can be stopped. */
  readonly pump?: boolean;
  /** There are more commands than the usual. */
  readonly shell?: boolean;
}

/** Undefined: the usual. */
export function capabilitiesOf(scenario: Equipment, plant: Plant): readonly Capability[] | undefined {
  const further: Capability[] = [];
  if (scenario.logs === true) further.push(logs());
  if (scenario.mods === true) further.push(software());
  if (scenario.profiles === true) further.push(deviceProfile());
  if (scenario.parameters === true) further.push(parameters(limitsOf(plant)));
  const usual = CAPABILITIES.map((each) => (scenario.shell === true && each.name === 'c8y_Command' ? shell() : each));
  return further.length === 0 && scenario.shell !== true ? undefined : [...usual, ...further];
}

/** The app of the plant with what it has besides. */
export function equippedApp(scenario: Equipment, plant: Plant, place: () => Uint8Array | undefined): App {
  return (board) => {
    runSoftware(board, place());
    if (scenario.pump === true) declarePump(board, plant);
    plant.app(board);
  };
}

/** What a board does with an archive that is in its place. */
export function runSoftware(board: AppBoard, bytes: Uint8Array | undefined): void {
  const { modules } = board.hal;
  if (bytes === undefined || modules === undefined) return;
  const id = Buffer.from(bytes).readUInt32BE(ID_AT).toString(16);
  modules.runs = id;
  board.software('mod', id);
}
