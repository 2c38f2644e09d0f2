// SPDX-License-Identifier: Apache-2.0
/** The console of a board after it was flashed, until it reports to its platform; says what is missing until then. */

import { execFileSync } from 'node:child_process';
import { createReadStream, createWriteStream } from 'node:fs';
import type { Readable, Writable } from 'node:stream';

/** What a board says, and what it means for whoever waits. */
const SIGNS: readonly (readonly [sign: RegExp, meaning: string | undefined])[] = [
  [/listening for operations/, undefined],
  [/wifiName: not set/, 'it has no Wi-Fi: type "set wifiName …" and "set wifiPassword …", then "restart"'],
  [/url: missing/, 'it has no platform: type "set url https://…" and "set bootstrapPassword …", then "restart"'],
  [/bootstrapPassword: missing/, 'it has no bootstrap password: type "set bootstrapPassword …", then "restart"'],
  [
    /asking for credentials as (\S+):/,
    'register $1 on the platform and accept it there: Device management, Registration',
  ],
  [/the platform gives no credentials/, 'the platform refuses bootstrapUser and its password'],
  [/Task watchdog got triggered|Guru Meditation|abort\(\) was called/, 'it has crashed: what stands below says why'],
];

export interface FollowOptions {
  readonly input: Readable;
  print(line: string): void;
  readonly limitMs: number;
}

/** Resolves with whether it reports; false: its time is over, or the port is gone. */
export function follow({ input, print, limitMs }: FollowOptions): Promise<boolean> {
  return new Promise((resolve) => {
    let rest = '';
    const said = new Set<string>();
    const end = (works: boolean) => {
      clearTimeout(patience);
      input.removeAllListeners('data');
      input.destroy();
      resolve(works);
    };
    const patience = setTimeout(() => end(false), limitMs);
    input.on('data', (bytes: Buffer) => {
      const lines = (rest + bytes.toString('latin1')).split(/\r?\n/);
      rest = lines.pop() ?? '';
      for (const line of lines) {
        print(line);
        const found = SIGNS.map(([sign, meaning]) => ({ match: sign.exec(line), meaning })).find(({ match }) => match);
        if (found === undefined) continue;
        if (found.meaning === undefined) return end(true);
        const text = found.meaning.replace('$1', found.match?.[1] ?? '');
        if (!said.has(text)) print(`fractus: ${text}`);
        said.add(text);
      }
    });
    for (const event of ['end', 'error', 'close'] as const) input.once(event, () => end(false));
  });
}

/**
 * Opens a port as the console has it.
 * @throws Error when it is no serial port
 */
export function openPort(port: string, baud: number): { readonly input: Readable; readonly output: Writable } {
  const flag = process.platform === 'darwin' ? '-f' : '-F';
  execFileSync('stty', [flag, port, String(baud), 'raw', '-echo', '-hupcl'], { stdio: ['ignore', 'ignore', 'pipe'] });
  return { input: createReadStream(port), output: createWriteStream(port) };
}
