// SPDX-License-Identifier: Apache-2.0

import { type AgentHost, type Capability, type Operation, TRIED } from '../../capability.ts';
import type { Deadline, DeadlineOwner } from '../../timers/timers.ts';
import { Download } from '../../transfers/download.ts';
import { type HeadCheck, ImageSink } from './firmware-image.ts';

const FRAGMENT = 'c8y_Firmware';
/** The name for the id of an operation whose firmware was lost once without a fault of its own. */
const AGAIN = 'firmware';
const TIMEOUT_MS = 3_600_000;
const LOOK_MS = 1000;

/** Firmware with a further check of each file, before a byte of flash is erased. */
export interface FirmwareCapability extends Capability {
  readonly headCheck?: HeadCheck;
}

/**
 * `c8y_Firmware {"name","version","url"}`: the image goes to the other slot of the board, is checked and started on
 * trial. The operation is SUCCESSFUL once the new firmware listens for operations. Otherwise the one before comes back,
 * and the operation says why.
 */
export const firmware: FirmwareCapability = {
  name: FRAGMENT,
  repeatable: true,
  timeoutMs: TIMEOUT_MS,
  isPossible: ({ hal }) => hal.firmware !== undefined,
  run(operation, host: AgentHost) {
    const { version: running } = host.hal.board.firmware;
    const url = urlOf(operation);
    const dependency = operation.text('dependency') ?? '';
    if (operation.text('name') === undefined || operation.text('version') === undefined) {
      return operation.fail('name, version: missing');
    }
    if (isRunning(operation, host)) return succeed(operation);
    if (host.hal.firmware?.cannotReturn === true)
      return operation.fail('the bootloader of this board could not bring the firmware before back');
    if (operation.flag('isPatch') === true || operation.text('isPatch') === 'true') {
      return operation.fail('isPatch: this device takes whole images only');
    }
    if (dependency !== '' && dependency !== running) {
      return operation.fail(`dependency: needs version ${dependency}, and ${running} runs`);
    }
    if (url === '' || url === '$PROVIDED')
      return operation.fail('url: missing, and this device has no source of its own');
    whenKept(operation, host, () => fetchImage(operation, host, this.headCheck));
  },
  recover(operation, host: AgentHost) {
    // A power cut before the image was in place: begin again.
    if (!operation.begun) return void this.run(operation, host);
    try {
      whenKept(operation, host, () => tellEnd(operation, host, this.headCheck));
    } catch (error) {
      // Which firmware stays is not decided yet: the next start reports it.
      host.panic(error);
      throw error;
    }
  },
};

/** Reports the result, once no firmware is on trial any more. */
function tellEnd(operation: Operation, host: AgentHost, headCheck: HeadCheck | undefined): void {
  const { board, firmware: slots } = host.hal;
  const running = board.firmware.version;
  const isCut = board.resetCause === 'power-on' || board.resetCause === 'brownout';
  if (isRunning(operation, host)) {
    succeed(operation);
  } else if (isCut && host.recall(AGAIN) !== operation.id && host.remember(AGAIN, operation.id)) {
    // To the bootloader a power cut looks like a fault, so it gave up a good firmware. Or the power failed before the
    // image was in place.
    fetchImage(operation, host, headCheck);
  } else if (slots?.rolledBack !== true) {
    operation.fail(`the new firmware did not start: ${running} runs`);
  } else {
    const version = operation.text('version');
    const cause = board.resetCause;
    operation.fail(`${version} did not listen for operations (${cause}): ${running} is back`);
  }
}

function urlOf(operation: Operation): string {
  return operation.text('url')?.trim() ?? '';
}

/** The requested firmware runs already. */
function isRunning(operation: Operation, { hal }: AgentHost): boolean {
  const { name, version } = hal.board.firmware;
  return operation.text('name') === name && operation.text('version') === version;
}

function succeed(operation: Operation): void {
  const name = operation.text('name') ?? '';
  const version = operation.text('version') ?? '';
  operation.fragment(FRAGMENT, { name, version, url: urlOf(operation) });
  operation.succeed();
}

function fetchImage(operation: Operation, host: AgentHost, headCheck: HeadCheck | undefined): void {
  const name = operation.text('name') ?? '';
  const version = operation.text('version') ?? '';
  const unwanted = () => (operation.finished ? 'the operation has ended' : undefined);
  const sink = new ImageSink({ hal: host.hal, name, version, headCheck, unwanted });
  const fail = (reason: string) => {
    sink.abort();
    operation.fail(reason);
  };
  const onDone = () => {
    const wrong = sink.check();
    if (wrong !== undefined) return fail(wrong);
    host.remember(TRIED, version);
    // From here on the board may start the image at any time.
    host.once(operation);
    if (!sink.install()) return fail('the board refuses the image');
    host.restart(`operation ${operation.id}: firmware ${version}`);
  };
  new Download(host, { url: urlOf(operation), sink, onDone, onFail: fail }).start();
}

/** Calls back once the running firmware is not on trial: at once, or later within the time limit of the operation. */
export function whenKept(operation: Operation, host: AgentHost, onKept: () => void): void {
  const look: DeadlineOwner = {
    onDeadline(deadline: Deadline) {
      if (operation.finished) return;
      if (host.hal.firmware?.onTrial === true) deadline.start(LOOK_MS);
      else onKept();
    },
  };
  look.onDeadline(host.timers.create(look));
}
