// SPDX-License-Identifier: Apache-2.0

import { cut, utf8 } from '../../bytes/text.ts';
import type { AgentHost, Capability, Operation } from '../../capability.ts';
import { bytesSource } from '../../transfers/bytes-source.ts';
import { CheckedSource } from '../../transfers/checked-source.ts';
import type { UploadSource } from '../../transfers/upload.ts';
import { guarded, settle } from '../later.ts';
import { LOG_REQUEST, sendLog, type WantedLines, wantedLines } from './log-request.ts';

/** A log that the app reads, of a child or of the board. */
export interface LogFile {
  /** 1 to 40 of `A-Z a-z 0-9 _ -`: `logFile` of operations. */
  readonly type: string;
  /**
   * Reads the log: as a text of lines, the oldest first, or as a source, for a log that does not fit into RAM. Returns
   * a promise if that takes time. Of a text, the agent takes the lines that contain `text`, and of these the newest:
   * `maximumLines`, and 16 KB at most. Only the app knows the times in its lines: it leaves out the others. A source is
   * sent as it is. An exception or a rejection is the reason of the failure.
   */
  read(wanted: WantedLines): string | UploadSource | Promise<string | UploadSource>;
}

const TIMEOUT_MS = 1_800_000;
const MOST_BYTES = 16_384;

/**
 * `c8y_LogfileRequest` for logs that the app reads: those of a child, or of a board without `logs()`. The requested
 * lines are the attachment of an event of the device.
 * @param files in the order of `c8y_SupportedLogs`
 * @throws RangeError when there is none, or a type is not allowed or used twice
 */
export function logFiles(...files: readonly LogFile[]): Capability {
  const types = files.map(({ type }) => type);
  const wrong = types.find(
    (type) => !/^[A-Za-z0-9_-]{1,40}$/.test(type) || types.indexOf(type) !== types.lastIndexOf(type),
  );
  if (files.length === 0 || wrong !== undefined)
    throw new RangeError(
      `logFiles: "${cut(wrong ?? '', 60)}": allowed are types of 1 to 40 of A-Z a-z 0-9 _ -, each once`,
    );
  const send = (operation: Operation, host: AgentHost, isAgain: boolean) => {
    const wanted = wantedLines(operation, types);
    const timeMs = host.hal.clock.now();
    if (typeof wanted === 'string') operation.fail(wanted);
    else if (timeMs === undefined) operation.fail('the device does not know the time yet');
    else {
      const file = files.find(({ type }) => type === wanted.logFile) as LogFile;
      read(file, wanted, { operation, host, timeMs, isAgain });
    }
  };
  return {
    name: LOG_REQUEST,
    /** Begun again after a restart, it continues with the event that it may have created. */
    repeatable: true,
    timeoutMs: TIMEOUT_MS,
    inventory: () => ({ c8y_SupportedLogs: types }),
    run: (operation, host: AgentHost) => send(operation, host, false),
    recover: (operation, host: AgentHost) => send(operation, host, true),
  };
}

interface Sending {
  readonly operation: Operation;
  readonly host: AgentHost;
  readonly timeMs: number;
  readonly isAgain: boolean;
}

/** Reads a log, and then sends it. */
function read(file: LogFile, wanted: WantedLines, { operation, host, ...rest }: Sending): void {
  let content: unknown;
  const take = (value: unknown) => {
    content = value;
  };
  settle(
    host,
    () => {
      // JavaScript may return anything, a thenable too.
      const said = file.read(wanted);
      if (typeof (said as Partial<Promise<unknown>> | undefined)?.then !== 'function') return take(said);
      return (said as Promise<unknown>).then(take);
    },
    (reason) => {
      if (operation.finished) return;
      if (reason !== undefined) return operation.fail(reason);
      guarded(operation, () => {
        const source = sourceOf(content, wanted, host, (trouble) => {
          sending.stop();
          operation.fail(trouble);
        });
        const sending = sendLog(operation, host, { ...rest, source, logFile: wanted.logFile });
      });
    },
  );
}

/** @throws TypeError when the content is neither a text nor a source */
function sourceOf(
  content: unknown,
  wanted: WantedLines,
  { timers }: AgentHost,
  onFail: (reason: string) => void,
): UploadSource {
  if (typeof content === 'string') return bytesSource(excerptOf(content, wanted));
  const source = content as Partial<UploadSource> | null | undefined;
  if (typeof source?.open === 'function' && typeof source.read === 'function')
    return new CheckedSource(timers, source as UploadSource, onFail);
  throw new TypeError(`read of the log ${wanted.logFile}: it must return a text or a source`);
}

/** The requested lines of a text, with a heading as in the log of an agent. */
function excerptOf(text: string, { logFile, text: contained, maximumLines }: WantedLines): Uint8Array {
  const lines = text.split(/\r?\n/).filter((line) => line !== '' && line.toLowerCase().includes(contained));
  let first = lines.length;
  let bytes = 0;
  while (first > 0 && lines.length - first < maximumLines) {
    bytes += utf8(lines[first - 1] ?? '').length + 1;
    if (bytes > MOST_BYTES) break;
    first--;
  }
  const shown = lines.slice(first);
  const rest = shown.length < lines.length ? `, the newest of ${lines.length}` : '';
  return utf8(`# ${logFile}: ${shown.length} lines${rest}\n${shown.map((line) => `${line}\n`).join('')}`);
}
