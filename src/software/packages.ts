// SPDX-License-Identifier: Apache-2.0
/** The content of the module slot, and the packages that operations request. */

import type { AgentHost, Operation } from '../capability.ts';
import { checkName } from '../cumulocity/names.ts';

/** The agent, as far as software uses it. */
export interface SoftwareHost extends AgentHost {
  readonly version: string;
  readonly board: AgentHost['board'] & {
    readonly installed: readonly Listed[];
    software(name: string, version: string | undefined, url?: string): void;
    fragment(name: string, value: readonly string[]): void;
    /** Made by `software()` in each start. It belongs to the board, so that a step of a profile has it too. */
    softwareService?: { tell(onTold: () => void): void };
  };
}

/** An entry of `c8y_SoftwareList`. */
export type Listed = { readonly name: string; readonly version: string; readonly url: string };

/** An archive that an operation has brought. */
export interface Package extends Listed {
  /** As in `ModuleSlot.runs`. */
  readonly id: string;
}

/** The request for one package. */
export interface Wish extends Listed {
  /** 64 lower-case hexadecimal digits, or empty. */
  readonly sha256: string;
  /** Kind of software; empty: the operation names none. */
  readonly type: string;
  readonly isDeletion: boolean;
}

/** The goal of all packages of an operation together. */
export interface Plan {
  /** Undefined: the slot is to be empty. */
  readonly install: Wish | undefined;
}

/** The only kind of software. */
export const TYPE = 'mod';
/** Name of a mod that no operation has brought. */
const UNNAMED = 'mod';
const AGENT = 'fractus';
/** The name for the packages on flash, one per line, the newest first. */
const STORED = 'software';
const MOST_WISHES = 8;
/** A longer URL is left out of the list. */
const URL_MAX_CHARS = 512;

/** The newest first: the package meant for the slot, and the one before it. */
export function recallPackages(host: AgentHost): Package[] {
  const lines = host.recall(STORED)?.split('\n') ?? [];
  return lines.map((line) => {
    const [id = '', name = '', version = '', url = ''] = line.split(' ');
    return { id, name, version, url };
  });
}

/** Keeps the packages. False: the flash refuses, and nothing has changed. */
export function keepPackages(host: AgentHost, packages: readonly Package[]): boolean {
  const lines = packages.map(({ id, name, version, url }) => {
    const short = url.length > URL_MAX_CHARS || /\s/.test(url) ? '' : url;
    return `${id} ${name} ${version} ${short}`;
  });
  return host.remember(STORED, lines.length === 0 ? undefined : lines.join('\n'));
}

/** The package in the slot, whether it runs or was left out. */
export function heldPackage(host: AgentHost): Package | undefined {
  const { modules } = host.hal;
  if (modules === undefined) return undefined;
  const packages = recallPackages(host);
  const id = modules.runs;
  const unnamed = { id: id ?? '', name: UNNAMED, version: id ?? '', url: '' };
  if (id !== undefined) return packages.find((each) => each.id === id) ?? unnamed;
  return modules.installed ? (packages[0] ?? unnamed) : undefined;
}

/** Declares the running mod by the name that an operation has given it. */
export function nameWhatRuns(host: SoftwareHost): void {
  const { board, hal } = host;
  const id = hal.modules?.runs;
  const found = recallPackages(host).find((each) => each.id === id);
  if (found === undefined) return;
  // A name that the mod has given itself stays.
  const isUnnamed = board.installed.some(({ name, version }) => name === UNNAMED && version === id);
  if (isUnnamed) board.software(UNNAMED, undefined);
  board.software(found.name, found.version, found.url);
}

/** The whole list, as the agent sends it at a start. */
export function softwareList({ board, hal, version }: SoftwareHost): Listed[] {
  const list = [...board.installed];
  for (const each of [hal.board.firmware, { name: AGENT, version }]) {
    if (list.every(({ name }) => name !== each.name)) list.push({ name: each.name, version: each.version, url: '' });
  }
  return list;
}

/**
 * The packages of an operation; a text: the error.
 * @param onlyType the only kind allowed; absent: any
 * @throws RangeError for a name that is not allowed
 */
export function readWishes(operation: Operation, onlyType?: string): Wish[] | string {
  const count = operation.count('') ?? 0;
  if (count === 0) return 'allowed is a list of packages, each with name, version, url and action';
  if (count > MOST_WISHES) return `${count} packages are too many; allowed: ${MOST_WISHES}`;
  const wishes: Wish[] = [];
  for (let i = 0; i < count; i++) {
    const wish = readWish(operation, `[${i}].`, onlyType);
    if (typeof wish === 'string') return wish;
    wishes.push(wish);
  }
  return wishes;
}

function readWish(operation: Operation, at: string, onlyType: string | undefined): Wish | string {
  const text = (name: string) => operation.text(`${at}${name}`)?.trim() ?? '';
  const name = text('name');
  if (name === '') return 'name: missing';
  checkName('software', name);
  if (name.length > 100) return 'name: has more than 100 characters';
  // In the old form the type is a part of the version.
  const [version = '', oldType = ''] = text('version').split('::');
  const type = text('softwareType') || oldType || (onlyType ?? '');
  const action = text('action');
  const isDeletion = action === 'delete' || action === 'uninstall';
  const sha256 = text('sha256').toLowerCase();
  if (onlyType !== undefined && type !== onlyType) return `softwareType: allowed is ${onlyType}`;
  if (!isDeletion && action !== 'install' && action !== 'update') return 'action: allowed are install, delete';
  if (!/^[\x21-\x7e]{0,100}$/.test(version) || (version === '' && !isDeletion))
    return 'version: allowed are 1 to 100 characters of ASCII without blanks';
  if (!/^([0-9a-f]{64})?$/.test(sha256)) return 'sha256: allowed are 64 hexadecimal digits';
  return { name, version, url: text('url'), sha256, type, isDeletion };
}

/** The plan; a text: why it is not possible. @param replaces also a package that the operation does not delete */
export function planOf(wishes: readonly Wish[], host: SoftwareHost, replaces: boolean): Plan | string {
  const held = heldPackage(host);
  let install: Wish | undefined;
  let isFree = held === undefined || replaces;
  for (const wish of wishes) {
    const { name, version, isDeletion } = wish;
    const isHeld = name === held?.name;
    if (!isHeld && name !== UNNAMED && softwareList(host).some((each) => each.name === name)) {
      return `${name} is a part of the firmware`;
    }
    if (isDeletion) {
      if (!isHeld) return `${name} is not installed; ${said(held)}`;
      if (version !== '' && version !== held.version) return `${name} ${version} is not installed; ${said(held)}`;
      isFree = true;
    } else if (install !== undefined) {
      return `there is one place for software: ${install.name} and ${name} cannot both be in it`;
    } else {
      install = wish;
      isFree ||= isHeld;
    }
  }
  return isFree ? { install } : `there is one place for software, and ${said(held)}: delete it with the same operation`;
}

function said(held: Package | undefined): string {
  return held === undefined ? 'nothing is installed' : `installed is ${held.name} ${held.version}`.trimEnd();
}
