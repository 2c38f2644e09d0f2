// SPDX-License-Identifier: Apache-2.0

import { decodeUtf8, equals, utf8 } from '../../bytes/text.ts';
import { ByteWriter } from '../../bytes/writer.ts';
import type { AgentHost, Capability, Operation } from '../../capability.ts';
import { valueAtPath } from '../../json/path.ts';
import { readString } from '../../json/scan.ts';
import { bytesSource } from '../../transfers/bytes-source.ts';
import { Download, type DownloadSink, NOT_MEANT } from '../../transfers/download.ts';
import { PageCheck } from '../../transfers/page.ts';
import type { Passage } from '../../transfers/passage.ts';
import { Upload } from '../../transfers/upload.ts';
import { guarded } from '../later.ts';
import { onlyForBoard } from '../of-board.ts';
import type { WholeOperation } from '../parameters/parameter-values.ts';
import { type ConfigurationFile, inForce } from './configuration-file.ts';
import { FileChange } from './file-change.ts';
import { FormerFile, type FormerHost } from './former-file.ts';

const MOST_BYTES = 16_384;
const PIECE_BYTES = 256;
const TIMEOUT_MS = 900_000;

/** The text of `c8y_Configuration`, as a file. */
export const agentConfiguration: ConfigurationFile = {
  type: 'agent',
  maxBytes: 4000,
  read: (host) => utf8(host.configurationText()),
  apply(bytes, host) {
    const text = decodeUtf8(bytes, 0, bytes.length);
    if (!equals(bytes, 0, bytes.length, utf8(text))) throw new Error('the file is not UTF-8 text');
    if (text.trim() === '') throw new Error('config: empty; allowed: key=value lines');
    if (host.configure(text) !== host.configurationText()) throw new Error('config: the flash holds another text');
  },
  // The text in force has all keys, in one form; `apply` has compared it.
  isInForce: () => true,
  inventory: (host) => ({ c8y_Configuration: { config: host.configurationText() } }),
};

/**
 * `c8y_DownloadConfigFile` and `c8y_UploadConfigFile`: files by their type. An operation without a type means the first
 * file.
 * @param files in the order of `c8y_SupportedConfigurations`; without any, `agentConfiguration`
 * @throws RangeError when a type or a size is not allowed, or a type is used twice
 */
export function configurationFiles(...files: readonly ConfigurationFile[]): readonly Capability[] {
  const all = files.length === 0 ? [agentConfiguration] : files;
  const types = all.map(({ type }) => type);
  for (const { type, maxBytes } of all) {
    const isSound = /^[A-Za-z0-9_-]{1,40}$/.test(type) && maxBytes > 0 && maxBytes <= MOST_BYTES;
    if (!isSound || types.indexOf(type) !== types.lastIndexOf(type)) {
      throw new RangeError(
        `configuration file "${type}": allowed are types of 1 to 40 of A-Z a-z 0-9 _ -, each once, and 1 to ${MOST_BYTES} bytes`,
      );
    }
  }
  const fileOf = (operation: Operation) => {
    const type = operation.text('type') ?? types[0];
    const file = all.find((each) => each.type === type);
    if (file === undefined) operation.fail(`type: allowed are ${types.join(', ')}`);
    return file;
  };
  const checkDevice = (device: Operation['device'] | undefined) => {
    if (all.includes(agentConfiguration)) onlyForBoard('agentConfiguration', device, 'a file of its own');
  };
  const up: Capability = {
    name: 'c8y_UploadConfigFile',
    repeatable: true,
    timeoutMs: TIMEOUT_MS,
    begin(_host, device) {
      checkDevice(device);
      return up;
    },
    run(operation, host: AgentHost) {
      const file = fileOf(operation);
      if (file !== undefined) send(file, operation, host, false);
    },
    recover(operation, host: AgentHost) {
      const file = fileOf(operation);
      if (file !== undefined) send(file, operation, host, true);
    },
  };
  const down: Capability = {
    name: 'c8y_DownloadConfigFile',
    repeatable: true,
    timeoutMs: TIMEOUT_MS,
    inventory: () => ({ c8y_SupportedConfigurations: types }),
    begin(host, device) {
      checkDevice(device);
      const changes = changesOf(all, host as FormerHost, device?.childId ?? '');
      return {
        ...down,
        run(operation, agent: AgentHost) {
          const file = fileOf(operation);
          const change = changes.find((each) => each.file === file);
          if (change !== undefined) replace(change, operation, agent);
        },
      };
    },
    run: (operation) => operation.fail('it has not begun'),
  };
  return [down, up];
}

