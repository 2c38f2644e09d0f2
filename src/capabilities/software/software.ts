// SPDX-License-Identifier: Apache-2.0

import type { Capability, Host, Operation } from '../../capability.ts';
import {
  heldPackage,
  keepPackages,
  nameWhatRuns,
  type Plan,
  planOf,
  readWishes,
  recallPackages,
  type SoftwareHost,
  softwareList,
  TYPE,
  type Wish,
} from '../../software/packages.ts';
import { type ServiceEntry, SoftwareService, type ServiceHost as ToldHost } from '../../software/service.ts';
import type { DeadlineOwner } from '../../timers/timers.ts';
import { Download } from '../../transfers/download.ts';
import { whenKept } from '../firmware/firmware.ts';
import { onlyForBoard } from '../of-board.ts';
import { ModuleSink } from './module-sink.ts';

type ServiceHost = ToldHost & SoftwareHost;

const FRAGMENT = 'c8y_SoftwareUpdate';
/** The name for the id of an operation that a power cut has interrupted once, so that its progress is unknown. */
const AGAIN = 'software-again';
const TIMEOUT_MS = 1_800_000;
/** A mod that has run for so long in the start after its installation has begun well. */
const PROOF_MS = 30_000;

/**
 * `c8y_SoftwareUpdate [{"name","version","url","softwareType","action"}]`: the one mod of a board as a package. A
 * package is downloaded, checked and started; the operation is SUCCESSFUL once it runs.
 */
export function software(): Capability {
  const made: Capability = {
    name: FRAGMENT,
    repeatable: true,
    timeoutMs: TIMEOUT_MS,
    isPossible: ({ hal }) => hal.modules !== undefined,
    begin(host: Host, device) {
      onlyForBoard('software', device, 'childSoftware(driver)');
      const agent = host as ServiceHost;
      // After the declarations of the app, and before the platform gets them.
      agent.timers.create({ onDeadline: () => ready(agent) }).start(0);
      return made;
    },
    run(operation, host: Host) {
      carryOut(operation, host as ServiceHost);
    },
    recover(operation, host: Host) {
      const agent = host as ServiceHost;
      if (operation.begun) whenKept(operation, agent, () => tellEnd(operation, agent));
      else carryOut(operation, agent);
    },
  };
  return made;
}

function ready(host: ServiceHost): void {
  const { board } = host;
  board.softwareService = new SoftwareService(host, {
    types: [TYPE],
    isWanted: true,
    get idBytes() {
      return board.idBytes;
    },
    list: () => typedList(host),
    fragment: (name, value) => board.fragment(name, value),
  });
  try {
    nameWhatRuns(host);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    // There is no room for one more name: the list is without it.
    host.hal.log('warn', error.message);
  }
}

/** The whole list, with the type of what is a mod. */
function typedList(host: ServiceHost): readonly ServiceEntry[] {
  const packages = recallPackages(host);
  const isMod = (name: string, version: string) =>
    packages.some((each) => each.name === name && each.version === version) || name === TYPE;
  return softwareList(host).map((each) => (isMod(each.name, each.version) ? { ...each, softwareType: TYPE } : each));
}

function carryOut(operation: Operation, host: ServiceHost): void {
  const wishes = readWishes(operation, TYPE);
  // A package of a profile replaces the one in the slot.
  const plan = typeof wishes === 'string' ? wishes : planOf(wishes, host, operation.name !== FRAGMENT);
  if (typeof plan === 'string') operation.fail(plan);
  else if (isDone(plan, host)) succeed(operation, host);
  else if (plan.install === undefined) whenKept(operation, host, () => remove(operation, host));
  else fetch(plan.install, operation, host);
}

/** Whether the requested state is reached. */
function isDone({ install }: Plan, host: ServiceHost): boolean {
  const held = heldPackage(host);
  if (install === undefined) return held === undefined;
  const isThere = held?.name === install.name && held.version === install.version;
  return isThere && held.id === host.hal.modules?.runs;
}

