// SPDX-License-Identifier: Apache-2.0
/** How a file gets to a child: its app's driver takes it as it comes. */

import { Sha256 } from '../bytes/sha256.ts';
import { reasonOf } from '../bytes/text.ts';
import { Download, type DownloadSink, NOT_MEANT } from '../transfers/download.ts';
import type { AgentHost, Operation } from './capability.ts';

/** What is to be on a child, as an operation says it. */
export interface WantedPackage {
  readonly name: string;
  readonly version: string;
  readonly url: string;
  /** Kind of software; empty: the operation does not say, or it is a firmware. */
  readonly type: string;
}

/**
 * Takes a file piece by piece. What a method throws is the reason of the failure, and `abort` follows. A power cut at any moment begins all of
 * it anew.
 */
export interface PackageSink {
  /** The file begins, perhaps anew: what was written before is void. @param totalBytes -1: known only at its end */
  begin(totalBytes: number): void;
  /** Its next bytes, which are somebody else's again when this returns. */
  write(bytes: Uint8Array): void;
  /** All of it is there: it is put in force. What is not done at once is a promise. */
  end(): void | Promise<void>;
  /** It is not wanted any more; what was in force stays. */
  abort(): void;
}

/** What a driver throws is the end of the operation, and not of the board's present start. */
export function guarded(operation: Operation, act: () => void): void {
  const reason = tried(act);
  if (reason !== undefined) operation.fail(reason);
}

/** Calls back, within an event, when that is done. @param onEnd gets why it has failed */
export function settle(
  host: AgentHost,
  act: () => void | Promise<void>,
  onEnd: (reason: string | undefined) => void,
): void {
  // What a promise leads to is no event of the HAL.
  const endLater = (reason?: string) => host.timers.create({ onDeadline: () => onEnd(reason) }).start(0);
  try {
    const working = act();
    if (working === undefined) endLater();
    else
      working.then(
        () => endLater(),
        (error: unknown) => endLater(reasonOf(error)),
      );
  } catch (error) {
    endLater(reasonOf(error));
  }
}

export interface Delivery {
  readonly host: AgentHost;
  readonly operation: Operation;
  readonly wanted: WantedPackage;
  /** That the file is to have, 64 small hexadecimal digits; empty: whatever it has. */
  readonly sha256: string;
  readonly sink: PackageSink;
  /** @param reason undefined: it is in force */
  onEnd(reason: string | undefined): void;
}

/** Fetches a file for a driver, and has it put in force. */
export function deliver({ host, operation, wanted, sha256, sink, onEnd }: Delivery): void {
  const { url } = wanted;
  if (url === '' || url === '$PROVIDED') {
    onEnd('url: missing, and this device has no source of its own');
    return;
  }
  const driver = new DriverSink(sink, sha256);
  const abort = () => tried(() => sink.abort());
  const onFail = (reason: string) => {
    operation.onTimeout = undefined;
    abort();
    onEnd(reason);
  };
  const onDone = () => {
    const wrong = driver.check();
    if (wrong !== undefined) return onFail(wrong);
    operation.onTimeout = undefined;
    settle(
      host,
      () => sink.end(),
      (reason) => (reason === undefined ? onEnd(undefined) : onFail(reason)),
    );
  };
  const download = new Download(host, { url, sink: driver, onDone, onFail });
  operation.onTimeout = () => {
    download.stop();
    abort();
  };
  download.start();
}

class DriverSink implements DownloadSink {
  readonly #sink: PackageSink;
  readonly #sha256: string;
  #digest = new Sha256();
  #taken = 0;
  #totalBytes = -1;
  #isChecked = false;

  constructor(sink: PackageSink, sha256: string) {
    this.#sink = sink;
    this.#sha256 = sha256;
  }

  begin(offset: number, totalBytes: number): string | undefined {
    this.#totalBytes = totalBytes;
    if (offset > 0) return offset === this.#taken ? undefined : 'the file goes on elsewhere than it stopped';
    this.#taken = 0;
    this.#digest = new Sha256();
    this.#isChecked = false;
    return tried(() => this.#sink.begin(totalBytes));
  }

  write(bytes: Uint8Array, from: number, to: number): string | undefined {
    this.#taken += to - from;
    this.#digest.update(bytes, from, to);
    // A portal may have answered in the place of the platform: then it is asked for again.
    if (this.#taken === this.#totalBytes && this.check() !== undefined) return NOT_MEANT;
    return tried(() => this.#sink.write(bytes.subarray(from, to)));
  }

  /** All of it is there. Undefined: it is what was asked for. */
  check(): string | undefined {
    if (this.#isChecked || this.#sha256 === '') return undefined;
    this.#isChecked = this.#digest.hex() === this.#sha256;
    return this.#isChecked ? undefined : 'the file is damaged: its SHA-256 is another one';
  }
}

/** Why it has thrown. */
export function tried(act: () => void): string | undefined {
  try {
    act();
    return undefined;
  } catch (error) {
    return reasonOf(error);
  }
}
