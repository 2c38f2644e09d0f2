// SPDX-License-Identifier: Apache-2.0
/** The arguments of commands that build a firmware: board, project, and configuration keys. */

import { existsSync } from 'node:fs';
import path from 'node:path';
import { type ParseArgsConfig, parseArgs } from 'node:util';
import { BOARD_KEYS, boardKey, checkSetting, isSdkKey, noKey } from '../../../hal/esp32/config.ts';
import { CONFIG_KEYS, configKey } from '../../../src/config.ts';
import { didYouMean } from '../../author/near.ts';
import { ownKeys } from '../../author/own-keys.ts';
import { isMod } from '../../moddable/bundle.ts';
import { readManifest } from '../../moddable/manifest.ts';
import { partsOf } from '../../moddable/project/composition.ts';
import { checkProjectConfig } from '../../moddable/project/project-config.ts';
import { ROOT } from '../../moddable/sdk.ts';
import { refusalOf } from '../../terminal/command.ts';

export type Options = NonNullable<ParseArgsConfig['options']>;

export interface FirmwareArguments {
  readonly help: boolean;
  readonly board: string;
  readonly project: string;
  readonly debug: boolean;
  readonly config: Readonly<Record<string, string>>;
  /** Values of the command's own options. */
  readonly values: Parsed['values'];
}

/** Resolves with the arguments, or with the text of an error. */
export async function readFirmwareArguments(args: string[], own: Options): Promise<FirmwareArguments | string> {
  const parsed = parse(args, {
    ...own,
    project: { type: 'string' },
    debug: { type: 'boolean', short: 'd' },
    help: { type: 'boolean', short: 'h' },
  });
  if (typeof parsed === 'string') return parsed;
  const { values, positionals } = parsed;
  const [board = '', ...pairs] = positionals;
  const help = values['help'] === true;
  if (!help && !/^esp32(\/\w+)?$/.test(board)) {
    const given = board === '' ? 'BOARD: missing' : `"${board.slice(0, 40)}" is not a board`;
    return `${given}; allowed: esp32/…, for example esp32/nodemcu`;
  }
  const config: Record<string, string> = {};
  for (const pair of pairs) {
    const at = pair.indexOf('=');
    // The text may be a misplaced secret.
    if (at < 1) return `${isKey(pair) ? `"${pair}"` : 'an argument without ='} is not allowed; allowed: key=value`;
    config[pair.slice(0, at)] = pair.slice(at + 1);
  }
  const project = path.resolve((values['project'] as string | undefined) ?? ROOT);
  if (!existsSync(path.join(project, 'manifest.json'))) return `there is no manifest.json in ${project}`;
  if (isMod(project)) return `${project} is a mod, not a firmware: docs/flash.md explains how to install it on a board`;
  const trouble = help ? undefined : await troubleWith(config, project);
  if (trouble !== undefined) return trouble;
  return { help, board, project, debug: values['debug'] === true, config, values };
}

/**
 * Checks the keys: an error would only show after flashing, at a console that may not be watched. A project may have
 * keys of its own: settings of its app, and keys of its manifest. An empty value counts as absent.
 */
async function troubleWith(config: Readonly<Record<string, string>>, project: string): Promise<string | undefined> {
  try {
    const settings = await ownKeys(project);
    const parts = await partsOf(project);
    checkProjectConfig(project, settings, parts);
    const named = Object.keys(readManifest(project).config ?? {});
    for (const [name, value] of Object.entries(config)) {
      if (isSdkKey(name)) continue;
      if (isKey(name) || configKey(name, settings) !== undefined) {
        if (value !== '') checkSetting(name, value, settings, parts);
      } else if (!named.includes(name)) {
        const meant = didYouMean(name, [
          ...named,
          ...[...BOARD_KEYS, ...CONFIG_KEYS, ...settings].map((key) => key.name),
        ]);
        return `${noKey(name)}${meant}; docs/configuration.md lists all keys of fractus, and the manifest of a project its own keys`;
      }
    }
    return undefined;
  } catch (error) {
    return refusalOf(error);
  }
}

function isKey(name: string): boolean {
  return boardKey(name) !== undefined || configKey(name) !== undefined;
}

export interface Parsed {
  readonly values: Readonly<Record<string, string | boolean | undefined>>;
  readonly positionals: readonly string[];
}

export function parse(args: string[], options: Options): Parsed | string {
  try {
    const { values, positionals } = parseArgs({ args, options, strict: true, allowPositionals: true });
    return { values: values as Parsed['values'], positionals };
  } catch (error) {
    return refusalOf(
      error,
      Object.keys(options)
        .map((each) => `--${each}`)
        .join(' '),
    );
  }
}
