// SPDX-License-Identifier: Apache-2.0

import type { ChildDefinition } from '../../api.ts';
import type { AgentHost, Capability, Host, Operation } from '../../capability.ts';
import { atOnce, guarded } from '../later.ts';
import { deliver, isNamed, misplaced, type PackageSink, type WantedPackage } from './child-packages.ts';

const FRAGMENT = 'c8y_Firmware';
const TIMEOUT_MS = 3_600_000;
const NOTHING = { name: '', version: '' };

/** The driver of a child whose firmware can be replaced. */
export interface ChildFirmware {
  /** The firmware that the child runs, as it reports it. Read when it is declared, and after each operation. */
  installed(): { readonly name: string; readonly version: string };
  /** The sink for a file. @throws Error to refuse it before the download */
  install(wanted: WantedPackage): PackageSink;
}

/** The child, as far as this capability uses it. */
interface Child {
  readonly childId: string;
  definition: ChildDefinition;
}

/** The firmware of a child as its driver reports it, read at each use. */
class Installed {
  readonly #driver: ChildFirmware;

  constructor(driver: ChildFirmware) {
    this.#driver = driver;
  }

  get name(): string {
    return this.said().name;
  }

  get version(): string {
    return this.said().version;
  }

  /** A failing driver loses its own declaration, not the rest of the inventory. */
  private said(): { readonly name: string; readonly version: string } {
    try {
      return firmwareOf(this.#driver);
    } catch {
      return NOTHING;
    }
  }
}

/**
 * `c8y_Firmware` of a child: its driver takes the file piece by piece, and the operation is SUCCESSFUL once the child
 * reports that it runs the new firmware. The report replaces the `firmware` of its definition.
 */
export function childFirmware(driver: ChildFirmware): Capability {
  const made: Capability = {
    name: FRAGMENT,
    repeatable: true,
    timeoutMs: TIMEOUT_MS,
    begin(_host, device) {
      const child = device as Child | undefined;
      if (child === undefined || child.childId === '') throw misplaced('childFirmware', device);
      child.definition = { ...child.definition, firmware: new Installed(driver) };
      return made;
    },
    run(operation, host: Host) {
      carryOut(driver, operation, host as AgentHost);
    },
  };
  return made;
}

/** @throws TypeError when it has no name or no version: JavaScript may return anything */
function firmwareOf(driver: ChildFirmware): { readonly name: string; readonly version: string } {
  const what = 'installed: it must return name and version';
  const firmware = atOnce(what, driver.installed());
  if (isNamed(firmware)) return firmware;
  throw new TypeError(what);
}

function carryOut(driver: ChildFirmware, operation: Operation, host: AgentHost): void {
  const { version: running } = firmwareOf(driver);
  const text = (name: string) => operation.text(name)?.trim() ?? '';
  const wanted = { name: text('name'), version: text('version'), url: text('url'), type: '' };
  const dependency = text('dependency');
  const isPatch = operation.flag('isPatch') === true || operation.text('isPatch') === 'true';
  if (wanted.name === '' || wanted.version === '') operation.fail('name, version: missing');
  else if (runs(driver, wanted)) succeed(wanted, operation);
  else if (isPatch) operation.fail('isPatch: this child takes whole files only');
  else if (dependency !== '' && dependency !== running)
    operation.fail(`dependency: needs version ${dependency}, and ${running} runs`);
  else
    deliver({
      host,
      operation,
      wanted,
      sha256: '',
      sink: atOnce('install: it must return a sink', driver.install(wanted)),
      onEnd: (reason) => guarded(operation, () => end(driver, wanted, operation, reason)),
    });
}

function end(driver: ChildFirmware, wanted: WantedPackage, operation: Operation, reason: string | undefined): void {
  const { name, version } = firmwareOf(driver);
  if (reason !== undefined) operation.fail(reason);
  else if (runs(driver, wanted)) succeed(wanted, operation);
  else operation.fail(`${wanted.name} ${wanted.version} does not run, but ${name} ${version}`);
}

function runs(driver: ChildFirmware, wanted: WantedPackage): boolean {
  const { name, version } = firmwareOf(driver);
  return name === wanted.name && version === wanted.version;
}

function succeed({ name, version, url }: WantedPackage, operation: Operation): void {
  operation.fragment(FRAGMENT, { name, version, url });
  operation.succeed();
}
