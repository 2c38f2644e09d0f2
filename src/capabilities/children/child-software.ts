// SPDX-License-Identifier: Apache-2.0

import type { AgentHost, Capability, Host, Operation } from '../../capability.ts';
import { type Listed, readWishes, type Wish } from '../../software/packages.ts';
import { atOnce, guarded, settle, tried } from '../later.ts';
import { deliver, misplaced, type PackageSink, type WantedPackage } from './child-packages.ts';

const FRAGMENT = 'c8y_SoftwareUpdate';
const TIMEOUT_MS = 1_800_000;

/** A package on a child. */
export interface InstalledPackage {
  readonly name: string;
  readonly version: string;
  readonly url?: string;
}

/** The driver of a child that takes software. */
export interface ChildSoftware {
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
  readonly installed: readonly Listed[];
  software(name: string, version: string | undefined, url?: string): void;
}

/**
 * `c8y_SoftwareUpdate` of a child: packages are downloaded for its driver, one after the other. Afterwards
 * `c8y_SoftwareList` lists the packages on the child, also when one of them has failed.
 */
export function childSoftware(driver: ChildSoftware): Capability {
  const made: Capability = {
    name: FRAGMENT,
    repeatable: true,
    timeoutMs: TIMEOUT_MS,
    begin(_host, device) {
      if (device === undefined || device.childId === '') throw misplaced('childSoftware', device);
      declare(driver, device as SoftwareDevice);
      return made;
    },
    run(operation, host: Host) {
      const wishes = readWishes(operation);
      if (typeof wishes === 'string') operation.fail(wishes);
      else {
        // What was done before that which hangs is there.
        operation.onTimeout = () => tried(() => declare(driver, operation.device as unknown as SoftwareDevice));
        new Update(driver, operation, host as AgentHost, wishes).next();
      }
    },
  };
  return made;
}

/** Makes the inventory list the packages on the child, and no others. */
function declare(driver: ChildSoftware, device: SoftwareDevice): void {
  const there = packagesOf(driver);
  for (const { name } of device.installed) {
    if (there.every((each) => each.name !== name)) device.software(name, undefined);
  }
  for (const { name, version, url = '' } of there) {
    const isNamed = device.installed.some((each) => each.name === name && each.version === version && each.url === url);
    if (!isNamed) device.software(name, version, url);
  }
}

function packagesOf(driver: ChildSoftware): readonly InstalledPackage[] {
  return atOnce('installed: it must return a list', driver.installed());
}

/** The packages of one operation, one after the other. */
class Update {
  readonly #driver: ChildSoftware;
  readonly #operation: Operation;
  readonly #host: AgentHost;
  readonly #wishes: readonly Wish[];
  #at = 0;

  constructor(driver: ChildSoftware, operation: Operation, host: AgentHost, wishes: readonly Wish[]) {
    this.#driver = driver;
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
    const device = operation.device as unknown as SoftwareDevice;
    declare(this.#driver, device);
    operation.fragment('c8y_SoftwareList', device.installed);
    if (reason === undefined) operation.succeed();
    else operation.fail(reason);
  }
}
