// SPDX-License-Identifier: Apache-2.0
/**
 * The share of each capability and part in a bundle: how much larger the bundle is with it than without, next to all
 * other usual ones.
 */

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
/** The capabilities that are only there when an author lists them. */
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
  'logFiles',
  'agentServices',
] as const;
export const CHOICES = [...USUAL, ...FURTHER] as const;

/** The optional parts of the agent, by the names that authors import. */
export const PART_CHOICES = ['certificate', 'children', 'escalation', 'flashQueue', 'safeMode'] as const;

/** The optional contents of a firmware. */
export interface Choice {
  readonly capabilities: readonly string[];
  readonly parts: readonly string[];
}

/** Two firmwares for comparison: the requirements of the integration guide, and everything. */
export const PROFILES: Readonly<Record<'guide' | 'full', Choice>> = {
  guide: { capabilities: USUAL.filter((name) => name !== 'firmware'), parts: ['certificate', 'children'] },
  full: { capabilities: CHOICES, parts: PART_CHOICES },
};

/** The bundle of an empty app with these choices. */
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

/** The size of the agent without any choice, then the share of each choice next to all usual ones. */
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
