// SPDX-License-Identifier: Apache-2.0
/** Classes of the SDK for what an author wires up, declared as `moddable.d.ts` declares the others. */

declare module 'embedded:io/spi' {
  /** ECMA-419 §10.7: the board asks, the part answers. */
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
    /** Fills it. */
    read(into: Uint8Array): void;
    write(bytes: Uint8Array): void;
  }
}

declare module 'onewire' {
  export default class OneWire {
    constructor(options: Readonly<Record<string, unknown>>);
    /** Those that answer now, by their ROM: eight bytes. */
    search(): Uint8Array[];
    select(rom: Uint8Array): void;
    write(byte: number): void;
    read(count: number): number | Uint8Array;
    close(): void;
  }
}
