/// <reference path="./moddable.d.ts" />
import platform from 'fractus/platform';
import manifest from 'mc/config';
import { type App, createAgent, type FractusAgent } from '../../src/index.ts';
import { agentConfig, boardConfig } from './config.ts';
import { Console } from './console/console.ts';
import { createEsp32Hal, type Esp32HalOptions, OWN_SPACE } from './esp32.ts';

export * from '../../src/index.ts';
export { app } from './app.ts';
export { createEsp32Hal, type Esp32HalOptions, OWN_SPACE } from './esp32.ts';
export { type DriverClass, i2cSensor } from './sensors/bus.ts';
export type { ActuatorPart, Driver, SensorPart, ValueRule } from './sensors/part.ts';
export * from './sensors/pins.ts';

/**
 * Starts the agent of this board: HAL, configuration and app, put together. For the main module of a firmware.
 * Undefined when the configuration is not usable: the console says why, and nothing else can be done about it.
 */
export function start(app: App, options: Omit<Esp32HalOptions, 'config'> = {}): FractusAgent | undefined {
  const values = platform.openValues(OWN_SPACE);
  const config = boardConfig(manifest, values);
  const hal = createEsp32Hal({ ...options, config });
  let console: Console | undefined;
  platform.listen((bytes) => {
    console ??= new Console({ hal, manifest, values, write: (text) => platform.write(text) });
    console.take(bytes);
  });
  try {
    const agent = createAgent({ hal, config: agentConfig(config, (line) => hal.log('warn', line)), app });
    agent.start();
    return agent;
  } catch (error) {
    hal.log('error', error instanceof Error ? error.message : 'the agent does not start');
    hal.indicator?.show('fault');
    return undefined;
  }
}
