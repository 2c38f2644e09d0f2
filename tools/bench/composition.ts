// SPDX-License-Identifier: Apache-2.0
/** What each capability takes of a bundle: what it is larger with it than without, beside all others that are usual. */

import path from 'node:path';
import { deviceCode } from '../lean/lean.ts';
import { ROOT } from '../places.ts';

/** The capabilities of a firmware whose author has not chosen, by the names that authors import. */
export const USUAL = [
  'restart',
  'configuration',
  'sendConfiguration',
  'measurementRequest',
  'command',
  'firmware',
] as const;
/** Those that only an author's choice brings. */
const FURTHER = [
  'attachments',
  'logs',
  'shell',
  'deviceProfile',
  'parameters',
  'parameterSet',
  'software',
  'signedFirmware',
  'relay',
  'relayArray',
  'message',
  'network',
  'agentConfiguration',
  'configurationFiles',
  'remoteAccess',
  'services',
  'enrolment',
] as const;
export const CHOICES = [...USUAL, ...FURTHER] as const;

/** Two firmwares to compare by: what the integration guide asks for, and all that there is. */
export const PROFILES = {
  guide: USUAL.filter((name) => name !== 'firmware'),
  full: CHOICES,
} as const;

/** The bundle of an empty app with these. */
export async function composed(names: readonly string[]): Promise<string> {
  const usual = path.join(ROOT, 'src/app.ts');
  const contents = `import { ${names.join(', ')} } from './capabilities/index.ts';
export const capabilities = [${names.join(', ')}];
export const app = () => {};`;
  const { code } = await deviceCode('hal/xs/main.ts', {
    plugins: [
      {
        name: 'choice',
        setup({ onLoad }) {
          onLoad({ filter: /app\.ts$/ }, (args) =>
            args.path === usual ? { contents, resolveDir: path.dirname(usual), loader: 'ts' } : undefined,
          );
        },
      },
    ],
    without: ['step', 'meaning'],
    finish: { format: 'iife', globalName: 'bundle', minify: true },
  });
  return code;
}

export interface Share {
  readonly name: string;
  readonly bytes: number;
}

/** The agent without any, then what each adds to all the others. */
export async function measureShares(): Promise<Share[]> {
  const bytesOf = async (names: readonly string[]) => Buffer.byteLength(await composed(names));
  const usual = await bytesOf(USUAL);
  const shares: Share[] = [{ name: 'none', bytes: await bytesOf([]) }];
  for (const name of USUAL) {
    shares.push({ name, bytes: usual - (await bytesOf(USUAL.filter((each) => each !== name))) });
  }
  for (const name of FURTHER) shares.push({ name, bytes: (await bytesOf([...USUAL, name])) - usual });
  return shares;
}
