// SPDX-License-Identifier: Apache-2.0

import type { ByteWriter } from '../../bytes/writer.ts';
import type { Capability } from '../../capabilities/capability.ts';
import { checkFragment } from '../../cumulocity/inventory.ts';
import { type Json, writeJson, writeString } from '../../json/write.ts';
import { changes, isChanged } from './changed-fragments.ts';
import { type Device, type Software, Stage } from './device.ts';

const AGENT_NAME = 'fractus';
const FIRMWARE = 'c8y_Firmware';
/** Behind the last fragment. */
const LAST_BYTES = 16;
const CHILD_TYPE = 'c8y_Child';
const NOTHING_DECLARED: Readonly<Record<string, Json>> = {};

/** Writes the body that creates the managed object: guide step 2, and the certification's mandatory fragments. */
export function writeCreation(to: ByteWriter, device: Device): void {
  const { config } = device.agent;
  const { isBoard, definition, requiredAvailabilityMin } = device;
  to.text('{"name":');
  writeString(to, isBoard ? config.name : (definition.name ?? device.childId));
  to.text(',"type":');
  writeString(to, isBoard ? config.type : (definition.type ?? CHILD_TYPE));
  to.text(',"c8y_IsDevice":{}');
  if (isBoard) to.text(',"com_cumulocity_model_Agent":{}');
  if (requiredAvailabilityMin > 0) {
    to.text(',"c8y_RequiredAvailability":{"responseInterval":').integer(requiredAvailabilityMin).text('}');
  }
  to.text(',"fractus_ExternalId":');
  writeString(to, device.ownKey);
  to.byte(0x2c);
  writeState(to, device, '');
  to.byte(0x7d);
}

/** Writes the update of every start: only what can have changed, never the name (guide step 4). */
export function writeUpdate(to: ByteWriter, device: Device): void {
  to.byte(0x7b);
  writeState(to, device, changes(device.agent));
  to.byte(0x7d);
}

/** Writes the fragments set since the last update. */
export function writeChanges(to: ByteWriter, device: Device): void {
  const { fragments } = device;
  let first = true;
  to.byte(0x7b);
  for (let i = 0; i < fragments.length; i++) {
    const fragment = fragments[i];
    if (fragment === undefined || fragment.stage === Stage.There) continue;
    if (!first) to.byte(0x2c);
    first = false;
    writeMember(to, fragment.name, fragment.value);
    fragment.stage = Stage.Sent;
  }
  to.byte(0x7d);
  device.dirty = false;
}

/** All that can change from start to start, but for what operations have `changed` since it was declared. */
function writeState(to: ByteWriter, device: Device, changed: string): void {
  const { capabilities, fragments } = device;
  to.text('"c8y_SupportedOperations":[');
  for (let i = 0; i < capabilities.length; i++) {
    if (i > 0) to.byte(0x2c);
    writeString(to, capabilities[i]?.name ?? '');
  }
  to.byte(0x5d);
  writeWhatItIs(to, device, changed);
  const end = to.maxBytes - device.fragmentBytes - LAST_BYTES;
  for (let i = 0; i < capabilities.length; i++) {
    const declared = declaredBy(capabilities[i], device);
    for (const name of Object.keys(declared)) {
      // What the app has said since is newer.
      if (fragments.some((fragment) => fragment.name === name)) continue;
      const value = declared[name] ?? null;
      if (isChanged(changed, device, name, value)) continue;
      if (to.end + checkFragment(name, value) > end) {
        device.hal.log(
          'warn',
          `${device.label}: there is no room for ${name}, which ${capabilities[i]?.name} declares`,
        );
        continue;
      }
      to.byte(0x2c);
      writeMember(to, name, value);
    }
  }
  for (let i = 0; i < fragments.length; i++) {
    const fragment = fragments[i];
    if (fragment === undefined) continue;
    fragment.stage = Stage.There;
    if (isChanged(changed, device, fragment.name, fragment.value)) continue;
    to.byte(0x2c);
    writeMember(to, fragment.name, fragment.value);
  }
  device.dirty = false;
}

/** The agent knows what the board is; of a child only what its app says. */
function writeWhatItIs(to: ByteWriter, device: Device, changed: string): void {
  const { isBoard, definition, agent } = device;
  const { board } = agent.hal;
  const { model, revision, serialNumber } = board;
  const hardware = isBoard ? { model, revision, serialNumber } : definition.hardware;
  // Its app may know better.
  if (hardware !== undefined && !device.fragments.some((fragment) => fragment.name === 'c8y_Hardware')) {
    to.byte(0x2c);
    writeMember(to, 'c8y_Hardware', hardware);
  }
  const firmware = firmwareOf(device);
  // Where it has come from an operation has said.
  if (firmware !== undefined && !isChanged(changed, device, FIRMWARE, firmware)) {
    to.byte(0x2c);
    writeMember(to, FIRMWARE, firmware);
  }
  let software = device.installed;
  if (isBoard) {
    to.byte(0x2c);
    writeMember(to, 'c8y_Agent', { name: AGENT_NAME, version: agent.version, url: '', maintainer: AGENT_NAME });
    const { name, version } = board.firmware;
    software = withSoftware(withSoftware(software, name, version), AGENT_NAME, agent.version);
  }
  if (software.length > 0) writeSoftware(to, software);
}

function firmwareOf({ isBoard, definition, agent }: Device): Json | undefined {
  const firmware = isBoard ? agent.hal.board.firmware : definition.firmware;
  return firmware && { name: firmware.name, version: firmware.version, url: '' };
}

/** What its app has named goes before, and each name is there once. */
function withSoftware(software: readonly Software[], name: string, version: string): readonly Software[] {
  return software.some((each) => each.name === name) ? software : [...software, { name, version, url: '' }];
}

/** The list that people see, and by name as guide step 2 has it. */
function writeSoftware(to: ByteWriter, software: readonly Software[]): void {
  to.byte(0x2c);
  writeMember(to, 'c8y_SoftwareList', software);
  to.text(',"c8y_Software":{');
  for (let i = 0; i < software.length; i++) {
    if (i > 0) to.byte(0x2c);
    // Not by way of an object: a name that is computed would stay in RAM for ever.
    writeMember(to, software[i]?.name ?? '', software[i]?.version ?? '');
  }
  to.byte(0x7d);
}

/** What is declared of a fragment: by the app, or by an operation; undefined: nothing. */
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

/** What an operation declares; one that is at fault costs its own declaration only. */
function declaredBy(capability: Capability | undefined, { agent }: Device): Readonly<Record<string, Json>> {
  try {
    const declared = capability?.inventory?.(agent) ?? NOTHING_DECLARED;
    for (const name of Object.keys(declared)) checkFragment(name, declared[name] ?? null);
    return declared;
  } catch (error) {
    const reason = error instanceof Error ? error.message : 'it threw';
    agent.hal.log('warn', `${capability?.name} declares nothing: ${reason}`);
    return NOTHING_DECLARED;
  }
}

function writeMember(to: ByteWriter, name: string, value: Json): void {
  writeString(to, name);
  to.byte(0x3a);
  // An object that its app has changed since it was checked.
  if (!writeJson(to, value)) to.text('null');
}
