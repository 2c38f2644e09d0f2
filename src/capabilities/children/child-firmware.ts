// SPDX-License-Identifier: Apache-2.0

import type { ChildDefinition } from '../../api.ts';
import { utf8 } from '../../bytes/text.ts';
import type { AgentHost, Capability, Host, Operation } from '../../capability.ts';
import { readString } from '../../json/scan.ts';
import type { Json } from '../../json/write.ts';
import { type KeepingHost, keepValue, type Place, recallValue } from '../kept.ts';
import { atOnce, guarded, tried } from '../later.ts';
import { deliver, isNamed, misplaced, type PackageSink, type WantedPackage } from './child-packages.ts';

const FRAGMENT = 'c8y_Firmware';
const TIMEOUT_MS = 3_600_000;
const NOTHING = { name: '', version: '' };
/** The name and version of the last update, and its URL, in lines of a JSON text. */
const KEPT: Place = { ofBoard: '', ofChildren: 'childFirmware', what: 'firmware' };

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
  /** Sends the declaration of a fragment again, if it has changed. */
  restate(name: string, value: Json): void;
}

/**
 * `c8y_Firmware` of a child: its driver takes the file piece by piece, and the operation is SUCCESSFUL once the child
 * reports that it runs the new firmware. The report replaces the `firmware` of its definition.
 */
export function childFirmware(driver: ChildFirmware): Capability {
  return {
    name: FRAGMENT,
    repeatable: true,
    timeoutMs: TIMEOUT_MS,
    begin(host, device) {
      const child = device as Child | undefined;
      if (child === undefined || child.childId === '') throw misplaced('childFirmware', device);
      const { firmware: _replaced, ...definition } = child.definition;
      child.definition = definition;
      return new Offered(driver, host as KeepingHost, child);
    },
    // The agent calls `begin` first, and then the result.
    run() {},
  };
}

/** The firmware of one child. */
class Offered implements Capability {
  readonly name = FRAGMENT;
  readonly repeatable = true;
  readonly timeoutMs = TIMEOUT_MS;
  readonly #driver: ChildFirmware;
  readonly #host: KeepingHost;
  readonly #child: Child;

  constructor(driver: ChildFirmware, host: KeepingHost, child: Child) {
    this.#driver = driver;
    this.#host = host;
    this.#child = child;
  }

  /** A failing driver loses its own declaration, not the rest of the inventory. */
  inventory(): Readonly<Record<string, Json>> {
    let firmware = NOTHING;
    tried(() => {
      firmware = firmwareOf(this.#driver);
    });
    const { name, version } = firmware;
    return { c8y_Firmware: { name, version, url: this.urlOf(`${name}\n${version}`) } };
  }

  run(operation: Operation, host: Host): void {
    // Perhaps the child runs it all the same.
    operation.onTimeout = () => tried(() => this.#child.restate(FRAGMENT, null));
    carryOut(this.#driver, operation, host as AgentHost, (wanted) => this.succeed(wanted, operation));
  }

  /**
   * The URL that the firmware has come from. It is declared like the version: a restart before the end of the operation
   * would lose it, and what an earlier start has declared would count as the platform's.
   */
  private urlOf(firmware: string): string {
    const bytes = utf8(recallValue(this.#host, KEPT, this.#child.childId));
    const kept = readString(bytes, 0, bytes.length) ?? '';
    const at = kept.lastIndexOf('\n');
    return kept.slice(0, at) === firmware ? kept.slice(at + 1) : '';
  }

  private succeed({ name, version, url }: WantedPackage, operation: Operation): void {
    const host = this.#host;
    const text = JSON.stringify(`${name}\n${version}\n${url}`);
    const reason = tried(() => keepValue(host, KEPT, this.#child.childId, text, true));
    // The next start declares the firmware without it.
    if (reason !== undefined) host.hal.log('warn', `the url of a firmware is not noted: ${reason}`);
    operation.fragment(FRAGMENT, { name, version, url });
    operation.succeed();
  }
}

/** @throws TypeError when it has no name or no version: JavaScript may return anything */
function firmwareOf(driver: ChildFirmware): { readonly name: string; readonly version: string } {
  const what = 'installed: it must return name and version';
  const firmware = atOnce(what, driver.installed());
  if (isNamed(firmware)) return firmware;
  throw new TypeError(what);
}

function carryOut(
  driver: ChildFirmware,
  operation: Operation,
  host: AgentHost,
  onRuns: (wanted: WantedPackage) => void,
): void {
  const before = firmwareOf(driver);
  const text = (name: string) => operation.text(name)?.trim() ?? '';
  const wanted = { name: text('name'), version: text('version'), url: text('url'), type: '' };
  const dependency = text('dependency');
  const isPatch = operation.flag('isPatch') === true || operation.text('isPatch') === 'true';
  const end = (reason: string | undefined) => {
    const { name, version } = firmwareOf(driver);
    if (reason === undefined && runs(driver, wanted)) return onRuns(wanted);
    // It runs neither the former firmware nor, for certain, the requested one.
    if (name !== before.name || version !== before.version) operation.fragment(FRAGMENT, { name, version, url: '' });
    operation.fail(reason ?? `${wanted.name} ${wanted.version} does not run, but ${name} ${version}`);
  };
  if (wanted.name === '' || wanted.version === '') operation.fail('name, version: missing');
  else if (runs(driver, wanted)) onRuns(wanted);
  else if (isPatch) operation.fail('isPatch: this child takes whole files only');
  else if (dependency !== '' && dependency !== before.version)
    operation.fail(`dependency: needs version ${dependency}, and ${before.version} runs`);
  else
    deliver({
      host,
      operation,
      wanted,
      sha256: '',
      sink: atOnce('install: it must return a sink', driver.install(wanted)),
      onEnd: (reason) => guarded(operation, () => end(reason)),
    });
}

function runs(driver: ChildFirmware, wanted: WantedPackage): boolean {
  const { name, version } = firmwareOf(driver);
  return name === wanted.name && version === wanted.version;
}
