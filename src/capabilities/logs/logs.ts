// SPDX-License-Identifier: Apache-2.0

import { decodeUtf8 } from '../../bytes/text.ts';
import type { AgentHost, Capability, Operation } from '../../capability.ts';
import { LogBook, logSectors } from '../../logs/log-book.ts';
import { LogExcerpt } from '../../logs/log-excerpt.ts';
import { onlyForBoard } from '../of-board.ts';
import { LOG_REQUEST, sendLog, wantedLines } from './log-request.ts';

const AGENT = 'agent';
const CRASH = 'crash';
const TIMEOUT_MS = 1_800_000;

/**
 * `c8y_LogfileRequest {"logFile","dateFrom","dateTo","searchText","maximumLines"}`: keeps a log on a part of the flash,
 * and sends the requested lines as the attachment of an event. `agent` is the whole log, `crash` the lines that led to
 * the latest crash.
 */
export function logs(): Capability {
  return new Logs(undefined);
}

class Logs implements Capability {
  readonly name = LOG_REQUEST;
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

  begin({ hal }: AgentHost, device?: Operation['device']): Capability {
    onlyForBoard('logs', device, 'logFiles(file)');
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
    const wish = wantedLines(operation, [AGENT, CRASH]);
    if (typeof wish === 'string') {
      operation.fail(wish);
    } else if (timeMs === undefined || book === undefined) {
      operation.fail('the device does not know the time yet');
    } else {
      const source = new LogExcerpt(book, { ...wish, isCrash: wish.logFile === CRASH }, timeMs, clock.ticks());
      sendLog(operation, host, { source, timeMs, isAgain, logFile: wish.logFile });
    }
  }
}
