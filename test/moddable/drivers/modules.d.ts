// SPDX-License-Identifier: Apache-2.0

declare module 'embedded:io/i2c' {
  export const bus: typeof import('./fake-i2c.ts').bus;
  export type Wire = import('./fake-i2c.ts').Wire;
  /** The bus of the test. */
  const I2C: import('../../../hal/esp32/sensors/part.ts').Connectors['I2C'];
  export default I2C;
}

declare module 'embedded:io/smbus' {
  /** The SDK's own, over the bus of the test. */
  const SMBus: import('../../../hal/esp32/sensors/part.ts').Connectors['SMBus'];
  export default SMBus;
}
