// SPDX-License-Identifier: Apache-2.0

import { reasonOf } from '../../bytes/text.ts';
import type { Capability, Host, Operation } from '../../capability.ts';
import { valueAtPath } from '../../json/path.ts';
import { Kind, kindAt, readNumber, readString } from '../../json/scan.ts';
import type { Json } from '../../json/write.ts';
import { type ProfileDevice, type ProfileHost, ProfileStep, stepHost } from './profile-step.ts';
import { keepProgress, type Progress, recallProgress } from './progress.ts';

const FRAGMENT = 'c8y_DeviceProfile';
const PROFILE = 'c8y_Profile';
/** For all parts together; as an operation of its own each part has its own limit. */
const TIMEOUT_MS = 14_400_000;
const MOST_STEPS = 16;
const NAME_MAX_CHARS = 200;

/** A part of a profile. */
interface Part {
  /** Its place in the profile, also for a person. */
  readonly path: string;
  /** The operation that carries it out. */
  readonly operation: string;
}

/**
 * `c8y_DeviceProfile {"firmware","software","configuration"}`: its parts one after the other, each by the capability
 * that the board or the child has for it. After a restart it continues where it was, and it ends once. `c8y_Profile`
 * names the profile and says whether all of it is in force.
 */
export function deviceProfile(): Capability {
  return profileOf('');
}

/** @param childId of the device; empty: the board */
function profileOf(childId: string): Capability {
  return {
    name: FRAGMENT,
    repeatable: true,
    timeoutMs: TIMEOUT_MS,
    begin: (_host, device) => profileOf(device?.childId ?? ''),
    inventory(host: Host): Readonly<Record<string, Json>> {
      const progress = recallProgress(host as ProfileHost, childId);
      return progress === undefined ? {} : { c8y_Profile: shown(progress) };
    },
    run(operation, host: Host) {
      begin(operation, host as ProfileHost);
    },
    recover(operation, host: Host) {
      const agent = host as ProfileHost;
      const progress = recallProgress(agent, childId);
      if (progress?.id !== operation.id) begin(operation, agent);
      else {
        const parts = partsOf(operation);
        const { executed } = progress;
        let { step } = progress;
        // Their updates of the inventory were lost with the power: they run again, with the same result.
        while (parts[step - 1]?.operation === 'c8y_DownloadConfigFile') step--;
        const begun = step === progress.step && progress.begun;
        const again = { ...progress, step, begun, executed: executed && step === progress.step };
        if (executed && !again.executed) {
          keepProgress(agent, childId, again);
          deviceOf(operation).fragment(PROFILE, shown(again));
        }
        new Walk(operation, agent, parts, again).go(true);
      }
    },
  };
}

/** The board or the child that the profile is for. */
function deviceOf(operation: Operation): ProfileDevice {
  return operation.device as unknown as ProfileDevice;
}

function begin(operation: Operation, host: ProfileHost): void {
  const parts = partsOf(operation);
  const device = deviceOf(operation);
  const missing = parts.find((part) => device.capability(part.operation) === undefined);
  const profileId = own(operation, 'profileId');
  const profileName = own(operation, 'profileName');
  const progress = { id: operation.id, step: 0, begun: false, executed: false, profileId, profileName };
  const wrong = wrongKind(operation);
  if (profileName.trim() === '') operation.fail('profileName: missing');
  else if (profileName.length > NAME_MAX_CHARS || profileId.length > NAME_MAX_CHARS)
    operation.fail(`profileName, profileId: have more than ${NAME_MAX_CHARS} characters`);
  else if (wrong !== undefined) operation.fail(wrong);
  else if (parts.length === 0) operation.fail('the profile is empty; allowed are firmware, software, configuration');
  else if (parts.length > MOST_STEPS) operation.fail(`${parts.length} parts are too many; allowed: ${MOST_STEPS}`);
  else if (missing !== undefined) operation.fail(`${missing.path}: this device has no ${missing.operation}`);
  else if (!keepProgress(host, device.childId, progress))
    operation.fail('the flash refuses to note the profile, so nothing was done');
  else {
    device.fragment(PROFILE, shown(progress));
    new Walk(operation, host, parts, progress).go(false);
  }
}

/** Carries out one part after the other. */
class Walk {
  readonly #operation: Operation;
  readonly #host: ProfileHost;
  readonly #parts: readonly Part[];
  #progress: Progress;

  constructor(operation: Operation, host: ProfileHost, parts: readonly Part[], progress: Progress) {
    this.#operation = operation;
    this.#host = host;
    this.#parts = parts;
    this.#progress = progress;
  }