function succeed(operation: Operation, host: ServiceHost): void {
  told(operation, host, () => operation.succeed());
}

/** Updates the list in the inventory, and in the tenant's service for software, before the operation ends. */
function told(operation: Operation, host: ServiceHost, end: () => void): void {
  operation.fragment('c8y_SoftwareList', softwareList(host));
  const { softwareService } = host.board;
  if (softwareService === undefined) end();
  else
    softwareService.tell(() => {
      if (!operation.finished) end();
    });
}

function fetch(wish: Wish, operation: Operation, host: ServiceHost): void {
  const { modules } = host.hal;
  if (wish.url === '' || wish.url === '$PROVIDED' || modules === undefined) {
    operation.fail('url: missing, and this device has no source of its own');
    return;
  }
  const sink = new ModuleSink(modules, wish.sha256);
  const onFail = (reason: string) => {
    sink.abort();
    operation.fail(reason);
  };
  const onDone = () => {
    const wrong = sink.check();
    if (wrong !== undefined) onFail(wrong);
    else whenKept(operation, host, () => install(sink, wish, operation, host));
  };
  const download = new Download(host, { url: wish.url, sink, onDone, onFail });
  operation.onTimeout = () => {
    download.stop();
    sink.abort();
  };
  download.start();
}

function install(sink: ModuleSink, wish: Wish, operation: Operation, host: ServiceHost): void {
  const { name, version, url } = wish;
  const before = recallPackages(host);
  const held = heldPackage(host);
  // Both, so that after a power cut the package in the slot has its name in any case.
  const both = [{ id: sink.id, name, version, url }, ...(held === undefined ? [] : [held])];
  if (!keepPackages(host, both)) {
    sink.abort();
    operation.fail('the flash refuses to note the package, so nothing was installed');
    return;
  }
  host.once(operation);
  if (sink.install()) {
    host.restart(`operation ${operation.id}: software ${name} ${version}`);
    return;
  }
  keepPackages(host, before);
  operation.fail('the board refuses the archive: it is damaged, or the flash does not take it');
}

function remove(operation: Operation, host: ServiceHost): void {
  host.once(operation);
  if (host.hal.modules?.remove() === true) host.restart(`operation ${operation.id}: software is removed`);
  else operation.fail('the flash refuses, so nothing was removed');
}

/** Reports the result after the restart. */
function tellEnd(operation: Operation, host: ServiceHost): void {
  const wishes = readWishes(operation, TYPE);
  const install = typeof wishes === 'string' ? undefined : wishes.find(({ isDeletion }) => !isDeletion);
  const { board } = host.hal;
  const isCut = board.resetCause === 'power-on' || board.resetCause === 'brownout';
  if (isDone({ install }, host)) {
    if (install === undefined) {
      keepPackages(host, []);
      succeed(operation, host);
    } else prove(operation, host);
  } else if (isCut && host.recall(AGAIN) !== operation.id && host.remember(AGAIN, operation.id)) {
    // The power failed between the note and the act: act again.
    if (install === undefined) remove(operation, host);
    else fetch(install, operation, host);
  } else {
    const reason = failureOf(install, host);
    told(operation, host, () => operation.fail(reason));
  }
}

function failureOf(install: Wish | undefined, host: ServiceHost): string {
  const held = heldPackage(host);
  if (install === undefined) return 'it is still there: the flash refuses the removal';
  const what = `${install.name} ${install.version}`;
  if (held === undefined) return `${what} is missing: the device restarted before it was installed`;
  if (host.hal.modules?.runs === undefined) return `${what} does not run: it does not load, or crashes`;
  return `${what} does not run, but ${held.name} ${held.version}`;
}

/** Waits before success: a mod that crashes at once is reported by the next start. */
function prove(operation: Operation, host: ServiceHost): void {
  const end: DeadlineOwner = {
    onDeadline() {
      if (!operation.finished) succeed(operation, host);
    },
  };
  host.timers.create(end).start(PROOF_MS);
}
