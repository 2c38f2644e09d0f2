// SPDX-License-Identifier: Apache-2.0
/** Delivers a file to a child: the driver of its app takes it piece by piece. */

import { Sha256 } from '../../bytes/sha256.ts';
import type { AgentHost, Operation } from '../../capability.ts';
import { ConfigError } from '../../config.ts';
import { Download, type DownloadSink, NOT_MEANT } from '../../transfers/download.ts';
import { PageCheck } from '../../transfers/page.ts';
import { atOnce, settle, tried } from '../later.ts';

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
  // Only `end` may take time.

  /** A longer file is refused before more of it is written, even one without an announced length. Default: 16 MiB. */
  readonly maxBytes?: number;

  /** The file begins, perhaps again: bytes written before are void. @param totalBytes -1: known only at its end */
  begin(totalBytes: number): void;
  /** The next bytes; the buffer is reused after this returns. */
  write(bytes: Uint8Array): void;
  /** The file is complete: puts it in force. Returns a promise if that takes time. */
  end(): void | Promise<void>;
  /** The file is not wanted any more, perhaps before the promise of `end` is settled; the one before stays in force. */
  abort(): void;
}

const MOST_BYTES = 16_777_216;

/**
 * The error of a capability that is not a child's. In the list of the board a restart would not help, and there is no
 * safe mode yet: a ConfigError stops the board.
 */
export function misplaced(name: string, device: Operation['device'] | undefined): Error {
  const text = `${name} is for a child: add it with child.operation(${name}(driver))`;
  return device === undefined ? new ConfigError('capabilities', `capabilities: ${text}`) : new RangeError(text);
}

/** Whether a driver has said a name and a version. */
export function isNamed(said: { readonly name?: unknown; readonly version?: unknown } | null | undefined): boolean {
  return typeof said?.name === 'string' && typeof said.version === 'string';
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
  const abort = () => tried(() => atOnce('abort: it must end at once', sink.abort()));
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
  readonly #maxBytes: number;
  readonly #page = new PageCheck();
  #digest = new Sha256();
  #taken = 0;
  #totalBytes = -1;
  #isChecked = false;

  constructor(sink: PackageSink, sha256: string) {
    this.#sink = sink;
    this.#sha256 = sha256;
    this.#maxBytes = sink.maxBytes ?? MOST_BYTES;
  }

  begin(offset: number, totalBytes: number): string | undefined {
    this.#totalBytes = totalBytes;
    if (offset > 0) return offset === this.#taken ? undefined : 'the download resumes at a wrong place';
    if (totalBytes > this.#maxBytes) return this.tooLong();
    this.#taken = 0;
    this.#page.begin();
    this.#digest = new Sha256();
    this.#isChecked = false;
    return tried(() => atOnce('begin: it must end at once', this.#sink.begin(totalBytes)));
  }

  write(bytes: Uint8Array, from: number, to: number): string | undefined {
    this.#taken += to - from;
    if (this.#taken > this.#maxBytes) return this.tooLong();
    if (this.#page.isPage(bytes, from, to)) return NOT_MEANT;
    this.#digest.update(bytes, from, to);
    // A portal may have answered instead of the platform: then the file is requested again.
    if (this.#taken === this.#totalBytes && this.check() !== undefined) return NOT_MEANT;
    return tried(() => atOnce('write: it must take the bytes at once', this.#sink.write(bytes.subarray(from, to))));
  }

  private tooLong(): string {
    return `the file has more than ${this.#maxBytes} bytes`;
  }

  /** Checks the complete file. Undefined: it is the requested one. */
  check(): string | undefined {
    if (this.#isChecked || this.#sha256 === '') return undefined;
    this.#isChecked = this.#digest.hex() === this.#sha256;
    return this.#isChecked ? undefined : 'the file is damaged: its SHA-256 differs';
  }
}
