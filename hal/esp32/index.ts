// SPDX-License-Identifier: Apache-2.0
/** `fractus/board`: agent and HAL of a board. */

export { ConfigError } from '../../src/config.ts';
export { measurement } from '../../src/cumulocity/measurement.ts';
export type * from '../../src/index.ts';
export { app } from './entry/app.ts';
export * from './entry/composition.ts';
export { type StartOptions, startWith } from './entry/start.ts';
export { createEsp32Hal, type Esp32HalOptions, OWN_SPACE } from './esp32.ts';
export type { Mod } from './mods/mod.ts';
export { type DriverClass, i2cSensor } from './sensors/bus.ts';
export type { ActuatorPart, Driver, SensorPart, ValueRule } from './sensors/part.ts';
