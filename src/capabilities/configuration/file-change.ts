// SPDX-License-Identifier: Apache-2.0

import { equalBytes } from '../../bytes/text.ts';
import type { AgentHost, Operation } from '../../capability.ts';
import { guarded, settle, tried } from '../later.ts';
import { type ConfigurationFile, inForce, verify } from './configuration-file.ts';
import type { FormerFile } from './former-file.ts';

const always = () => true;

/** Puts new files of one type in force on one device: each is verified, or the file before is in force again. */
export class FileChange {
  readonly file: ConfigurationFile;
  readonly #host: AgentHost;
  /** Undefined: `apply` checks the whole file before it changes anything, so a power cut leaves nothing unverified. */
  readonly #former: FormerFile | undefined;
  /** The former file is being applied, which may take time: no other is applied meanwhile. */
  #isRestoring = false;
  #onRestored: (() => void) | undefined;

  constructor(file: ConfigurationFile, host: AgentHost, former: FormerFile | undefined) {
    this.file = file;
    this.#host = host;
    this.#former = former;
  }

  /** Whether a power cut has left a file in force that is not verified. */
  get isOpen(): boolean {
    return this.#former?.isOpen === true;
  }

  /** At a start: if a power cut has left a file that is not verified, the one before is applied. */
  restore(): void {
    const before = this.#former?.recall();
    if (before === undefined) return;
    this.takeBack(before, always, (reason) => {
      const { hal } = this.#host;
      const what = `configuration file ${this.file.type}: the power went before it was verified`;
      if (reason === undefined) hal.log('warn', `${what}, so the former one is in force again`);
      else hal.log('error', `${what}, and the former one cannot be applied: ${reason}`);
    });
  }

  /** Applies a file, and then calls `onDone`. Otherwise the file before is in force again, and the operation has failed. */
  apply(bytes: Uint8Array, operation: Operation, onDone: () => void): void {
    if (this.#isRestoring) {
      // One operation waits for what never ends, and no other after it.
      operation.onTimeout = () => {
        this.#isRestoring = false;
      };
      this.#onRestored = () => operation.finished || guarded(operation, () => this.apply(bytes, operation, onDone));
      return;
    }
    const host = this.#host;
    const former = this.#former;
    const { isOpen, file } = this;
    const before = isOpen ? former?.recall() : inForce(file, host);
    if (!isOpen && before !== undefined && former?.keep(before) === false) {
      operation.fail('the flash refuses to note the file in force, so nothing was applied');
      return;
    }
    const giveUp = (reason: string, isNeeded: () => boolean) => {
      if (before === undefined) return operation.fail(`${reason}; the former one is lost: it was too long to be kept`);
      this.takeBack(before, isNeeded, (second) => {
        const text = second === undefined ? reason : `${reason}; nor can the former one be applied: ${second}`;
        if (operation.finished && second !== undefined)
          host.hal.log('error', `configuration file ${file.type}: ${text}`);
        else operation.fail(text);
      });
    };
    // What it does may still change the file.
    operation.onTimeout = () => giveUp('it took too long', always);
    settle(
      host,
      () => file.apply(bytes, host),
      (reason) => {
        if (operation.finished) return;
        operation.onTimeout = undefined;
        const wrong = reason ?? tried(() => verify(file, bytes, host));
        if (wrong !== undefined) giveUp(wrong, () => before === undefined || !equalBytes(before, inForce(file, host)));
        else if (former?.forget() === false) giveUp('the flash refuses to note that the file is in force', always);
        else guarded(operation, onDone);
      },
    );
  }

  /** Applies the file before, if that is needed. @param onEnd gets the reason of a failure */
  private takeBack(before: Uint8Array, isNeeded: () => boolean, onEnd: (reason: string | undefined) => void): void {
    const { file } = this;
    const host = this.#host;
    let isApplied = false;
    this.#isRestoring = true;
    settle(
      host,
      () => {
        isApplied = isNeeded();
        return isApplied ? file.apply(before, host) : undefined;
      },
      (reason) => {
        const wrong = reason ?? (isApplied ? tried(() => verify(file, before, host)) : undefined);
        // Otherwise another file may be in work by now.
        if (wrong === undefined && this.#isRestoring) this.#former?.forget();
        this.#isRestoring = false;
        onEnd(wrong);
        const go = this.#onRestored;
        this.#onRestored = undefined;
        go?.();
      },
    );
  }
}
