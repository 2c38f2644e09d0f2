// SPDX-License-Identifier: Apache-2.0
/** What each capability and part takes of a bundle: what it is larger with it than without, beside all others that are usual. */

import path from 'node:path';
import { deviceCode } from '../lean/lean.ts';
import { ROOT } from '../places.ts';
import { xsStandIns } from '../xs/stand-ins.ts';

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
  'onlyNewer',
  'relay',
  'relayArray',
  'message',
  'network',
  'agentConfiguration',
  'configurationFiles',
  'remoteAccess',
  'services',
  'enrolment',
  'childFirmware',
  'childSoftware',
] as const;
export const CHOICES = [...USUAL, ...FURTHER] as const;

/** What the agent can do without, by the names that authors import. */
export const PART_CHOICES = ['certificate', 'escalation', 'flashQueue', 'safeMode'] as const;

/** What a firmware consists of besides what each has. */
export interface Choice {
  readonly capabilities: readonly string[];
  readonly parts: readonly string[];
}

/** Two firmwares to compare by: what the integration guide asks for, and all that there is. */
export const PROFILES: Readonly<Record<'guide' | 'full', Choice>> = {
  guide: { capabilities: USUAL.filter((name) => name !== 'firmware'), parts: ['certificate'] },
  full: { capabilities: CHOICES, parts: PART_CHOICES },
};

/** The bundle of an empty app with these. */
export async function composed({ capabilities, parts }: Choice): Promise<string> {
  const usual = path.join(ROOT, 'src/app.ts');
  const contents = `import { ${capabilities.join(', ')} } from './capabilities/index.ts';
import { ${parts.join(', ')} } from './agent/parts/index.ts';
export const capabilities = [${capabilities.join(', ')}];
export const parts = [${parts.join(', ')}];
export const app = () => {};`;
  const { code } = await deviceCode('hal/xs/main.ts', {
    plugins: [
      xsStandIns,
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

/** The agent without any, then what each adds to all that is usual. */
export async function measureShares(): Promise<Share[]> {
  const bytesOf = async (choice: Partial<Choice>) =>
    Buffer.byteLength(await composed({ capabilities: USUAL, parts: PART_CHOICES, ...choice }));
  const usual = await bytesOf({});
  const shares: Share[] = [{ name: 'none', bytes: await bytesOf({ capabilities: [], parts: [] }) }];
  for (const name of PART_CHOICES) {
    shares.push({ name, bytes: usual - (await bytesOf({ parts: PART_CHOICES.filter((each) => each !== name) })) });
  }
  for (const name of USUAL) {
    shares.push({ name, bytes: usual - (await bytesOf({ capabilities: USUAL.filter((each) => each !== name) })) });
  }
  for (const name of FURTHER) {
    shares.push({ name, bytes: (await bytesOf({ capabilities: [...USUAL, name] })) - usual });
  }
  return shares;
}
