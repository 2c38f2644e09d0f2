// SPDX-License-Identifier: Apache-2.0
/** A virtual board with slots, on real sockets, and files of firmware for it: good ones and all kinds of bad ones. */

import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { ExecutionContext } from 'ava';
import { createOperation, type Emulator, eventsOf, findDevice } from 'fractus/emulator';
import { Flash } from '../../../../hal/node/flash.ts';
import { VIRTUAL_MODEL } from '../../../../hal/node/node.ts';
import { restart, signedFirmware } from '../../../../src/capabilities/index.ts';
import { findApp } from '../../../../tools/author/app.ts';
import { buildAll } from '../../../../tools/build.ts';
import { NodeImageProgram, XsScriptProgram } from '../../../../tools/device/image-programs.ts';
import { NodeProgram, type Panic } from '../../../../tools/device/programs.ts';
import { VirtualDevice } from '../../../../tools/device/virtual-device.ts';
import { type VirtualImage, virtualImage } from '../../../../tools/device/virtual-image.ts';
import { firmwareFile } from '../../../../tools/moddable/firmware/firmware-file.ts';
import { type SigningKey, signFirmware } from '../../../../tools/moddable/firmware/firmware-signature.ts';
import type { Operation } from '../../../../tools/platform/model.ts';
import { createBinary } from '../../../../tools/platform/operator.ts';
import { buildXsHost } from '../../../../tools/xs/build.ts';
import type { Runtime } from '../../../support/device.ts';
import { until } from '../../../support/until.ts';

const NAME = 'greenhouse';
const host = await buildXsHost();

function createKey(): SigningKey {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const point = publicKey.export({ format: 'der', type: 'spki' }).subarray(-65);
  return { privateKey, publicKey: point.toString('base64url') };
}

/** The key that the boards trust. */
const OWN_KEY = createKey();
/** Another one. */
export const OTHER_KEY = createKey();

const capabilities = [restart, signedFirmware(OWN_KEY.publicKey)];
const CAPABILITIES = `[restart, signedFirmware('${OWN_KEY.publicKey}')]`;

/** A project of this version, whose app does this. */
export function createProject(version: string, act: string, capabilities = CAPABILITIES): string {
  const folder = mkdtempSync(path.join(tmpdir(), 'fractus-firmware-'));
  writeFileSync(path.join(folder, 'package.json'), JSON.stringify({ name: NAME, version }));
  const file = path.join(folder, 'app.ts');
  const text = `import type { App } from 'fractus';
import { firmware, restart, signedFirmware } from 'fractus/capabilities';
export const capabilities = ${capabilities};
export const app: App = (board) => { ${act} };\n`;
  writeFileSync(file, text);
  return file;
}

/** An app that tells which one it is. */
export const TELLS = (version: string) => `board.event('acme_Started', '${version}')`;

export async function scriptOf(file: string): Promise<string> {
  const { bundle } = await buildAll({ app: await findApp(file), hasSlots: true });
  return readFileSync(bundle.path, 'utf8');
}

/**
 * The script of an app that tells `one`, with another act in that place: a build of its own takes a second.
 * @throws Error when the build writes it in another way
 */
export function acting(script: string, act: string): string {
  const telling = /(\w+)\.event\("acme_Started","one"\)/g;
  if (script.match(telling)?.length !== 1) throw new Error(`there is no ${telling} in the script`);
  return script.replace(telling, (_, board) => act.replaceAll('board', board));
}

export interface FileOptions {
  readonly version: string;
  readonly script: string;
  readonly name?: string;
  readonly model?: string;
  readonly keys?: readonly SigningKey[];
}

/** As `fractus build --virtual` makes it. */
export function fileOf({ version, script, name = NAME, model = VIRTUAL_MODEL, keys = [OWN_KEY] }: FileOptions): Buffer {
  const image = virtualImage({ firmware: { name, version, buildTimeMs: 0 }, script });
  return signFirmware(firmwareFile(image, { name, version }, model), keys);
}

/**
 * The script with another path in the place of the one where it would listen, and a trial of one and a half seconds.
 * @throws Error when the agent has changed so that this does not work any more
 */
