// SPDX-License-Identifier: Apache-2.0

import { fnv1a } from '../../bytes/hash.ts';
import { reasonOf } from '../../bytes/text.ts';
import type { ByteWriter } from '../../bytes/writer.ts';
import type { Capability } from '../../capability.ts';
import { checkFragment, SERVICE } from '../../cumulocity/inventory.ts';
import { Json as Wire } from '../../cumulocity/wire.ts';
import { type Json, writeString } from '../../json/write.ts';
import { Acknowledged, Stage, shortHash, writeMember } from './acknowledged.ts';
import type { Device, Software } from './device.ts';

const AGENT_NAME = 'fractus';
const FIRMWARE = 'c8y_Firmware';
/** Room after the last fragment. */
const LAST_BYTES = 16;
const CHILD_TYPE = 'c8y_Child';
const NOTHING_DECLARED: Readonly<Record<string, Json>> = {};

/**
 * Writes the body that creates the managed object: guide step 2, and the certification's mandatory fragments. Returns
 * the fragments that count as accepted once the object is created.
 */
export function writeCreation(to: ByteWriter, device: Device): Acknowledged {
  const { config } = device.agent;
  const { isBoard, definition, requiredAvailabilityMin } = device;
  to.put(Wire.Name);
  writeString(to, isBoard ? config.name : (definition.name ?? device.childId));
  to.put(Wire.AndType);
  writeString(to, isBoard ? config.text('type') : (definition.type ?? CHILD_TYPE));
  if (definition.type !== SERVICE) to.put(Wire.IsDevice);
  if (isBoard) to.put(Wire.IsAgent);
  if (requiredAvailabilityMin > 0) {
    to.put(Wire.ResponseInterval).integer(requiredAvailabilityMin).byte(0x7d);
  }
  to.put(Wire.OwnExternalId);
  writeString(to, device.ownKey);
  const state = new Declarations(to, new Acknowledged(device, true));
  state.write(device);
  to.byte(0x7d);
  return state.acknowledged;
}

/**
 * Writes the update of every start: only fragments that the platform has not accepted yet, never the name (guide step
 * 4). Returns the fragments that count as accepted once the update has succeeded.
 */
export function writeUpdate(to: ByteWriter, device: Device): Acknowledged {
  const state = new Declarations(to, new Acknowledged(device));
  const start = to.end;
  state.write(device);
  if (to.end === start) to.byte(0x7b);
  // Replaces the comma before the first member.
  else to.bytes[start] = 0x7b;
  to.byte(0x7d);
  state.acknowledged.forgetReplaced();
  return state.acknowledged;
}

/** Writes the fragments set since the last update. */
export function writeChanges(to: ByteWriter, device: Device): void {
  const { fragments } = device;
  let first = true;
  to.byte(0x7b);
  for (let i = 0; i < fragments.length; i++) {
    const fragment = fragments[i];
    if (fragment === undefined || fragment.stage >= Stage.There) continue;
    if (!first) to.byte(0x2c);
    first = false;
    writeMember(to, fragment.name, fragment.value);
    fragment.stage = Stage.Sent;
  }
  to.byte(0x7d);
  device.dirty = false;
}

/** Writes the members that can change between starts, each with a comma before it. */
class Declarations {
  readonly acknowledged: Acknowledged;
  readonly #to: ByteWriter;

  constructor(to: ByteWriter, acknowledged: Acknowledged) {
    this.#to = to;
    this.acknowledged = acknowledged;
  }

  write(device: Device): void {
    const { capabilities, fragments } = device;
    this.member(
      'c8y_SupportedOperations',
      capabilities.map(({ name }) => name),
    );
    this.writeWhatItIs(device);
    const end = this.#to.maxBytes - device.fragmentBytes - LAST_BYTES;
    for (const capability of capabilities) this.writeDeclared(capability, device, end);
    for (const fragment of fragments) {
      const isTaken = this.member(fragment.name, fragment.value);
      if (!isTaken || fragment.stage !== Stage.Changed) fragment.stage = Stage.There;
    }
    device.dirty = false;
  }

