// SPDX-License-Identifier: Apache-2.0

import { fnv1a } from '../../bytes/hash.ts';
import { ByteWriter } from '../../bytes/writer.ts';
import { type Json, writeJson } from '../../json/write.ts';
import type { Agent } from '../agent.ts';
import type { Device } from './device.ts';

/** On flash: what operations have changed, a line each: device, fragment, and a hash of what is declared instead. */
const CHANGED = 'changed';
const MOST_CHARS = 3000;

/** All of them, for `isChanged`; empty: none. */
export function changes(agent: Agent): string {
  return agent.recall(CHANGED) ?? '';
}

/**
 * Whether an operation has changed this fragment, and what is declared is still what it was then. If it is not, the platform
 * is told what is declared, and the change is history.
 */
export function isChanged(changed: string, device: Device, name: string, declared: Json): boolean {
  if (!changed.includes(`${device.key} ${name} `)) return false;
  if (changed.split('\n').includes(lineOf(device, name, declared))) return true;
  noteChange(device, name, undefined);
  return false;
}

/** An operation changes what is `declared`; undefined: nothing is, or the app has said something newer. */
export function noteChange(device: Device, name: string, declared: Json | undefined, value: Json = null): void {
  const { agent } = device;
  const before = changes(agent);
  const start = `${device.key} ${name} `;
  const line = declared === undefined ? '' : lineOf(device, name, declared);
  let after = line === '' || line === lineOf(device, name, value) ? '' : line;
  for (const each of before === '' ? [] : before.split('\n')) {
    if (!each.startsWith(start) && after.length + each.length < MOST_CHARS) after += after === '' ? each : `\n${each}`;
  }
  if (after !== before) agent.remember(CHANGED, after || undefined);
}

function lineOf(device: Device, name: string, declared: Json): string {
  const text = new ByteWriter(64, 8192);
  writeJson(text, declared);
  return `${device.key} ${name} ${fnv1a(text.bytes, 0, text.end)}`;
}
