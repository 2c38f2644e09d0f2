// SPDX-License-Identifier: Apache-2.0

import { ItemMachine } from '../../base/item-machine.ts';
import { Decision, Outcome, Signal } from '../../base/outcome.ts';
import { type Table, table } from '../../base/table.ts';
import { NOT_OWNER } from '../../base/trouble.ts';
import { ascii } from '../../bytes/text.ts';
import { Media, Path } from '../../cumulocity/wire.ts';
import { Method, type RequestWriter } from '../../http/request.ts';
import type { Json } from '../../json/write.ts';
import { Acknowledged, memberHash, Stage } from './acknowledged.ts';
import type { Device } from './device.ts';
import type { DeviceBase } from './device-base.ts';
import { declaredValue, writeChanges } from './device-document.ts';

export const Keep = { Idle: 0, Next: 1, Update: 2, Beat: 3, Lost: 4, Refused: 5, Later: 6 } as const;

/** Guide step 8, and the sign of life that the required availability needs. */
export const upkeepTable: Table<Upkeep> = table([
  { name: 'idle', step: 'guide step 8', on: { [Signal.Wake]: Keep.Next, [Signal.Time]: Keep.Next } },
  {
    name: 'next',
    step: 'guide step 8',
    enter: (upkeep) => upkeep.next(),
    on: { [Decision.Yes]: Keep.Update, [Decision.Other]: Keep.Beat, [Decision.No]: Keep.Idle },
  },
  {
    name: 'update the inventory',
    step: 'guide step 8',
    request: (upkeep, request) => upkeep.writeUpdate(request),
    read: (upkeep) => upkeep.updated(),
    on: {
      [Outcome.Ok]: Keep.Next,
      [Outcome.Failed]: Keep.Later,
      // Not the owner at present: the changes are sent later.
      [Outcome.Forbidden]: Keep.Later,
      [Outcome.NotFound]: Keep.Lost,
      [Outcome.Conflict]: Keep.Refused,
      [Outcome.Invalid]: Keep.Refused,
    },
  },
  {
    name: 'sign of life',
    step: 'availability: nothing else was sent for half the required interval',
    request: (upkeep, request) => upkeep.writeBeat(request),
    read: (upkeep) => upkeep.beaten(),
    on: {
      [Outcome.Ok]: Keep.Next,
      [Outcome.Failed]: Keep.Later,
      [Outcome.Forbidden]: Keep.Later,
      [Outcome.NotFound]: Keep.Lost,
      [Outcome.Conflict]: Keep.Next,
      [Outcome.Invalid]: Keep.Next,
    },
  },
  {
    name: 'begin again',
    step: 'guide step 1, the object is gone',
    enter: (upkeep) => upkeep.lost(),
    on: { [Decision.Yes]: Keep.Next },
  },
  {
    name: 'update refused',
    step: 'guide step 8, refused',
    enter: (upkeep) => upkeep.refused(),
    on: { [Decision.Yes]: Keep.Next },
  },
  {
    name: 'put off',
    step: 'guide step 8, failed',
    enter: (upkeep) => upkeep.putOff(),
    on: { [Decision.Yes]: Keep.Next },
  },
]);

const LEAST_BEAT_MS = 30_000;
/** The time from the registration to the first sign of life. */
const START_MS = 10_000;
const EMPTY = ascii('{}');

/** The services of the agent that the upkeep uses. */
interface UpkeepBase extends DeviceBase {
  /** The board first, then its children. */
  readonly devices: readonly Device[];
  /** Registers a device again from guide step 1, because its managed object may be gone. */
  renew(device: Device): void;
}

/** Keeps the inventory as the app wants it, and each device available. */
export class Upkeep extends ItemMachine<UpkeepBase> {
  #current: Device | undefined;
  /** Index of the device to be looked at first: the one after the last that has failed. */
  #nextIndex = 0;

  constructor(agent: UpkeepBase) {
    super(agent, upkeepTable);
    this.enter(Keep.Idle);
  }

  /** A fragment has changed, or a device has been registered. */
  wakeUp(): void {
    this.fire(Signal.Wake);
  }

