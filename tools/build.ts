// SPDX-License-Identifier: Apache-2.0

import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type { Firmware } from '../hal/hal.ts';
import { type AuthorApp, appPlugin, described } from './author/app.ts';
import { keptOrMade, type Made, replaceFile } from './kept.ts';
import { deviceCode } from './lean/lean.ts';
import { BUILD, ROOT } from './places.ts';
import { productOf } from './product.ts';
import { buildXsHost, type XsHostBuild } from './xs/build.ts';
import { xsStandIns } from './xs/stand-ins.ts';

/** The module that makes the agent's tables report their states. */
const TRACE = 'tools/trace.ts';

export interface BundleOptions {
  /** A module that exports `main`, called at each start of the machine. Relative paths are from the package's root. */
  entry: string;
  /** Path of the script to write; it sets the global `bundle`. */
  outfile: string;
  /** Default: true. */
  minify?: boolean | undefined;
  /** Names that are replaced by JavaScript expressions. */
  define?: Readonly<Record<string, string>> | undefined;
  /** Replacements of modules, by their paths. */
  alias?: Readonly<Record<string, string>> | undefined;
  /** The app that replaces the usual one. */
  app?: AuthorApp | undefined;
  /** A module that is evaluated before all others. */
  inject?: string | undefined;
}

export interface Bundle {
  readonly path: string;
  readonly sizeBytes: number;
  /** The firmware that a board with this bundle reports. The build time is SOURCE_DATE_EPOCH when that is set. */
  readonly firmware: Firmware;
  /** The sources of the bundle. */
  readonly inputs: readonly string[];
}

/** Builds everything that the commands use; `report` takes lines for a person. */
export async function buildAll(
  options: {
    report?: (line: string) => void;
    app?: AuthorApp | undefined;
    isTraced?: boolean | undefined;
    /** The bundle is for a board with slots for firmware, or to be installed in one. */
    hasSlots?: boolean | undefined;
  } = {},
): Promise<{
  bundle: Bundle;
  host: XsHostBuild;
}> {
  const host = await buildXsHost(options);
  const { app, isTraced = false, hasSlots = false } = options;
  const name =
    app === undefined ? 'device' : `device-${createHash('sha256').update(app.file).digest('hex').slice(0, 8)}`;
  const outfile = path.join(BUILD, `${name}${isTraced ? '-traced' : ''}${hasSlots ? '-slots' : ''}.xs.js`);
  const inject = isTraced ? TRACE : undefined;
  const bundle = await buildBundle({ entry: hasSlots ? 'hal/xs/device.ts' : 'hal/xs/main.ts', outfile, app, inject });
  return { bundle, host };
}

/**
 * Bundles a module and its imports into one script for XS. Does nothing while the sources are unchanged, so that the
 * build time is that of the sources.
 * @throws the errors of esbuild.
 */
export async function buildBundle(options: BundleOptions): Promise<Bundle> {
  const { entry, outfile, minify = true, define = {}, alias = {}, app, inject } = options;
  const file = path.resolve(ROOT, outfile);
  const { firmware } = app?.product ?? productOf(ROOT);
  const sources = { entry, minify, define, alias, app, inject };
  const settings = { ...sources, firmware, epoch: process.env['SOURCE_DATE_EPOCH'] };
  // Another process may have built other sources since, or has been killed before it wrote its record.
  const isThere = async ({ digest }: Built) => digest === digestOf(await readFile(file).catch(() => ''));
  const { value, inputs } = await keptOrMade(`${file}.json`, settings, () => write(file, sources), isThere);
  return {
    path: file,
    sizeBytes: (await readFile(file)).length,
    firmware: { ...firmware, buildTimeMs: value.buildTimeMs },
    inputs: inputs.map((input) => path.resolve(ROOT, input)),
  };
}

interface Built {
  readonly buildTimeMs: number;
  /** Of the written script. */
  readonly digest: string;
}

async function write(file: string, options: Sources): Promise<Made<Built>> {
  const { entry, minify, define, alias, app, inject } = options;
  const building = deviceCode(entry, {
    define,
    alias,
    inject: inject === undefined ? [] : [inject],
    plugins: [xsStandIns, ...(app === undefined ? [] : [appPlugin(app)])],
    without: ['step', 'meaning'],
    finish: { format: 'iife', globalName: 'bundle', minify },
  });
  const { code, inputs } = await described(building, ROOT);
  const value = { buildTimeMs: buildTimeMs(), digest: digestOf(code) };
  await replaceFile(file, code);
  return { value, inputs };
}

function digestOf(content: string | Uint8Array): string {
  return createHash('sha256').update(content).digest('hex');
}

/** Whole seconds, as `Date` of HTTP has: no device believes one before its build. https://reproducible-builds.org/specs/source-date-epoch/ */
function buildTimeMs(): number {
  const epoch = process.env['SOURCE_DATE_EPOCH'];
  if (epoch === undefined) return Math.floor(Date.now() / 1000) * 1000;
  if (!/^\d{1,12}$/.test(epoch)) throw new Error(`SOURCE_DATE_EPOCH is "${epoch}", not a number of seconds`);
  return Number(epoch) * 1000;
}

interface Sources {
  readonly entry: string;
  readonly minify: boolean;
  readonly define: Record<string, string>;
  readonly alias: Record<string, string>;
  readonly inject: string | undefined;
  readonly app: AuthorApp | undefined;
}
