// SPDX-License-Identifier: Apache-2.0
/** Delivers a file to a child: the driver of its app takes it piece by piece. */

import { Sha256 } from '../bytes/sha256.ts';
import { reasonOf } from '../bytes/text.ts';
import { Download, type DownloadSink, NOT_MEANT } from '../transfers/download.ts';
import type { AgentHost, Operation } from './capability.ts';

/** The package or firmware that an operation requests for a child. */
export interface WantedPackage {
  readonly name: string;
  readonly version: string;
  readonly url: string;
  /** Kind of software; empty: the operation names none, or it is a firmware. */
  readonly type: string;
}

/**
 * Takes a file piece by piece. An exception of a method is the reason of the failure, and `abort` follows. After a
 * power cut the whole file begins again.
 */
export interface PackageSink {
  /** The file begins, perhaps again: bytes written before are void. @param totalBytes -1: known only at its end */
  begin(totalBytes: number): void;
  /** The next bytes; the buffer is reused after this returns. */
  write(bytes: Uint8Array): void;
  /** The file is complete: puts it in force. Returns a promise if that takes time. */
  end(): void | Promise<void>;
  /** The file is not wanted any more, perhaps before the promise of `end` is settled; the one before stays in force. */
  abort(): void;
}

/** Calls a driver: its exception ends the operation, not the current start of the board. */
export function guarded(operation: Operation, act: () => void): void {
  const reason = tried(act);
  if (reason !== undefined) operation.fail(reason);
}

/** Runs `act`, and calls back within an event when it has ended. @param onEnd gets the reason of a failure */
export function settle(
  host: AgentHost,
  act: () => void | Promise<void>,
  onEnd: (reason: string | undefined) => void,
): void {
  let isOver = false;
  // A promise is not settled within an event of the HAL.
  const endLater = (reason?: string) => {
    if (isOver) return;
    isOver = true;
    host.timers.create({ onDeadline: () => onEnd(reason) }).start(0);
  };
  try {
    // JavaScript may return anything, a thenable too.
    const working = act();
    if (typeof working?.then !== 'function') endLater();
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
  /** Expected SHA-256 of the file, 64 lower-case hexadecimal digits; empty: not checked. */
  readonly sha256: string;
  readonly sink: PackageSink;
  /** @param reason undefined: the file is in force */
  onEnd(reason: string | undefined): void;
}

/** Downloads a file for a driver, which puts it in force. */
export function deliver({ host, operation, wanted, sha256, sink, onEnd }: Delivery): void {
  const { url } = wanted;
  if (url === '' || url === '$PROVIDED') {
    onEnd('url: missing, and this device has no source of its own');
    return;
  }
  const driver = new DriverSink(sink, sha256);
  const abort = () => tried(() => sink.abort());
  const { onTimeout } = operation;
  const onFail = (reason: string) => {
    operation.onTimeout = onTimeout;
    abort();
    onEnd(reason);
  };
  const onDone = () => {
    const wrong = driver.check();
    if (wrong !== undefined) return onFail(wrong);
    settle(
      host,
      () => sink.end(),
      (reason) => {
        // Too late: `abort` was called.
        if (operation.finished) return;
        if (reason !== undefined) return onFail(reason);
        operation.onTimeout = onTimeout;
        onEnd(undefined);
      },
    );
  };
  const download = new Download(host, { url, sink: driver, onDone, onFail });
  operation.onTimeout = () => {
    download.stop();
    abort();
    onTimeout?.();
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
    // A portal may have answered instead of the platform: then the file is requested again.
    if (this.#taken === this.#totalBytes && this.check() !== undefined) return NOT_MEANT;
    return tried(() => this.#sink.write(bytes.subarray(from, to)));
  }

  /** Checks the complete file. Undefined: it is the requested one. */
  check(): string | undefined {
    if (this.#isChecked || this.#sha256 === '') return undefined;
    this.#isChecked = this.#digest.hex() === this.#sha256;
    return this.#isChecked ? undefined : 'the file is damaged: its SHA-256 is another one';
  }
}

/** The reason of an exception; undefined: none was thrown. */
export function tried(act: () => void): string | undefined {
  try {
    act();
    return undefined;
  } catch (error) {
    return reasonOf(error);
  }
}
