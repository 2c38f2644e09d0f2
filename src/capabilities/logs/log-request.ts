// SPDX-License-Identifier: Apache-2.0
/** `c8y_LogfileRequest`: the request of an operator, and its answer, an event with the log attached. */

import { cut } from '../../bytes/text.ts';
import { parseTime } from '../../bytes/time.ts';
import type { AgentHost, Operation } from '../../capability.ts';
import { Upload, type UploadOptions } from '../../transfers/upload.ts';

export const LOG_REQUEST = 'c8y_LogfileRequest';
const USUAL_LINES = 1000;
const URL_MAX_BYTES = 512;

/** The lines that an operator wants. */
export interface WantedLines {
  /** Name of the log. */
  readonly logFile: string;
  /** Times of the lines, epoch, both included; without a limit ±Infinity. */
  readonly fromMs: number;
  readonly toMs: number;
  /** A text that each line contains, in lower case; empty: all lines. */
  readonly text: string;
  /** Most lines, 1 or more: the newest of those that match. */
  readonly maximumLines: number;
}

/** The requested lines, or why they are refused. @param names the logs of the device */
export function wantedLines(operation: Operation, names: readonly string[]): WantedLines | string {
  const logFile = operation.text('logFile') ?? '';
  if (!names.includes(logFile)) return `logFile: "${cut(logFile, 60)}" is not there; allowed: ${names.join(', ')}`;
  const fromMs = timeOf(operation, 'dateFrom', -Infinity);
  const toMs = timeOf(operation, 'dateTo', Infinity);
  if (Number.isNaN(fromMs) || Number.isNaN(toMs))
    return 'dateFrom, dateTo: allowed are times like 2026-01-31T13:45:24+01:00';
  if (fromMs > toMs) return 'dateFrom: is later than dateTo';
  const asked = operation.number('maximumLines') ?? operation.text('maximumLines')?.trim();
  const maximumLines = asked === undefined || asked === '' ? USUAL_LINES : Number(asked);
  if (!(maximumLines >= 1)) return 'maximumLines: allowed is 1 or more';
  const text = (operation.text('searchText') ?? '').toLowerCase();
  return { logFile, fromMs, toMs, text, maximumLines: Math.floor(maximumLines) };
}

function timeOf(operation: Operation, name: string, missing: number): number {
  const text = operation.text(name)?.trim() ?? '';
  return text === '' ? missing : parseTime(text);
}

/** Sends a log as the attachment of an event of the operation's device, and ends the operation. */
export function sendLog(
  operation: Operation,
  host: AgentHost,
  { logFile, ...file }: Pick<UploadOptions, 'source' | 'timeMs' | 'isAgain'> & Pick<WantedLines, 'logFile'>,
): Upload {
  const sending = new Upload(host, {
    ...file,
    device: operation.device as Operation['device'] & { readonly idBytes: Uint8Array },
    type: LOG_REQUEST,
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
  return sending;
}