  /** The device is registered. The time of its last sign of life is not known, so one is due soon. */
  expect(device: Device): void {
    device.lastSignTicks = this.agent.hal.clock.ticks() + START_MS - beatMs(device);
  }

  /** Notes that an operation changes a fragment: a declaration of it from before is not sent again. */
  noteChange(device: Device, name: string, value: Json): void {
    const declared = declaredValue(device, name);
    if (declared === undefined) return;
    const declaredHash = memberHash(name, declared);
    const isSame = declaredHash === memberHash(name, value);
    const said = device.fragments.find((fragment) => fragment.name === name);
    if (said !== undefined && !isSame && said.stage !== Stage.New) said.stage = Stage.Changed;
    const acknowledged = new Acknowledged(device);
    acknowledged.set(name, isSame ? undefined : declaredHash);
    acknowledged.keep();
  }

  override get isRetry(): boolean {
    return this.#current?.updatePutOff === true;
  }

  /** Tries all devices again, because the cause of their failures may be gone for all. */
  protected override onHealed(): void {
    for (const device of this.agent.devices) device.updatePutOff = false;
  }

  // The actions of the states.

  /** Yes: changes have to be sent. Other: a sign of life is due. No: neither. */
  next(): Decision {
    const ticks = this.agent.hal.clock.ticks();
    const isDue = ticks >= this.resumeTicks;
    let nextMs = Infinity;
    let isPutOff = false;
    for (let i = 0; i < this.agent.devices.length; i++) {
      const device = this.agent.devices[(i + this.#nextIndex) % this.agent.devices.length];
      if (device === undefined || !device.registered) continue;
      if (device.updatePutOff) {
        isPutOff = true;
        if (!isDue) {
          nextMs = Math.min(nextMs, this.resumeTicks - ticks);
          continue;
        }
      }
      if (device.dirty) {
        this.#current = device;
        return Decision.Yes;
      }
      if (device.requiredAvailabilityMin <= 0) continue;
      const waitMs = device.lastSignTicks + beatMs(device) - ticks;
      if (waitMs <= 0) {
        this.#current = device;
        return Decision.Other;
      }
      nextMs = Math.min(nextMs, waitMs);
    }
    if (!isPutOff) this.endTrouble(false);
    if (nextMs < Infinity) this.fireAfter(nextMs);
    return Decision.No;
  }

  writeUpdate(request: RequestWriter): void {
    this.writePut(request);
    if (this.#current !== undefined) writeChanges(request, this.#current);
  }

  updated(): boolean {
    this.#current?.changesTold();
    return true;
  }

  /** Drops the changes: a repetition is useless, and other changes wait. */
  refused(): Decision {
    this.agent.hal.log('warn', `the inventory refuses changes of ${this.#current?.label}: dropped`);
    this.#current?.changesTold();
    return Decision.Yes;
  }

  writeBeat(request: RequestWriter): void {
    this.writePut(request);
    request.put(EMPTY);
    // Also a refused one is not repeated at once.
    this.#current?.touched();
  }

  beaten(): boolean {
    this.#current?.touched();
    return true;
  }

  putOff(): Decision {
    const device = this.#current;
    if (device === undefined) return Decision.Yes;
    this.countRefusal(`inventory of ${device.label}`, NOT_OWNER);
    device.updatePutOff = true;
    if (this.hasAsked(Keep.Update)) device.dirty = true;
    this.#nextIndex = device.index + 1;
    return Decision.Yes;
  }

  lost(): Decision {
    if (this.#current !== undefined) this.agent.renew(this.#current);
    return Decision.Yes;
  }

  private writePut(request: RequestWriter): void {
    request.start(Method.Put).put(Path.ManagedObjects).byte(0x2f);
    request.put(this.#current?.idBytes ?? EMPTY).headers(Media.ManagedObject, undefined);
  }
}

function beatMs(device: Device): number {
  return Math.max(LEAST_BEAT_MS, (device.requiredAvailabilityMin * 60_000) / 2);
}
