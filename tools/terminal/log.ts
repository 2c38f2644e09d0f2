// SPDX-License-Identifier: Apache-2.0

import { styleText } from 'node:util';
import type { LogLevel } from '../../hal/hal.ts';
import { plain } from './plain.ts';

const STYLES = { info: 'reset', warn: 'yellow', error: 'red' } as const;

/**
 * One line of a log: time of day, level, text. Control characters are replaced, so that data from the network cannot
 * control a terminal.
 * @param colour whether a terminal will show it
 */
export function logLine(level: LogLevel, text: string, { at = new Date(), colour = false } = {}): string {
  const time = `${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())}`;
  const line = `${level.padEnd(5)} ${plain(text)}`;
  if (!colour) return `${time} ${line}`;
  // The caller knows whether there is a terminal.
  const options = { validateStream: false };
  return `${styleText('dim', time, options)} ${styleText(STYLES[level], line, options)}`;
}

/** https://no-color.org, https://force-color.org */
export function wantsColour(stream: NodeJS.WriteStream, environment: NodeJS.ProcessEnv = process.env): boolean {
  if (environment['NO_COLOR']) return false;
  if (environment['FORCE_COLOR']) return true;
  return stream.isTTY === true && environment['TERM'] !== 'dumb';
}

function two(number: number): string {
  return String(number).padStart(2, '0');
}
