// SPDX-License-Identifier: Apache-2.0
/** The additional equipment of the machine in a scenario. */

import type { FakeMachineOptions } from '../../../hal/fake/options.ts';
import type { FakeWifiOptions } from '../../../hal/fake/wifi.ts';
import {
  CAPABILITIES,
  deviceProfile,
  enrolment,
  logs,
  network,
  parameters,
  remoteAccess,
  shell,
  signedFirmware,
  software,
} from '../../../src/capabilities/index.ts';
import { bytesOf, softArithmetic } from '../../../src/enrolment/p256.ts';
import type { App, AppBoard, Capability } from '../../../src/index.ts';
import type { Settings } from '../../platform/settings.ts';
import type { Plant } from './plant.ts';
import { declareAgent, declarePlace, declarePump, limitsOf } from './plant-parts.ts';

const ID_AT = 28;
/** Room for a new firmware, or a mod. */
const SLOT_BYTES = 20_000;
/** The shortest trial that is allowed. */
const TRIAL_S = 60;

/** The configured network of a board with Wi-Fi, and the networks that it may be told to join. */
export const HOUSE = { name: 'House', password: 'bread-and-butter' };
export const BARN = { name: 'Barn', password: 'hay-and-straw' };
/** The real network has another password. */
export const SHED = { name: 'Shed', password: 'rakes-and-spades' };

const scalar = 0x5160ed5160ed5160ed5160edn;
const [x, y] = softArithmetic.multiply(scalar);
const point = Uint8Array.of(4, ...bytesOf(x), ...bytesOf(y));
/** The same key in each life, because lives contain its signatures. */
export const RELEASE = { pair: { scalar }, publicKey: Buffer.from(point).toString('base64url') };

/** A host next to the board. */
export const PLC = { host: 'plc.local', port: 502 };

const WIFI: FakeWifiOptions = {
  ...HOUSE,
  points: {
    House: { password: HOUSE.password },
    Barn: { password: BARN.password },
    Shed: { password: 'spades-and-rakes' },
  },
};

export interface Equipment {
  /** The board has two firmware slots. */
  readonly slots?: boolean;
  /** It only accepts firmware signed with the key in `RELEASE`. */
  readonly signed?: boolean;
  /** Its Wi-Fi can be changed. */
  readonly wifi?: boolean;
  /** It keeps a log, if it has flash. */
  readonly logs?: boolean;
  /** The board has a mod slot. */
  readonly mods?: boolean;
  /** It accepts device profiles. */
  readonly profiles?: boolean;
  /** The app has parameters. */
  readonly parameters?: boolean;
  /** The app has a service that can be stopped. */
  readonly pump?: boolean;
  /** The activities of its agent are services. */
  readonly agentServices?: boolean;
  /** The app reports its position. */
  readonly moves?: boolean;
  /** What its app has in force is not always what it was told. */
  readonly garbles?: boolean;
  /** It enrols its certificate. */
  readonly enrols?: boolean;
  /** It can reach a host, and carries bytes to it. */
  readonly remote?: boolean;
  /** Its child has software and parameters of its own. */
  readonly controlled?: boolean;
  /** Its child has firmware, software of one type, a file and a log, and takes profiles. */
  readonly appliance?: boolean;
  /** The tenant has the service for advanced software management. */
  readonly advanced?: boolean;
  /** Validity of certificates that the tenant issues, ms. */
  readonly certificateLifeMs?: number;
  /** The app has a configuration file, a relay and a display. */
  readonly workbench?: boolean;
  /** It has more commands than the usual ones. */
  readonly shell?: boolean;
}

/** The capabilities of a scenario; undefined: the usual ones. */
export function capabilitiesOf(scenario: Equipment, plant: Plant): readonly Capability[] | undefined {
  const further: Capability[] = [];
  if (scenario.logs === true) further.push(logs());
  if (scenario.mods === true) further.push(software());
  if (scenario.profiles === true) further.push(deviceProfile());
  if (scenario.parameters === true) further.push(parameters(limitsOf(plant)));
  if (scenario.wifi === true) further.push(network({ trialS: TRIAL_S }));
  if (scenario.remote === true) further.push(remoteAccess({ allow: [PLC], idleS: 60, longestS: 600 }));
  if (scenario.enrols === true) further.push(enrolment());
  const others: Capability[] = [];
  if (scenario.shell === true) others.push(shell());
  if (scenario.signed === true) others.push(signedFirmware(RELEASE.publicKey));
  const usual = CAPABILITIES.map((each) => others.find(({ name }) => name === each.name) ?? each);
  return further.length === 0 && others.length === 0 ? undefined : [...usual, ...further];
}

export function machineOf({ slots, mods, wifi }: Equipment): FakeMachineOptions {
  return {
    ...(slots === true && { firmwareBytes: SLOT_BYTES }),
    ...(mods === true && { modulesBytes: SLOT_BYTES }),
    ...(wifi === true && { wifi: WIFI }),
  };
}

export function settingsOf({ advanced = false, certificateLifeMs }: Equipment): Partial<Settings> {
  return { advancedSoftware: advanced, ...(certificateLifeMs !== undefined && { certificateLifeMs }) };
}

/** The app of the plant, with the additional equipment. */
export function equippedApp(scenario: Equipment, plant: Plant, place: () => Uint8Array | undefined): App {
  return (board) => {
    runSoftware(board, place());
    if (scenario.pump === true) declarePump(board, plant);
    if (scenario.agentServices === true) declareAgent(board);
    if (scenario.moves === true) declarePlace(board, plant);
    plant.workbench.isSmall = scenario.garbles === true;
    if (scenario.garbles === true) plant.mostApplied = 50;
    if (scenario.workbench === true) plant.declareWorkbench(board);
    plant.isControlled = scenario.controlled === true;
    plant.isAppliance = scenario.appliance === true;
    plant.app(board);
  };
}

/** Declares the mod in the slot, as a board does. */
export function runSoftware(board: AppBoard, bytes: Uint8Array | undefined): void {
  const { modules } = board.hal;
  if (bytes === undefined || modules === undefined) return;
  const id = Buffer.from(bytes).readUInt32BE(ID_AT).toString(16);
  modules.runs = id;
  board.software('mod', id);
}
