// SPDX-License-Identifier: Apache-2.0

import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { LinkedCode } from './firmware/size-model.ts';
import { manifestArguments } from './manifest.ts';
import { ROOT, runTool, type Sdk, sdkEnvironment } from './sdk.ts';

/** The result of a manifest for a chip, before Espressif's tools. */
export interface LinkedImage {
  /** The makefile of mcconfig: manifests flattened, all modules resolved. */
  readonly makefile: string;
  /** The name in ESP-IDF, for example `esp32c3`. */
  readonly chip: string;
  readonly partitions: string;
  /** The settings of ESP-IDF: the SDK's with ours put in, for example `CONFIG_FREERTOS_HZ=1000`. One that is unset has no value. */
  readonly settings: string;
  /** The manifest's `defines`, as C. */
  readonly defines: string;
  /** The module `mc/config`. */
  readonly config: string;
  /** Warnings of the linker about flash, for example a variable that could change. */
  readonly warnings: readonly string[];
  /** All modules, after `preload` and `strip`, and all resources. */
  readonly code: LinkedCode;
}

/** mcconfig reads the version from git; any known version works. */
const IDF_VERSION = 'v6.0';

/**
 * Processes a manifest for an ESP32 as far as possible without ESP-IDF: flattening, module resolution, compilation,
 * linking with `creation` and `strip`, resources. The result is C for a compiler that is not needed here.
 * @throws Error with the output of mcconfig or make
 */
export async function linkForChip({
  sdk,
  platform,
  output,
  project = ROOT,
}: {
  readonly sdk: Sdk;
  /** For example `esp32/esp32c3`. */
  readonly platform: string;
  readonly output: string;
  readonly project?: string;
}): Promise<LinkedImage> {
  await rm(output, { recursive: true, force: true });
  await mkdir(output, { recursive: true });
  // The folder must exist, but is not used.
  const environment = { cwd: project, env: { ...sdkEnvironment(sdk), IDF_PATH: output } };
  await runTool(
    path.join(sdk.tools, 'mcconfig'),
    ['-p', platform, '-o', output, ...manifestArguments(project)],
    environment,
  );
  const name = path.basename(project) === '' ? path.basename(path.dirname(project)) : path.basename(project);
  const directory = path.join(output, 'tmp', ...platform.split('/'), 'release', name);
  const makefile = await readFile(path.join(directory, 'makefile'), 'utf8');
  const chip = /^ESP32_SUBCLASS = (\w+)/m.exec(makefile)?.[1] ?? '';
  // ESP-IDF would generate it from the sdkconfig.
  const header = path.join(directory, `xsProj-${chip}`, 'build', 'config', 'sdkconfig.h');
  await mkdir(path.dirname(header), { recursive: true });
  await writeFile(header, '');
  const code = path.join(directory, 'mc.xs.c');
  const makeArguments = ['-j2', '-f', path.join(directory, 'makefile'), `IDF_VERSION=${IDF_VERSION}`, '-o', header];
  const resources = path.join(directory, 'mc.resources.c');
  const targets = [code, resources];
  const lines = await runTool('make', [...makeArguments, ...targets], environment);
  return {
    makefile,
    chip,
    partitions: await readFile(path.join(directory, `xsProj-${chip}`, 'partitions.csv'), 'utf8'),
    settings: await readFile(path.join(directory, `xsProj-${chip}`, 'sdkconfig.mc'), 'utf8'),
    defines: await readFile(path.join(directory, 'mc.defines.h'), 'utf8'),
    config: await readFile(path.join(directory, 'mc.config.js'), 'utf8'),
    warnings: lines.filter((line) => line.startsWith('### warning: ')),
    code: { modules: await readFile(code, 'latin1'), resources: await readFile(resources, 'latin1') },
  };
}