/** The files of one device. After the declarations of the app those are restored that a power cut has left unverified. */
function changesOf(files: readonly ConfigurationFile[], host: FormerHost, childId: string): readonly FileChange[] {
  const changes = files.map((file) => {
    // It is checked and kept as a whole.
    const isSafe = file === agentConfiguration;
    return new FileChange(file, host, isSafe ? undefined : new FormerFile(host, file.type, childId));
  });
  const open = changes.filter((each) => each.isOpen);
  const onDeadline = () => {
    if (!host.isSafe) for (const each of open) each.restore();
  };
  if (open.length > 0) host.timers.create({ onDeadline }).start(0);
  return changes;
}

function replace(change: FileChange, operation: Operation, host: AgentHost): void {
  const url = operation.text('url')?.trim() ?? '';
  if (url === '' || url === '$PROVIDED') {
    operation.fail('url: missing, and this device has no source of its own');
    return;
  }
  const sink = new Collector(change.file.maxBytes);
  const onFail = (reason: string) => operation.fail(reason);
  const onDone = () =>
    guarded(operation, () =>
      change.apply(sink.bytes, operation, () => {
        tell(change.file, url, operation, host);
        operation.succeed();
      }),
    );
  begin(new Download(host, { url, sink, onDone, onFail }), operation);
}

function tell(file: ConfigurationFile, url: string, operation: Operation, host: AgentHost): void {
  const { type } = file;
  const name = operation.text('name') ?? type;
  operation.fragment(`c8y_Configuration_${type}`, { name, type, url, time: isoTime(host) });
  const others = file.inventory?.(host) ?? {};
  for (const each of Object.keys(others)) operation.fragment(each, others[each] ?? null);
  const dump = operation.text('type') === undefined ? dumpOf(operation) : undefined;
  if (dump !== undefined) operation.fragment('c8y_ConfigurationDump', { id: dump });
}

/** The id beside the fragment in the older form of the operation. A part of a profile has none. */
function dumpOf(operation: Operation & Partial<WholeOperation>): string | undefined {
  const { bytes } = operation;
  return bytes && readString(bytes, valueAtPath(bytes, 0, bytes.length, 'c8y_ConfigurationDump.id'), bytes.length);
}

function send(file: ConfigurationFile, operation: Operation, host: AgentHost, isAgain: boolean): void {
  const timeMs = host.hal.clock.now();
  if (timeMs === undefined) {
    operation.fail('the device does not know the time yet');
    return;
  }
  const source = bytesSource(inForce(file, host));
  const { type } = file;
  const sending = new Upload(host, {
    type,
    text: `Configuration ${type}, operation ${operation.id}`,
    timeMs,
    fileName: type,
    device: operation.device as Operation['device'] & { readonly idBytes: Uint8Array },
    mediaType: 'application/octet-stream',
    source,
    isAgain,
    onDone: () => operation.succeed(),
    onFail: (reason) => operation.fail(reason),
  });
  begin(sending, operation);
}

/** Starts a transfer. Its end ends the operation; the time limit of the operation ends the transfer. */
function begin(transfer: Passage, operation: Operation): void {
  operation.onTimeout = () => transfer.stop();
  transfer.start();
}

/** Takes a file into RAM, up to a size. */
class Collector implements DownloadSink {
  readonly #content: ByteWriter;
  readonly #check = new PageCheck();

  constructor(maxBytes: number) {
    this.#content = new ByteWriter(Math.min(maxBytes, PIECE_BYTES), maxBytes);
  }

  get bytes(): Uint8Array {
    return this.#content.bytes.slice(0, this.#content.end);
  }

  begin(offset: number, totalBytes: number): string | undefined {
    if (offset === 0) {
      this.#content.clear();
      this.#check.begin();
    }
    return totalBytes > this.#content.maxBytes ? this.tooLong() : undefined;
  }

  write(bytes: Uint8Array, from: number, to: number): string | undefined {
    if (this.#check.isPage(bytes, from, to)) return NOT_MEANT;
    this.#content.putRange(bytes, from, to);
    return this.#content.overflowed ? this.tooLong() : undefined;
  }

  private tooLong(): string {
    return `the file has more than ${this.#content.maxBytes} bytes`;
  }
}

function isoTime({ hal }: AgentHost): string {
  const text = new ByteWriter(32, 32).iso(hal.clock.now() ?? 0);
  return decodeUtf8(text.bytes, 0, text.end);
}
