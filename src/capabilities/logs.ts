// SPDX-License-Identifier: Apache-2.0

import { cut, decodeUtf8 } from '../bytes/text.ts';
import { parseTime } from '../bytes/time.ts';
import type { AgentHost, Capability, Operation } from '../capability.ts';
import { LogBook, logSectors } from '../logs/log-book.ts';
import { LogExcerpt, type LogWish } from '../logs/log-excerpt.ts';
import { Upload, type UploadOptions } from '../transfers/upload.ts';

const FRAGMENT = 'c8y_LogfileRequest';
const AGENT = 'agent';
const CRASH = 'crash';
const USUAL_LINES = 1000;
const TIMEOUT_MS = 1_800_000;
const URL_MAX_BYTES = 512;

/**
 * `c8y_LogfileRequest {"logFile","dateFrom","dateTo","searchText","maximumLines"}`: keeps a log on a part of the flash,
 * and sends the requested lines as the attachment of an event. `agent` is the whole log, `crash` the lines that led to
 * the latest crash.
 */
export function logs(): Capability {
  return new Logs(undefined);
}

class Logs implements Capability {
  readonly name = FRAGMENT;
  /** Begun again after a restart, it continues with the event that it may have created. */
  readonly repeatable = true;
  readonly timeoutMs = TIMEOUT_MS;
  readonly flashSectors: number;
  /** Defined within a start. */
  readonly #book: LogBook | undefined;

  constructor(book: LogBook | undefined) {
    this.#book = book;
    this.flashSectors = logSectors(book?.lines.flash);
  }

  isPossible({ hal }: AgentHost): boolean {
    return logSectors(hal.flash) > 0;
  }

  begin({ hal }: AgentHost): Capability {
    return hal.flash === undefined ? this : new Logs(new LogBook(hal, hal.flash));
  }

  inventory(): { c8y_SupportedLogs: string[] } {
    return { c8y_SupportedLogs: [AGENT, CRASH] };
  }

  run(operation: Operation, host: AgentHost): void {
    this.send(operation, host, false);
  }

  recover(operation: Operation, host: AgentHost): void {
    this.send(operation, host, true);
  }

  /**
   * The newest lines of the log, for `shell()`; undefined without a log.
   * @param text that each line contains, in lower case
   * @param mostBytes of all lines together: the oldest are left out
   */
  tail({ hal }: AgentHost, text: string, lines: number, mostBytes: number): string | undefined {
    const book = this.#book;
    if (book === undefined) return undefined;
    const { clock } = hal;
    for (let maximumLines = lines; maximumLines > 0; maximumLines >>= 1) {
      const wish = { logFile: AGENT, fromMs: -Infinity, toMs: Infinity, text, maximumLines, isCrash: false };
      // Without a clock, times count from the start of the board.
      const excerpt = new LogExcerpt(book, wish, clock.now() ?? clock.ticks(), clock.ticks());
      const byteLength = excerpt.open();
      if (byteLength > mostBytes) continue;
      const bytes = new Uint8Array(byteLength);
      return decodeUtf8(bytes, 0, excerpt.read(bytes));
    }
    return '';
  }

  private send(operation: Operation, host: AgentHost, isAgain: boolean): void {
    const { clock } = host.hal;
    const timeMs = clock.now();
    const book = this.#book;
    const wish = wishOf(operation);
    if (typeof wish === 'string') {
      operation.fail(wish);
    } else if (timeMs === undefined || book === undefined) {
      operation.fail('the device does not know the time yet');
    } else {
      const source = new LogExcerpt(book, wish, timeMs, clock.ticks());
      upload(operation, host, { source, timeMs, isAgain, logFile: wish.logFile });
    }
  }
}

/** Sends a log, and ends the operation. */
function upload(
  operation: Operation,
  host: AgentHost,
  { logFile, ...file }: Pick<UploadOptions, 'source' | 'timeMs' | 'isAgain'> & Pick<LogWish, 'logFile'>,
): void {
  const sending = new Upload(host, {
    ...file,
    type: FRAGMENT,
    text: `Log ${logFile} for operation ${operation.id}`,
    fileName: `${logFile}.log`,
    mediaType: 'text/plain; charset=utf-8',
    onDone: (eventId) => {
      const { secure, authority } = host.config.endpoint;
      const url = `${secure ? 'https' : 'http'}://${authority}/event/events/${eventId}/binaries`;
      operation.repeat('file', url, URL_MAX_BYTES);
      operation.succeed();
    },
    onFail: (reason) => operation.fail(reason),
  });
  operation.onTimeout = () => sending.stop();
  sending.start();
}

/** The requested excerpt, or why it is refused. */
function wishOf(operation: Operation): LogWish | string {
  const logFile = operation.text('logFile') ?? '';
  if (logFile !== AGENT && logFile !== CRASH)
    return `logFile: "${cut(logFile, 60)}" is not there; allowed: ${AGENT}, ${CRASH}`;
  const fromMs = timeOf(operation, 'dateFrom', -Infinity);
  const toMs = timeOf(operation, 'dateTo', Infinity);
  if (Number.isNaN(fromMs) || Number.isNaN(toMs))
    return 'dateFrom, dateTo: allowed are times like 2026-01-31T13:45:24+01:00';
  if (fromMs > toMs) return 'dateFrom: is later than dateTo';
  const asked = operation.number('maximumLines') ?? operation.text('maximumLines')?.trim();
  const maximumLines = asked === undefined || asked === '' ? USUAL_LINES : Number(asked);
  if (!(maximumLines >= 1)) return 'maximumLines: allowed is 1 or more';
  const text = (operation.text('searchText') ?? '').toLowerCase();
  return { logFile, fromMs, toMs, text, maximumLines: Math.floor(maximumLines), isCrash: logFile === CRASH };
}

function timeOf(operation: Operation, name: string, missing: number): number {
  const text = operation.text(name)?.trim() ?? '';
  return text === '' ? missing : parseTime(text);
}
