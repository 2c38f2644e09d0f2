// SPDX-License-Identifier: Apache-2.0

import type { AgentHost, Capability, Host, Operation } from '../../capability.ts';
import { type Listed, readWishes, type Wish } from '../../software/packages.ts';
import { type ServiceEntry, type ServiceHost, SoftwareService } from '../../software/service.ts';
import { atOnce, guarded, settle, tried } from '../later.ts';
import { deliver, isNamed, misplaced, type PackageSink, type WantedPackage } from './child-packages.ts';

const FRAGMENT = 'c8y_SoftwareUpdate';
const TIMEOUT_MS = 1_800_000;
const MOST_TYPES = 8;

/** A package on a child. */
export interface InstalledPackage {
  readonly name: string;
  readonly version: string;
  readonly url?: string;
  /** Its kind, one of the driver's `types`. Absent: the first of them. */
  readonly type?: string;
}

/** The driver of a child that takes software. */
export interface ChildSoftware {
  /**
   * Kinds of software that the child takes, 1 to 8; other kinds are refused. With them the child also reports to the
   * tenant's service for advanced software management, if there is one. Absent: any kind, and only the inventory has
   * the list.
   */
  readonly types?: readonly string[];
  /** All packages on the child. Read when they are declared, and after each package of an operation. */
  installed(): readonly InstalledPackage[];
  /** The sink for the file of a package, which replaces another version. @throws Error to refuse it */
  install(wanted: WantedPackage): PackageSink;
  /** Removes a package; returns a promise if that takes time. @throws Error with the reason why it stays */
  remove(name: string): void | Promise<void>;
}

/** The child, as far as this capability uses it. */
interface SoftwareDevice {
  readonly childId: string;
  readonly idBytes: Uint8Array;
  readonly gone: boolean;
  readonly installed: readonly Listed[];
  capability(name: string): Capability | undefined;
  fragment(name: string, value: readonly string[]): void;
  software(name: string, version: string | undefined, url?: string): void;
}

/**
 * `c8y_SoftwareUpdate` of a child: packages are downloaded for its driver, one after the other. Afterwards
 * `c8y_SoftwareList` lists the packages on the child, also when one of them has failed.
 */
export function childSoftware(driver: ChildSoftware): Capability {
  return {
    name: FRAGMENT,
    repeatable: true,
    timeoutMs: TIMEOUT_MS,
    begin(host, device) {
      if (device === undefined || device.childId === '') throw misplaced('childSoftware', device);
      return new Offered(driver, host as ServiceHost, device as SoftwareDevice);
    },
    // The agent calls `begin` first, and then the result.
    run() {},
  };
}

/** The software of one child. */
class Offered implements Capability {
  readonly name = FRAGMENT;
  readonly repeatable = true;
  readonly timeoutMs = TIMEOUT_MS;
  readonly driver: ChildSoftware;
  readonly device: SoftwareDevice;
  /** Kinds of software; undefined: any. */
  readonly #types: readonly string[] | undefined;
  /** Reports to the tenant's service; undefined without types. */
  readonly service: SoftwareService | undefined;

