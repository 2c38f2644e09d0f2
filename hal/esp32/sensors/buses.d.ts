// SPDX-License-Identifier: Apache-2.0
/** Types of the SDK's classes for pins and other buses. `moddable.d.ts` declares the others. */

declare module 'embedded:io/analog' {
  const Analog: import('../sensors/part.ts').Connectors['Analog'];
  export default Analog;
}

declare module 'embedded:io/digital' {
  const Digital: import('../sensors/part.ts').Connectors['Digital'];
  export default Digital;
}

declare module 'embedded:io/pwm' {
  const PWM: import('../sensors/part.ts').Connectors['PWM'];
  export default PWM;
}

declare module 'embedded:io/spi' {
  /** ECMA-419 §10.7: the board is the controller. */
  export default class SPI {
    /** @throws Error when a pin is taken */
    constructor(options: {
      clock: number;
      in?: number;
      out?: number;
      select?: number;
      active?: 0 | 1;
      mode?: number;
      hz: number;
      port?: number;
    });
    /** Fills all of `into`. */
    read(into: Uint8Array): void;
    write(bytes: Uint8Array): void;
  }
}

declare module 'onewire' {
  export default class OneWire {
    constructor(options: Readonly<Record<string, unknown>>);
    /** ROM codes (eight bytes) of the devices that answer now. */
    search(): Uint8Array[];
    select(rom: Uint8Array): void;
    write(byte: number): void;
    read(count: number): number | Uint8Array;
    close(): void;
  }
}
