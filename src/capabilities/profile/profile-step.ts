// SPDX-License-Identifier: Apache-2.0
/** One part of a device profile, carried out by the capability that is listed for it. */

import type { Capability, Operation } from '../../capability.ts';
import type { KeepingHost } from '../kept.ts';

/** The board or a child, as far as its profile uses it. */
export interface ProfileDevice {
  readonly childId: string;
  capability(name: string): Capability | undefined;
  fragment(name: string, value: Readonly<Record<string, string | boolean>>): void;
}

/** The agent, as far as a profile uses it. */
export interface ProfileHost extends KeepingHost {
  readonly version: string;
  /** The agent restarts: an exception is not the failure of a part. */
  readonly isPanicking: boolean;
}

export interface StepOptions {
  readonly operation: Operation;
  /** The place of the part in the fragment of the profile. */
  readonly path: string;
  /** As for an operation of its own. */
  readonly begun: boolean;
  /** @param reason undefined: it has succeeded */
  onEnd(reason: string | undefined): void;
}

/** A part of a profile, as an operation for one capability. */
export class ProfileStep implements Operation {
  readonly begun: boolean;
  readonly #operation: Operation;
  readonly #path: string;
  readonly #onEnd: StepOptions['onEnd'];
  #isOver = false;

  constructor({ operation, path, begun, onEnd }: StepOptions) {
    this.#operation = operation;
    this.#path = path;
    this.begun = begun;
    this.#onEnd = onEnd;
  }

  get id(): string {
    return this.#operation.id;
  }

  get device(): Operation['device'] {
    return this.#operation.device;
  }

  get name(): string {
    return this.#operation.name;
  }

  get finished(): boolean {
    return this.#isOver || this.#operation.finished;
  }

  get onTimeout(): (() => void) | undefined {
    return this.#operation.onTimeout;
  }

  set onTimeout(stop: (() => void) | undefined) {
    this.#operation.onTimeout = stop;
  }

  text(path: string): string | undefined {
    const text = this.#operation.text(this.at(path));
    // The packages of a profile are always to be installed.
    return text === undefined && path.endsWith('].action') ? 'install' : text;
  }

  number(path: string): number | undefined {
    return this.#operation.number(this.at(path));
  }

  flag(path: string): boolean | undefined {
    return this.#operation.flag(this.at(path));
  }

  texts(path = ''): string[] | undefined {
    return this.#operation.texts(this.at(path));
  }

  count(path: string): number | undefined {
    return this.#operation.count(this.at(path));
  }

  progress(text: string): void {
    this.#operation.progress(text);
  }

  fragment(...[name, value]: Parameters<Operation['fragment']>): void {
    this.#operation.fragment(name, value);
  }

  /** A part has no fragment to repeat. */
  repeat(): void {}

  succeed(): void {
    this.end(undefined);
  }

  fail(reason: string): void {
    this.end(reason);
  }

  private end(reason: string | undefined): void {
    if (this.finished) return;
    this.#isOver = true;
    this.#onEnd(reason);
  }

  private at(path: string): string {
    return this.#path + (path === '' || path.startsWith('[') ? path : `.${path}`);
  }
}

/** The agent for one part: `once` is noted for this part. */
export function stepHost(host: ProfileHost, onOnce: () => void): KeepingHost & { readonly version: string } {
  const { hal, config, board, devices, timers, troubles, uplink, version } = host;
  return {
    ...{ hal, config, board, devices, timers, troubles, uplink, version },
    commands: host.commands,
    configurationText: () => host.configurationText(),
    configure: (text) => host.configure(text),
    sampleAll: () => host.sampleAll(),
    redeclare: () => host.redeclare(),
    status: () => host.status(),
    once(operation) {
      onOnce();
      host.once(operation);
    },
    restart: (reason) => host.restart(reason),
    recall: (name) => host.recall(name),
    remember: (name, text) => host.remember(name, text),
    panic: (error) => host.panic(error),
  };
}