export function deaf(script: string): string {
  // The time that a firmware has for its trial.
  const trial = /18e5(?=\?\w+\.start\(1e3\))/;
  // Of the same length: it lies in a buffer with others.
  const path = /\/notification\/operations/;
  for (const each of [trial, path]) if (!each.test(script)) throw new Error(`there is no ${each} in the script`);
  return script.replace(trial, '1500').replace(path, '/notification/nowhere-at');
}

let boards = 0;

export interface BoardOptions {
  readonly emulator: Emulator;
  readonly runtime: Runtime;
  /** Of 1.0.0, for XS; on Node it is the same app. */
  readonly script: string;
}

export class FirmwareBoard {
  readonly lines: string[];
  readonly device: VirtualDevice;
  readonly #emulator: Emulator;
  readonly #deviceId: string;

  static async create(t: ExecutionContext, options: BoardOptions): Promise<FirmwareBoard> {
    const { emulator, runtime, script } = options;
    const deviceId = `firmware-${++boards}`;
    const lines: string[] = [];
    const config = { ...emulator.config, deviceId };
    const onPanic = (panic: Panic) => board.device.panic(panic);
    const onExit = (error: Error) => board.device.fail(error);
    const createXs = (more: { readonly script: string; readonly onExit?: (error: Error) => void }) => {
      if (!host.available) throw new Error(host.reason);
      return new XsScriptProgram({ host, config, onPanic, ...more });
    };
    const isNode = runtime === 'node';
    const program = isNode
      ? new NodeProgram(config, (board) => board.event('acme_Started', 'one'), { capabilities })
      : createXs({ script, onExit });
    const runImage = (image: VirtualImage) => (isNode ? new NodeImageProgram(image.script, config) : createXs(image));
    const firmware = { name: NAME, version: '1.0.0', buildTimeMs: 0 };
    const flash = new Flash({ report: (line) => lines.push(line) });
    const device = new VirtualDevice({
      ...{ flash, program, firmware, resources: {} },
      runImage,
      log: (level, line) => lines.push(`${level} ${line}`),
    });
    const board: FirmwareBoard = new FirmwareBoard(emulator, deviceId, device, lines);
    device.failure.catch((error: Error) => lines.push(`FAILED ${error.message}`));
    t.teardown(() => device.stop());
    device.start();
    await board.#until(() => board.hears(/listening for operations/), 'it listens');
    return board;
  }

  private constructor(emulator: Emulator, deviceId: string, device: VirtualDevice, lines: string[]) {
    this.#emulator = emulator;
    this.#deviceId = deviceId;
    this.device = device;
    this.lines = lines;
  }

  hears(pattern: RegExp): boolean {
    return this.lines.some((line) => pattern.test(line));
  }

  /** Orders an update; the file is uploaded before. */
  order(version: string, file: Uint8Array): Operation {
    const { id: binary } = createBinary(this.#emulator.platform, file);
    const url = `${this.#emulator.url}/inventory/binaries/${binary}`;
    return createOperation(this.#emulator.platform, this.#id, { c8y_Firmware: { name: NAME, version, url } });
  }

  /** Orders an update and waits for its end: its status, and the reason or nothing. */
  async update(version: string, file: Uint8Array): Promise<readonly [status: string, reason: string]> {
    const operation = this.order(version, file);
    await this.ended(operation);
    return [operation.status, operation.failureReason ?? ''];
  }

  async ended(operation: Operation): Promise<void> {
    await this.#until(() => /SUCCESSFUL|FAILED/.test(operation.status), 'the end of the operation');
  }

  /** What the inventory says runs. */
  get version(): string {
    const { c8y_Firmware: firmware } = findDevice(this.#emulator.platform, this.#deviceId)?.fragments ?? {};
    return (firmware as { version: string }).version;
  }

  /** What apps have told about themselves. */
  get told(): readonly unknown[] {
    return eventsOf(this.#emulator.platform, this.#id).flatMap(({ fragments: { type, text } }) =>
      type === 'fractus_FirmwareReturn' ? [] : [text],
    );
  }

  get #id(): string {
    return findDevice(this.#emulator.platform, this.#deviceId)?.id ?? '';
  }

  #until(condition: () => boolean, what: string): Promise<void> {
    return until(condition, () => `${what}:\n${this.lines.join('\n')}`);
  }
}
