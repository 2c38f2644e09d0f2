// SPDX-License-Identifier: Apache-2.0
/// <reference path="./moddable.d.ts" />
import platform from 'fractus/platform';
import manifest from 'mc/config';
import Modules from 'modules';
import { composeAgent } from '../../src/compose.ts';
import { type App, type Capability, ConfigError, type FractusAgent, type Part } from '../../src/index.ts';
import { agentConfig, boardConfig, FACTORY_SPACE, OWN_SPACE, readSettings } from './config.ts';
import { Console } from './console/console.ts';
import { Improv } from './console/improv.ts';
import { createEsp32Hal, type Esp32HalOptions } from './esp32.ts';
import { withMod } from './mods/mod.ts';
import { settleModules } from './mods/modules.ts';

export interface StartOptions extends Omit<Esp32HalOptions, 'config'> {
  /** What the board itself can do, out of `fractus/capabilities` or of one's own. */
  readonly capabilities: readonly Capability[];
  /** What the agent can do without, and has in this firmware: out of `fractus/parts`. */
  readonly parts: readonly Part[];
}

/** Time for a person at the console. */
const CRASH_MS = 10_000;

/**
 * Starts the agent of this board: HAL, configuration, capabilities and app, put together. For the main module of a firmware. A
 * mod that is installed takes the place of the app.
 * Undefined when the configuration is not usable: the console says why, and nothing else can be done about it. Also when
 * the board is about to restart, because modules have been put into their place, or because the app has thrown: that is a
 * crash, and the safe mode, which follows after some, does without it.
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
  // A restart would be the end of a firmware on trial: they wait for the start after.
  const settled = hal.firmware?.onTrial === true ? undefined : settleModules(slot);
  if (settled === true) {
    hal.restart('modules have been installed or removed');
    return undefined;
  }
  if (settled === false) hal.log('error', 'the flash refuses to put what was installed into its place');
  const appOrMod = withMod({ app, slot: settled === undefined ? slot : undefined, modules: Modules, values });
  try {
    const agentKeys = agentConfig(config, (line) => hal.log('warn', line), own);
    const agent = composeAgent({ hal, config: agentKeys, app: appOrMod, capabilities, parts });
    agent.start();
    return agent;
  } catch (error) {
    hal.log('error', error instanceof Error ? error.message : 'the agent does not start');
    hal.indicator?.show('fault');
    // The console may test the way to the platform all the same.
    hal.network.onChange(() => {});
    // Not `hal.restart`: what is not noted counts as a crash.
    if (!(error instanceof ConfigError)) hal.createTimer(() => platform.restart()).start(CRASH_MS);
    return undefined;
  }
}