  private writeDeclared(capability: Capability, device: Device, end: number): void {
    const declared = declaredBy(capability, device);
    if (declared === NOTHING_DECLARED) return;
    for (const name of Object.keys(declared)) {
      // The value that the app has set is newer.
      if (device.fragments.some((fragment) => fragment.name === name)) continue;
      const value = declared[name] ?? null;
      if (this.#to.end + checkFragment(name, value) <= end) this.member(name, value);
      else {
        device.hal.log('warn', `${device.label}: there is no room for ${name}, which ${capability.name} declares`);
      }
    }
  }

  /** Writes hardware, firmware and software; those of a child come from its definition. */
  private writeWhatItIs(device: Device): void {
    const { isBoard, definition, agent, fragments, installed } = device;
    const { board } = agent.hal;
    const { model, revision, serialNumber } = board;
    const hardware = isBoard ? { model, revision, serialNumber } : definition.hardware;
    // A fragment of the app takes precedence.
    if (hardware !== undefined && !fragments.some((fragment) => fragment.name === 'c8y_Hardware')) {
      this.member('c8y_Hardware', hardware);
    }
    // Its URL is empty here: only the operation that installed it knows the URL, and has reported it.
    const firmware = firmwareOf(device);
    if (firmware !== undefined) this.member(FIRMWARE, firmware);
    let software = installed;
    if (isBoard) {
      this.member('c8y_Agent', { name: AGENT_NAME, version: agent.version, url: '', maintainer: AGENT_NAME });
      const { name, version } = board.firmware;
      software = withSoftware(withSoftware(software, name, version), AGENT_NAME, agent.version);
    }
    if (software.length > 0) this.writeSoftware(software);
  }

  /** Writes the list that people see, and the same by name as in guide step 2. */
  private writeSoftware(software: readonly Software[]): void {
    this.member('c8y_SoftwareList', software);
    const to = this.#to;
    const start = to.end;
    to.put(Wire.Software);
    for (let i = 0; i < software.length; i++) {
      if (i > 0) to.byte(0x2c);
      // Written without an object, because XS keeps a computed name in RAM for ever.
      writeMember(to, software[i]?.name ?? '', software[i]?.version ?? '');
    }
    to.byte(0x7d);
    this.end('c8y_Software', start);
  }

  /** Writes a member. True: the platform has accepted it already, so it is left out. */
  private member(name: string, value: Json): boolean {
    const start = this.#to.end;
    this.#to.byte(0x2c);
    writeMember(this.#to, name, value);
    return this.end(name, start);
  }

  /** Removes the member again if the platform has accepted it already. */
  private end(name: string, start: number): boolean {
    const to = this.#to;
    // After comma and quote. The inventory allows no names that need escapes.
    const nameFrom = start + 2;
    const nameHash = shortHash(to.bytes, nameFrom, to.bytes.indexOf(0x22, nameFrom));
    const isTaken = this.acknowledged.seen(name, nameHash, fnv1a(to.bytes, start + 1, to.end));
    if (isTaken) to.end = start;
    return isTaken;
  }
}

function firmwareOf({ isBoard, definition, agent }: Device): Json | undefined {
  const firmware = isBoard ? agent.hal.board.firmware : definition.firmware;
  return firmware && { name: firmware.name, version: firmware.version, url: '' };
}

/** Adds software, unless the app has named software of this name. */
function withSoftware(software: readonly Software[], name: string, version: string): readonly Software[] {
  for (const each of software) if (each.name === name) return software;
  return software.concat({ name, version, url: '' });
}

/** The value that the app or a capability declares for a fragment; undefined: there is none. */
export function declaredValue(device: Device, name: string): Json | undefined {
  if (name === FIRMWARE) return firmwareOf(device);
  const said = device.fragments.find((fragment) => fragment.name === name);
  if (said !== undefined) return said.value;
  for (const capability of device.capabilities) {
    const value = declaredBy(capability, device)[name];
    if (value !== undefined) return value;
  }
  return undefined;
}

/** The fragments that a capability declares. An error of the capability affects only its own declaration. */
function declaredBy(capability: Capability | undefined, { agent }: Device): Readonly<Record<string, Json>> {
  try {
    const declared = capability?.inventory?.(agent) ?? NOTHING_DECLARED;
    // Even an empty list of names would take memory.
    if (declared === NOTHING_DECLARED) return declared;
    for (const name of Object.keys(declared)) checkFragment(name, declared[name] ?? null);
    return declared;
  } catch (error) {
    const reason = reasonOf(error);
    agent.hal.log('warn', `${capability?.name} declares nothing: ${reason}`);
    return NOTHING_DECLARED;
  }
}
