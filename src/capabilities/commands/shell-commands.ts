// SPDX-License-Identifier: Apache-2.0
/** The commands of `shell()`. */

import { cut } from '../../bytes/text.ts';
import type { AgentHost, Capability, Host, Operation } from '../../capability.ts';
import { printable } from '../../config.ts';
import { restart as restartOperation } from '../restart.ts';
import { type BuiltIn, inventory, status } from './command.ts';

/** The agent, as far as the commands use it. */
interface ShellHost extends AgentHost {
  readonly board: AgentHost['board'] & { capability(name: string): (Capability & Partial<LogTail>) | undefined };
  readonly devices: readonly { readonly childId: string; readonly sensors: readonly Reporting[] }[];
}

/** The part of `logs()` that the commands use. */
interface LogTail {
  tail(host: AgentHost, text: string, lines: number, mostBytes: number): string | undefined;
}

/** A sensor, and its last values. */
interface Reporting {
  readonly template: { readonly type: string; readonly of: readonly string[] };
  readonly fault: string | undefined;
  value(name: string): number;
}

export const RESTART = 'restart';
const CONFIGURATION = 'c8y_Configuration';
/** The name for the text of `c8y_Configuration` on flash, as it was given. */
const STORED = 'runtime';
const USUAL_LINES = 20;
const MOST_LINES = 100;
/** A result may be a little larger. */
const LOG_MOST_BYTES = 4000;

const help: BuiltIn = {
  name: 'help',
  help: 'lists the commands',
  repeatable: true,
  run: (_args, host) => all(host).reduce((lines, { name, help }) => `${lines}${name}: ${help}\n`, ''),
};

/** Does not sample: counts since the last sample would be lost. */
const sensors: BuiltIn = {
  name: 'sensors',
  help: 'latest value of each sensor',
  repeatable: true,
  run(_args, host: ShellHost) {
    let lines = '';
    for (const device of host.devices) {
      for (const port of device.sensors) {
        const child = device.childId === '' ? '' : `${device.childId} `;
        lines += `${child}${port.template.type}: ${port.fault ?? saidBy(port)}\n`;
      }
    }
    return lines === '' ? 'there are none\n' : lines;
  },
};

const heap: BuiltIn = {
  name: 'heap',
  help: 'free memory',
  repeatable: true,
  run: (_args, host) => statusLines(host, /^memory:/) || 'memory: not known\n',
};

const net: BuiltIn = {
  name: 'net',
  help: 'the network, the platform and present failures',
  repeatable: true,
  run(_args, host) {
    const { secure, authority } = host.config.endpoint;
    const platform = `platform: ${secure ? 'https' : 'http'}://${authority}\n`;
    const troubles = host.troubles.lines().map((line) => `${line}\n`);
    return statusLines(host, /^(network|operations|clock):/) + platform + troubles.join('');
  },
};

const queue: BuiltIn = {
  name: 'queue',
  help: 'the waiting records and operations',
  repeatable: true,
  run: (_args, host) => statusLines(host, /^(queue|operations|alarms):/),
};

const log: BuiltIn = {
  name: 'log',
  help: `[lines] [text]: the newest lines of the log; ${USUAL_LINES}, or up to ${MOST_LINES}`,
  repeatable: true,
  run(args, host: ShellHost) {
    const [, count = '', text = ''] = /^(\d+(?=\s|$))?\s*([\s\S]*)$/.exec(args) ?? [];
    const lines = count === '' ? USUAL_LINES : Number(count);
    if (!(lines >= 1 && lines <= MOST_LINES))
      throw new RangeError(`log: ${cut(count, 20)} lines; allowed: 1 to ${MOST_LINES}`);
    const logs = host.board.capability('c8y_LogfileRequest');
    const tail = logs?.tail?.(host, text.toLowerCase(), lines, LOG_MOST_BYTES);
    if (tail === undefined) throw new Error('log: this firmware has none; logs() is not among its capabilities');
    return tail;
  },
};

const config: BuiltIn = {
  name: 'config',
  help: '[get [key]], set key value: the keys in c8y_Configuration, which may change at run time',
  repeatable: true,
  run(args, host: ShellHost, operation) {
    const [, verb = '', key = '', value] = /^(\S*)\s*([^\s=]*)(?:\s*=\s*|\s+|$)([\s\S]*)$/.exec(args) ?? [];
    if (verb === 'set') return set(key, value ?? '', host, operation);
    if (verb !== '' && verb !== 'get') throw new RangeError('config: allowed are config, config get, config set');
    const text = host.configurationText();
    return key === '' ? text : `${lineOf(text, key)}\n`;
  },
};

const restart: BuiltIn = {
  name: RESTART,
  help: 'restarts the device',
  run(_args, host, operation) {
    void restartOperation.run(operation, host);
    // The next start answers.
    return new Promise(() => {});
  },
};

export const BUILT_IN: readonly BuiltIn[] = [help, status, sensors, heap, net, log, config, queue, inventory, restart];

/** All commands; those of the app take precedence. */
export function all({ commands }: Host): readonly { readonly name: string; readonly help: string }[] {
  const ours = BUILT_IN.filter(({ name }) => commands.every((each) => each.name !== name));
  return [...ours, ...commands];
}

function saidBy(port: Reporting): string {
  const values = port.template.of.filter((name) => !Number.isNaN(port.value(name)));
  return values.map((name) => `${name} ${port.value(name)}`).join(', ') || 'nothing';
}

function statusLines(host: Host, wanted: RegExp): string {
  const lines = host.status().split('\n');
  return lines.filter((line) => wanted.test(line)).reduce((text, line) => `${text}${line}\n`, '');
}

/** The line of a key. @throws RangeError for a key that an operation cannot change; others may hold a secret */
function lineOf(text: string, key: string): string {
  const lines = text.split('\n').filter((line) => !line.startsWith('#') && line !== '');
  const found = lines.find((line) => line.startsWith(`${key}=`));
  if (found !== undefined) return found;
  throw new RangeError(`config: "${printable(key)}" is not allowed; allowed: ${lines.map(nameOf).join(', ')}`);
}

function nameOf(line: string): string {
  return line.slice(0, Math.max(0, line.indexOf('=')));
}

/** Changes a key as `c8y_Configuration` does; the inventory is updated before the operation ends. */
function set(key: string, value: string, host: ShellHost, operation: Operation): string {
  const before = host.configurationText();
  lineOf(before, key);
  if (/[\u0000-\u001f\u007f]/.test(value)) throw new RangeError(`${key}: control characters are not allowed`);
  // Keys that are not in the given text still follow the start values.
  const kept = (host.recall(STORED) ?? '').split('\n');
  // Keys that only an earlier firmware knew are dropped.
  const isKnown = (line: string) => line.startsWith('#') || `\n${before}`.includes(`\n${nameOf(line)}=`);
  const lines = kept.filter((line) => line !== '' && isKnown(line));
  const at = lines.findIndex((line) => nameOf(line) === key);
  lines.splice(at < 0 ? lines.length : at, at < 0 ? 0 : 1, `${key}=${value}`);
  const after = host.configure(lines.join('\n'));
  if (host.board.capability(CONFIGURATION) !== undefined) operation.fragment(CONFIGURATION, { config: after });
  return `${lineOf(after, key)}\n`;
}
