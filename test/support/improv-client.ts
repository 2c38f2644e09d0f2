// SPDX-License-Identifier: Apache-2.0
/** `improv-wifi-serial-sdk`, with which a page in a browser sets the Wi-Fi of a board at its serial port. */

import { createRequire } from 'node:module';
import { build } from 'esbuild';

/** What a page in a browser uses. */
export interface ImprovClient {
  readonly state: number;
  readonly nextUrl: string | undefined;
  initialize(timeoutMs: number): Promise<Readonly<Record<string, string>>>;
  provision(ssid: string, password: string, timeoutMs: number): Promise<void>;
  scan(timeoutMs: number): Promise<unknown>;
  close(): Promise<void>;
}

/** A port as Web Serial gives it. */
export interface WebSerialPort {
  readonly readable: ReadableStream<Uint8Array>;
  readonly writable: WritableStream<Uint8Array>;
}

/** It is written for bundlers. */
async function clientClass(): Promise<new (port: WebSerialPort, logger: unknown) => ImprovClient> {
  const { outputFiles } = await build({
    entryPoints: [createRequire(import.meta.url).resolve('improv-wifi-serial-sdk/dist/serial.js')],
    bundle: true,
    format: 'esm',
    write: false,
  });
  const code = Buffer.from(outputFiles[0]?.contents ?? []).toString('base64');
  return (await import(`data:text/javascript;base64,${code}`)).ImprovSerial;
}

const Client = await clientClass();

export function improvClient(port: WebSerialPort): ImprovClient {
  return new Client(port, { log() {}, error() {}, debug() {} });
}

/** Why it was refused: the client rejects with a text. */
export async function improvRefusal(promise: Promise<unknown>): Promise<string> {
  return await promise.then(
    () => '',
    (reason: unknown) => String(reason),
  );
}