  /** @param isAgain an earlier start has reached this part */
  go(isAgain: boolean): void {
    const { step, begun } = this.#progress;
    const part = this.#parts[step];
    if (part === undefined) {
      try {
        end(this.#progress, this.#operation, this.#host);
      } catch (error) {
        // Otherwise the error would count as one of the last part, which has ended.
        this.note(this.#progress);
        deviceOf(this.#operation).fragment(PROFILE, shown(this.#progress));
        this.#operation.fail(reasonOf(error));
      }
      return;
    }
    const { path } = part;
    const operation = new ProfileStep({
      operation: this.#operation,
      path,
      begun,
      onEnd: (reason) => this.onEnd(path, reason),
    });
    try {
      this.carryOut(part, operation, isAgain);
    } catch (error) {
      if (this.#host.isPanicking) throw error;
      operation.fail(reasonOf(error));
    }
  }

  private carryOut(part: Part, operation: ProfileStep, isAgain: boolean): void {
    const capability = deviceOf(this.#operation).capability(part.operation);
    // Keeps with the progress that the part must not be done twice.
    const host = stepHost(this.#host, () => this.note({ ...this.#progress, begun: true }));
    if (capability === undefined) operation.fail(`this device has no ${part.operation}`);
    else {
      // As for an operation of its own, JavaScript may return anything.
      const isRecovery = isAgain && capability.recover !== undefined;
      const working: unknown = isRecovery ? capability.recover?.(operation, host) : capability.run(operation, host);
      (working as Promise<void> | undefined)?.then?.(undefined, (error: unknown) => operation.fail(reasonOf(error)));
    }
  }

  private onEnd(path: string, reason: string | undefined): void {
    if (reason !== undefined) {
      this.#operation.fail(`${path}: ${reason}`);
      return;
    }
    this.#operation.onTimeout = undefined;
    this.note({ ...this.#progress, step: this.#progress.step + 1, begun: false });
    this.go(false);
  }

  /** Keeps the progress. If the flash refuses, the part is repeated after a power cut, with the same result. */
  private note(progress: Progress): void {
    this.#progress = progress;
    keepProgress(this.#host, deviceOf(this.#operation).childId, progress);
  }
}

function end(progress: Progress, operation: Operation, host: ProfileHost): void {
  const executed = { ...progress, executed: true };
  const device = deviceOf(operation);
  if (!keepProgress(host, device.childId, executed)) {
    operation.fail('the flash refuses to note that the profile is in force');
    return;
  }
  // An update under way still has the old value.
  device.fragment(PROFILE, shown(executed));
  operation.fragment(PROFILE, shown(executed));
  operation.succeed();
}

/** The error of a member with a wrong kind, which would otherwise be skipped. */
function wrongKind(operation: Operation): string | undefined {
  const { bytes } = operation as Operation & { readonly bytes: Uint8Array };
  const kindOf = (name: string) => {
    const at = valueAtPath(bytes, 0, bytes.length, `${FRAGMENT}.${name}`);
    return at < 0 ? undefined : kindAt(bytes, at);
  };
  const isOther = (name: string, wanted: Kind) => ![undefined, Kind.Null, wanted].includes(kindOf(name));
  if (isOther('firmware', Kind.Object)) return 'firmware: not an object';
  if (isOther('software', Kind.Array)) return 'software: not a list';
  return isOther('configuration', Kind.Array) ? 'configuration: not a list' : undefined;
}

/** The parts in their order. A missing or empty member is not a part. */
function partsOf(operation: Operation): Part[] {
  const parts: Part[] = [];
  const isGiven = ['name', 'version', 'url'].some((name) => (operation.text(`firmware.${name}`)?.trim() ?? '') !== '');
  if (isGiven) parts.push({ path: 'firmware', operation: 'c8y_Firmware' });
  if ((operation.count('software') ?? 0) > 0) parts.push({ path: 'software', operation: 'c8y_SoftwareUpdate' });
  const count = operation.count('configuration') ?? 0;
  for (let i = 0; i < count; i++) parts.push({ path: `configuration[${i}]`, operation: 'c8y_DownloadConfigFile' });
  return parts;
}

/** A member in the fragment, or next to it. */
function own(operation: Operation, name: string): string {
  const { bytes } = operation as Operation & { readonly bytes: Uint8Array };
  const beside = valueAtPath(bytes, 0, bytes.length, name);
  const number = operation.number(name) ?? readNumber(bytes, beside, bytes.length);
  const text =
    operation.text(name) ?? readString(bytes, beside, bytes.length) ?? (Number.isNaN(number) ? '' : `${number}`);
  return text;
}

function shown({ profileId, profileName, executed }: Progress) {
  return { profileName, profileId, profileExecuted: executed };
}
