// SPDX-License-Identifier: Apache-2.0

import { readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import type { Firmware } from '../../hal/hal.ts';
import { CAPABILITIES } from '../../src/capabilities/index.ts';
import { parseConfig } from '../../src/config.ts';
import type { RawConfig } from '../../src/index.ts';
import { type AuthorApp, loadApp } from '../author/app.ts';
import { buildAll } from '../build.ts';
import { ROOT } from '../places.ts';
import { productOf } from '../product.ts';
import { ANY_MAC } from './device-arguments.ts';
import { installFault } from './firmware-trust.ts';
import { NodeImageProgram, XsScriptProgram } from './image-programs.ts';
import { NodeProgram, type Panic, type Program } from './programs.ts';
import { rehearse } from './rehearsal.ts';
import type { VirtualImage } from './virtual-image.ts';

export interface ProgramChoice {
  readonly program: Program;
  readonly firmware: Firmware;
  /** Makes the program of an image that is installed later. Undefined: nothing can be installed. */
  readonly runImage: ((image: VirtualImage) => Program) | undefined;
  /** The engine, for a person. */
  readonly engine: string;
  /** The sources of the author's app; empty without one. */
  readonly inputs: readonly string[];
}

export interface ProgramChoiceOptions {
  /** Undefined: XS if it can be built, else Node. */
  runtime: 'node' | 'xs' | undefined;
  config: RawConfig;
  /** Undefined: the usual app. */
  app?: AuthorApp | undefined;
  /** The agent's tables report their states. */
  isTraced?: boolean | undefined;
  /** Called with a line for a person when Node replaces XS. */
  onFallback(line: string): void;
  /** Called with lines about the build. */
  report(line: string): void;
  onPanic(panic: Panic): void;
  onExit(error: Error): void;
}

/** Builds missing files and creates the program of a device. @throws Error when XS is requested but not available */
export async function chooseProgram(options: ProgramChoiceOptions): Promise<ProgramChoice> {
  const { runtime, config, app, isTraced, onFallback, report, onPanic, onExit } = options;
  if (app?.hasParts === true) {
    // On XS, a configuration that the agent refuses would only show as a crash at each start.
    const { app: own, parts } = await loadApp(app);
    parseConfig(config, ANY_MAC, own.settings, parts);
  }
  if (runtime === 'node') return nodeChoice(config, app, report);
  const { bundle, host } = await buildAll({ report, app, isTraced, hasSlots: true });
  if (host.available) {
    // The next build of this app may write another bundle there.
    const script = readFileSync(bundle.path, 'utf8');
    const explain = app && (() => rehearse(app, config));
    const program = new XsScriptProgram({ script, host, config, onPanic, onExit, explain });
    const inputs = app === undefined ? [] : bundle.inputs;
    const capabilities = app?.isComposed === true ? (await loadApp(app)).capabilities : undefined;
    const mayInstall = isAllowed(installFault('xs', config['url'], capabilities ?? CAPABILITIES), report);
    const runImage = mayInstall
      ? (image: VirtualImage) => new XsScriptProgram({ ...image, host, config, onPanic })
      : undefined;
    const engine = `XS, ${host.wordBits}-bit, in the heap of an ESP32`;
    return { program, inputs, runImage, firmware: bundle.firmware, engine };
  }
  if (runtime === 'xs') throw new Error(host.reason);
  onFallback(`${host.reason}; the device runs on Node instead`);
  return nodeChoice(config, app, report);
}

async function nodeChoice(
  config: RawConfig,
  author: AuthorApp | undefined,
  report: (line: string) => void,
): Promise<ProgramChoice> {
  // Without a build, the package's own files give the build time.
  const buildTimeMs = Math.floor(statSync(path.join(ROOT, 'package.json')).mtimeMs);
  const { firmware } = author?.product ?? productOf(ROOT);
  const loaded = author === undefined ? undefined : await loadApp(author);
  const program = new NodeProgram(config, loaded?.app, loaded, loaded?.inputs);
  const inputs = loaded?.inputs ?? [];
  const mayInstall = isAllowed(installFault('node', config['url'], loaded?.capabilities ?? CAPABILITIES), report);
  const runImage = mayInstall ? ({ script }: VirtualImage) => new NodeImageProgram(script, config) : undefined;
  const engine = `Node ${process.versions.node}`;
  return { program, inputs, runImage, firmware: { ...firmware, buildTimeMs }, engine };
}

function isAllowed(trouble: string | undefined, report: (line: string) => void): boolean {
  if (trouble) report(trouble);
  return trouble === undefined;
}
