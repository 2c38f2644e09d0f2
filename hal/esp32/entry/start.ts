// SPDX-License-Identifier: Apache-2.0
/// <reference path="../moddable.d.ts" />
import platform from 'fractus/platform';
import manifest from 'mc/config';
import Modules from 'modules';
import { composeAgent } from '../../../src/compose.ts';
import { type App, type Capability, ConfigError, type FractusAgent, type Part } from '../../../src/index.ts';
import { agentConfig, boardConfig, FACTORY_SPACE, OWN_SPACE, readSettings } from '../config.ts';
import { Console } from '../console/console.ts';
import { Improv } from '../console/improv.ts';
import { createEsp32Hal, type Esp32HalOptions } from '../esp32.ts';
import { withMod } from '../mods/mod.ts';
import { settleModules } from '../mods/modules.ts';

export interface StartOptions extends Omit<Esp32HalOptions, 'config'> {
  /** Capabilities of the board itself, from `fractus/capabilities` or of the author. */
  readonly capabilities: readonly Capability[];
  /** Optional parts of the agent that this firmware has, from `fractus/parts`. */
  readonly parts: readonly Part[];
}

/** Pause before the restart after a crash, so that a person can use the console. */
const CRASH_MS = 10_000;

/**
 * Composes and starts the agent of this board from HAL, configuration, capabilities and app. For the main module of a
 * firmware. An installed mod replaces the app.
 * Returns undefined when the configuration is not usable; the console says why. Also when the board is about to
 * restart: because modules were installed or removed, or because the app has thrown. An app that throws counts as a
 * crash; after several crashes the safe mode starts without the app.
 */
export function startWith(app: App, options: StartOptions): FractusAgent | undefined {
  const { capabilities, parts } = options;
  const values = platform.openValues(OWN_SPACE);
  const given = { ...manifest, ...readSettings(platform.openValues(FACTORY_SPACE)) };
  const own = app.settings;
  const config = boardConfig(given, values, own);
  const hal = createEsp32Hal({ ...options, config });
  let console: Console | undefined;
  const improv = new Improv({
    hal,
    values,
    deviceId: String(config['deviceId'] ?? `esp32-${hal.board.mac}`),
    url: String(config['url'] ?? ''),
    send: (bytes) => platform.write(bytes),
    onOthers: (bytes) => {
      console ??= new Console({ hal, manifest: given, values, own, parts, write: (text) => platform.write(text) });
      console.take(bytes);
    },
  });
  platform.listen((bytes) => improv.take(bytes));
  const slot = platform.openModules();
  // A restart would roll back a firmware on trial, so the modules wait for a later start.
  const settled = hal.firmware?.onTrial === true ? undefined : settleModules(slot);
  if (settled === true) {
    hal.restart('modules have been installed or removed');
    return undefined;
  }
  if (settled === false) hal.log('error', 'the flash refuses the installed modules');
  const appOrMod = withMod({ app, slot: settled === undefined ? slot : undefined, modules: Modules, values });
  try {
    const agentKeys = agentConfig(config, (line) => hal.log('warn', line), own);
    const agent = composeAgent({ hal, config: agentKeys, app: appOrMod, capabilities, parts });
    agent.start();
    return agent;
  } catch (error) {
    hal.log('error', error instanceof Error ? error.message : 'the agent does not start');
    hal.indicator?.show('fault');
    // Switches the radio on, so that the console can test the connection.
    hal.network.onChange(() => {});
    // Not `hal.restart`: a restart without a note counts as a crash.
    if (!(error instanceof ConfigError)) hal.createTimer(() => platform.restart()).start(CRASH_MS);
    return undefined;
  }
}
