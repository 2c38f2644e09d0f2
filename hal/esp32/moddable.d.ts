// SPDX-License-Identifier: Apache-2.0
/// <reference path="./sensors/buses.d.ts" />
/// <reference path="./tls/sdk.d.ts" />
/*
 * Types of the SDK's modules that hal/esp32 uses, and of the modules that the manifest provides, so that types are
 * checked without an SDK. manifest.json maps names of the `fractus/` space, per platform where they differ.
 */

declare module 'mc/config' {
  /** The manifest's `config` plus the keys on the command line of mcconfig. It lies in flash. */
  const config: Readonly<Record<string, unknown>>;
  export default config;
}

declare module 'fractus/firmware' {
  /** Written by the build. */
  const firmware: import('../hal.ts').Firmware;
  export default firmware;
}

declare module 'fractus/platform' {
  const platform: import('./platform.ts').Platform;
  export default platform;
}

declare module 'mc/ffi' {
  /** The C functions that the manifest's `ffi` names. Instances are native: none may be created while preloading. */
  export default class FFI {
    /* Linux */
    write(file: number, bytes: ArrayBuffer, length: number): number;
    read(file: number, into: ArrayBuffer, length: number): number;
    fcntl(file: number, command: number, argument: number): number;
    getentropy(into: ArrayBuffer, length: number): number;
    _exit(code: number): void;
    /* ESP-IDF */
    esp_fill_random(into: ArrayBuffer, length: number): void;
    esp_read_mac(into: ArrayBuffer, type: number): number;
    esp_reset_reason(): number;
    esp_get_free_heap_size(): number;
    heap_caps_get_largest_free_block(capabilities: number): number;
    esp_restart(): void;
    esp_chip_info(into: ArrayBuffer): void;
    esp_wifi_set_ps(mode: number): number;
    nvs_get_stats(partition: string, into: ArrayBuffer): number;
    /** Prints `why` and a backtrace; the reset cause is a panic. Does not return. */
    esp_system_abort(why: string): void;
    /* hal/esp32/chip/console.c, services.c */
    fractus_chip_celsius(): number;
    fractus_console_read(into: ArrayBuffer, length: number): number;
    fractus_console_write(bytes: ArrayBuffer, length: number): void;
    fractus_deep_sleep(durationMs: number): void;
    fractus_firmware_confirm(): number;
    fractus_firmware_has_invalid(): number;
    fractus_firmware_roll_back(): number;
    fractus_firmware_state(): number;
    fractus_values_erased(): number;
    fractus_watchdog_feed(): void;
    fractus_watchdog_period(): number;
  }
}

declare module 'timer' {
  /** Opaque. */
  export interface TimerId {
    readonly timer: unique symbol;
  }
  const Timer: {
    set(callback: () => void, delayMs?: number, repeatMs?: number): TimerId;
    repeat(callback: () => void, intervalMs: number): TimerId;
    /** Without times: pauses the timer. */
    schedule(id: TimerId, delayMs?: number, repeatMs?: number): void;
    clear(id: TimerId | undefined): void;
  };
  export default Timer;
}

declare module 'time' {
  const Time: {
    /** Milliseconds: 32 bits that wrap on a board, epoch time on Linux. */
    readonly ticks: number;
    /** Does nothing on Linux. */
    set(epochSeconds: number): void;
  };
  export default Time;
}

declare module 'Resource' {
  /** Read-only bytes in flash. A view of a resource reads the flash directly: nothing is copied. */
  export default class Resource extends ArrayBuffer {
    constructor(name: string);
    static exists(name: string): boolean;
  }
}

declare module 'net' {
  const Net: {
    get(what: 'IP'): string | undefined;
    /** The DNS servers from DHCP, in its order. Not on Linux. */
    get(what: 'DNS'): readonly string[] | undefined;
    /** Only on Linux. */
    resolve(host: string, callback: (host: string, address: string | undefined) => void): void;
  };
  export default Net;
}

declare module 'embedded:io/socket/tcp' {
  export interface TcpOptions<Target> {
    readonly address: string;
    readonly port: number;
    readonly nodelay?: boolean;
    readonly target: Target;
    onReadable(this: TCP<Target>, count: number): void;
    onWritable(this: TCP<Target>, count: number): void;
    onError(this: TCP<Target>): void;
  }
  /** ECMA-419 §10.9. `read` needs a view no longer than the waiting bytes; `write` takes all of a view or throws. */
  export default class TCP<Target = unknown> {
    constructor(options: TcpOptions<Target>);
    readonly target: Target;
    read(into: Uint8Array): number;
    /**
     * Returns how many bytes may be written next; undefined, where nothing is thrown: the connection is gone.
     */
    write(bytes: Uint8Array): number | undefined;
    close(): void;
  }
}

declare module 'embedded:io/socket/udp' {
  /** ECMA-419 §10.8. */
  export default class UDP {
    /** @throws Error when the port is taken, or there is no socket */
    constructor(options: { port: number; onReadable(this: UDP, count: number): void });
    /** One datagram with its sender; undefined when none waits. */
    read(): (ArrayBuffer & { readonly address: string; readonly port: number }) | undefined;
    write(bytes: Uint8Array, address: string, port: number): void;
    close(): void;
  }
}

