// SPDX-License-Identifier: Apache-2.0

import type { Alarm, AlarmOwner } from '../http/timers.ts';
import { Download } from '../transfers/download.ts';
import type { Capability, Host, Operation } from './capability.ts';
import { ImageSink } from './firmware-image.ts';

const FRAGMENT = 'c8y_Firmware';
/** What an update leaves behind for the start after it: operation, name, version, url and number of the try, a line each. */
const WITNESS = 'firmware';
const TIMEOUT_MS = 3_600_000;
const LOOK_MS = 1000;

/**
 * `c8y_Firmware {"name","version","url"}`: to the board's other place, checked, started on trial, and SUCCESSFUL once it
 * has shown that it listens for operations. Otherwise the one before comes back, and the operation says why.
 */
export const firmware: Capability = {
  name: FRAGMENT,
  repeatable: true,
  timeoutMs: TIMEOUT_MS,
  isPossible: ({ hal }) => hal.firmware !== undefined,
  run(operation, host) {
    const name = operation.text('name');
    const version = operation.text('version');
    const url = operation.text('url')?.trim() ?? '';
    const running = host.hal.board.firmware;
    const dependency = operation.text('dependency') ?? '';
    if (name === undefined || version === undefined || /[\n\r]/.test(name + version)) {
      return operation.fail('name, version: missing');
    }
    if (name === running.name && version === running.version) return end(operation, name, version, url);
    if (operation.flag('isPatch') === true || operation.text('isPatch') === 'true') {
      return operation.fail('isPatch: this device takes whole images only');
    }
    if (dependency !== '' && dependency !== running.version) {
      return operation.fail(`dependency: needs version ${dependency}, and ${running.version} runs`);
    }
    if (url === '' || url === '$PROVIDED')
      return operation.fail('url: missing, and this device has no source of its own');
    whenKept(operation, host, () => fetchImage(operation, host, { name, version, url }, 1));
  },
  recover(operation, host) {
    // A power cut before the image was in place: once more.
    if (!operation.begun) return firmware.run(operation, host);
    const [id, name = '', version = '', url = '', tried] = host.recall(WITNESS)?.split('\n') ?? [];
    const { board, firmware: slots } = host.hal;
    const { firmware: running, resetCause } = board;
    if (id !== operation.id) return operation.fail('the note about the update is lost');
    whenKept(operation, host, () => {
      const isCut = resetCause === 'power-on' || resetCause === 'brownout';
      if (slots?.rolledBack === true && isCut && tried === '1') {
        // The bootloader cannot tell a power cut from a fault: the new one was given up without one.
        fetchImage(operation, host, { name, version, url }, 2);
      } else if (slots?.rolledBack === true) {
        operation.fail(`${version} did not get as far as listening for operations: ${running.version} is back`);
      } else if (running.name !== name || running.version !== version) {
        operation.fail(`the new firmware did not start: ${running.name} ${running.version} runs`);
      } else {
        end(operation, name, version, url);
      }
    });
  },
};

function end(operation: Operation, name: string, version: string, url: string): void {
  operation.fragment(FRAGMENT, { name, version, url });
  operation.succeed();
}

interface Wanted {
  readonly name: string;
  readonly version: string;
  readonly url: string;
}

function fetchImage(operation: Operation, host: Host, { name, version, url }: Wanted, tried: number): void {
  const unwanted = () => (operation.finished ? 'the operation has ended' : undefined);
  const sink = new ImageSink({ hal: host.hal, name, version, unwanted });
  const fail = (reason: string) => {
    sink.abort();
    operation.fail(reason);
  };
  const onDone = () => {
    const wrong = sink.check();
    if (wrong !== undefined) return fail(wrong);
    // From here on the board may start with it at any time.
    if (!host.remember(WITNESS, `${operation.id}\n${name}\n${version}\n${url}\n${tried}`)) {
      return fail('the flash refused to note the update');
    }
    host.once(operation);
    if (!sink.install()) return fail('the board refuses the image');
    host.restart(`operation ${operation.id}: firmware ${version}`);
  };
  new Download(host, { url, sink, onDone, onFail: fail }).start();
}

/** Calls back when what runs is not on trial any more: at once, or after so long as the operation may take. */
function whenKept(operation: Operation, host: Host, onKept: () => void): void {
  const look: AlarmOwner = {
    onAlarm(alarm: Alarm) {
      if (operation.finished) return;
      if (host.hal.firmware?.onTrial === true) alarm.start(LOOK_MS);
      else onKept();
    },
  };
  look.onAlarm(host.timers.create(look));
}