  constructor(driver: ChildSoftware, host: ServiceHost, device: SoftwareDevice) {
    this.driver = driver;
    this.device = device;
    this.#types = typesOf(driver);
    declare(driver, device);
    if (this.#types !== undefined) this.service = new SoftwareService(host, this);
  }

  run(operation: Operation, host: Host): void {
    const wishes = readWishes(operation);
    const types = this.#types;
    const isOther = ({ type, isDeletion }: Wish) => !isDeletion && type !== '' && types?.includes(type) === false;
    if (typeof wishes === 'string') operation.fail(wishes);
    else if (wishes.some(isOther)) operation.fail(`softwareType: allowed are ${types?.join(', ')}`);
    else {
      // What was done before that which hangs is there.
      operation.onTimeout = () => tried(() => declare(this.driver, this.device));
      new Update(this, operation, host as AgentHost, wishes).next();
    }
  }

  // ServiceSubject

  get types(): readonly string[] {
    return this.#types ?? [];
  }

  get idBytes(): Uint8Array {
    return this.device.idBytes;
  }

  get isWanted(): boolean {
    return !this.device.gone && this.device.capability(FRAGMENT) === this;
  }

  /** As in the inventory, with the types. */
  list(): readonly ServiceEntry[] {
    const { types } = this;
    let there: readonly InstalledPackage[] = [];
    // Within a request: a driver that fails now only leaves the types unknown.
    tried(() => {
      there = packagesOf(this.driver);
    });
    const typeOf = (name: string) => {
      const said = there.find((each) => each.name === name)?.type;
      return types.find((each) => each === said) ?? types[0] ?? '';
    };
    // The service refuses a whole list because of one entry without a version.
    return this.device.installed
      .filter(({ version }) => version !== '')
      .map((each) => ({ ...each, softwareType: typeOf(each.name) }));
  }

  fragment(name: string, value: readonly string[]): void {
    this.device.fragment(name, value);
  }
}

/** The driver's types, or undefined. @throws RangeError when they are not allowed */
function typesOf({ types }: ChildSoftware): readonly string[] | undefined {
  if (types === undefined) return undefined;
  const isSound = types.length > 0 && types.length <= MOST_TYPES && types.every((type) => /^[\w.-]{1,40}$/.test(type));
  if (isSound) return [...types];
  throw new RangeError(`childSoftware: types: allowed are 1 to ${MOST_TYPES}, each with 1 to 40 of A-Z a-z 0-9 _ . -`);
}

/** Makes the inventory list the packages on the child, and no others. */
function declare(driver: ChildSoftware, device: SoftwareDevice): void {
  const there = packagesOf(driver);
  for (const { name } of device.installed) {
    if (there.every((each) => each.name !== name)) device.software(name, undefined);
  }
  for (const { name, version, url = '' } of there) {
    const isThere = device.installed.some((each) => each.name === name && each.version === version && each.url === url);
    if (!isThere) device.software(name, version, url);
  }
}

/** @throws TypeError when it is no list of packages: JavaScript may return anything */
function packagesOf(driver: ChildSoftware): readonly InstalledPackage[] {
  const what = 'installed: it must return a list of packages with name and version';
  const packages = atOnce(what, driver.installed());
  if (Array.isArray(packages) && packages.every(isNamed)) return packages;
  throw new TypeError(what);
}

/** The packages of one operation, one after the other. */
class Update {
  readonly #offered: Offered;
  readonly #driver: ChildSoftware;
  readonly #operation: Operation;
  readonly #host: AgentHost;
  readonly #wishes: readonly Wish[];
  #at = 0;

  constructor(offered: Offered, operation: Operation, host: AgentHost, wishes: readonly Wish[]) {
    this.#offered = offered;
    this.#driver = offered.driver;
    this.#operation = operation;
    this.#host = host;
    this.#wishes = wishes;
  }

  next(): void {
    guarded(this.#operation, () => this.step());
  }

  private step(): void {
    if (this.#operation.finished) return;
    const wish = this.#wishes[this.#at++];
    if (wish === undefined) this.end(undefined);
    // An earlier start may have reached this state.
    else if (this.isDone(wish)) this.step();
    else this.carryOut(wish);
  }

  private carryOut(wish: Wish): void {
    const { name, version, url, type, sha256, isDeletion } = wish;
    const host = this.#host;
    const operation = this.#operation;
    const onEnd = (reason: string | undefined) =>
      guarded(operation, () => {
        if (reason !== undefined) this.end(`${name}: ${reason}`);
        else if (this.isDone(wish)) this.step();
        else this.end(`${name}: the child accepted it, but ${isDeletion ? 'still has it' : 'does not have it'}`);
      });
    if (isDeletion) {
      settle(host, () => this.#driver.remove(name), onEnd);
      return;
    }
    const wanted = { name, version, url, type };
    let sink: PackageSink | undefined;
    const refusal = tried(() => {
      sink = atOnce('install: it must return a sink', this.#driver.install(wanted));
    });
    if (refusal !== undefined) onEnd(refusal);
    else deliver({ host, operation, wanted, sha256, sink: sink as unknown as PackageSink, onEnd });
  }

  private isDone({ name, version, isDeletion }: Wish): boolean {
    const there = packagesOf(this.#driver).find((each) => each.name === name);
    return isDeletion ? there === undefined : there?.version === version;
  }

  /** Ends the operation; updates the list of packages first, whatever the result. */
  private end(reason: string | undefined): void {
    const operation = this.#operation;
    if (operation.finished) return;
    const { device, service } = this.#offered;
    declare(this.#driver, device);
    operation.fragment('c8y_SoftwareList', device.installed);
    const end = () => {
      if (reason === undefined) operation.succeed();
      else operation.fail(reason);
    };
    if (service === undefined) end();
    else service.tell(end);
  }
}