declare module 'embedded:io/serial' {
  /** ECMA-419 §10.6, on an ESP32: a UART of its hardware, 8N1. */
  export default class Serial {
    /** @throws Error when a pin is taken */
    constructor(options: {
      port: number;
      receive: number;
      transmit?: number;
      baud: number;
      format: 'buffer';
      onReadable(this: Serial, count: number): void;
    });
    /** Returns the number of bytes read; undefined: none. */
    read(into: Uint8Array): number | undefined;
    /** Takes all of `bytes`, up to 128, or throws. */
    write(bytes: Uint8Array): void;
    close(): void;
  }
}

declare module 'embedded:storage/files' {
  export interface File {
    read(count: number, position: number): ArrayBuffer;
    /** Returns the number of bytes read. */
    read(into: Uint8Array, position: number): number;
    write(bytes: ArrayBuffer, position: number): void;
    flush(): void;
    status(): { readonly size: number };
    close(): void;
  }
  export interface Directory {
    openFile(options: { path: string; mode: 'r' | 'r+' | 'w' | 'w+' }): File;
    move(from: string, to: string): void;
    delete(path: string): boolean;
    scan(path: string): Iterable<string>;
  }
  const root: Directory;
  export default root;
}

declare module 'modules' {
  const Modules: {
    /** Names of the modules in the archive that XS has mapped; empty when there is no archive. */
    readonly archive: readonly string[];
    /** The default export of the module. */
    importNow(name: string): unknown;
  };
  export default Modules;
}

declare module 'embedded:storage/key-value' {
  export interface Storage {
    /** Undefined when there is no such value. */
    read(key: string): ArrayBuffer | undefined;
    write(key: string, value: ArrayBuffer | Uint8Array): void;
    delete(key: string): void;
    [Symbol.iterator](): Iterator<string>;
  }
  const storage: { open(options: { path: string; mode?: 'r' | 'r+'; format?: 'buffer' }): Storage };
  export default storage;
}

declare module 'embedded:storage/flash' {
  export interface Partition {
    status(): { readonly size: number; readonly blockLength: number };
    eraseBlock(from: number, to?: number): void;
    read(byteLength: number, position: number): ArrayBuffer;
    /** Fills all of `into`. */
    read(into: Uint8Array, position: number): number;
    write(bytes: Uint8Array, position: number): void;
    close(): void;
  }
  /** `xs`, `running`, `nextota` or a label. @throws Error when there is no such partition */
  const flash: { open(options: { path: string; mode?: 'r' | 'r+' }): Partition };
  export default flash;
}

declare module 'embedded:update' {
  const update: {
    open(options: {
      partition: import('embedded:storage/flash').Partition;
      mode: 'a' | 'w';
      byteLength?: number;
    }): import('./firmware.ts').UpdateIo;
  };
  export default update;
}

declare module 'embedded:network/interface/wifi' {
  export default class WiFi {
    constructor(options: { onChanged(property: string): void });
    connect(options: { SSID: string; password?: string }): void;
    disconnect(): void;
    close(): void;
    /** 200 and less: off; 300: connecting; 400: associated; 500: has its addresses. */
    readonly connection: number;
    readonly address: string | undefined;
    readonly RSSI: number | undefined;
    readonly SSID: string | undefined;
  }
}

declare module 'system' {}

/** Set by the module `system`. */
declare const System: {
  resolve(host: string, callback: (host: string, address: string | undefined) => void): void;
};

/** The hardware of the board, from its module `embedded:provider/builtin`. Set by the module `system`; not on Linux. */
declare const device: {
  readonly io: Pick<import('./sensors/part.ts').Connectors, 'I2C' | 'SMBus'>;
  readonly pin?: { readonly led?: unknown };
  readonly I2C?: { readonly default?: { readonly data: number; readonly clock: number } };
};

declare module 'fractus/sensors' {
  type Drivers = typeof import('./sensors/drivers.ts');
  export const bme68x: Drivers['bme68x'];
  export const bmp280: Drivers['bmp280'];
  export const lis3dh: Drivers['lis3dh'];
  export const sht3x: Drivers['sht3x'];
  export const tmp117: Drivers['tmp117'];
  const parts: Drivers['default'];
  export default parts;
}

declare module 'embedded:sensor/Barometer-Humidity-Temperature/BME68x' {
  /** Bosch's library; each call may throw. */
  export class BME68x {
    static readonly FORCED_MODE: number;
    constructor(options: { readonly sensor: Readonly<Record<string, unknown>> });
    read(register: number, count: number): ArrayBuffer;
    set_conf(conf: Readonly<Record<string, number>>): void;
    set_heatr_conf(mode: number, conf: Readonly<Record<string, number>>): void;
    set_op_mode(mode: number): void;
    /** Undefined: no new values within 50 ms. */
    get_data(mode: number): readonly { temperature: number; humidity: number; pressure: number }[] | undefined;
    close(): void;
  }
}

/** All other drivers of the SDK, and the drivers that an author adds. */
declare module 'embedded:sensor/*' {
  const Driver: import('./sensors/bus.ts').DriverClass;
  export default Driver;
}

/** Prints to xsbug in debug builds; does nothing in others. */
declare function trace(text: string): void;

interface ArrayBufferConstructor {
  /** The UTF-8 bytes of a text. An extension of XS. */
  fromString(text: string): ArrayBuffer;
}

interface StringConstructor {
  /** The text of UTF-8 bytes. An extension of XS. */
  fromArrayBuffer(bytes: ArrayBufferLike): string;
}
