// SPDX-License-Identifier: Apache-2.0

import type { Severity } from '../../../api.ts';
import { fnv1a } from '../../../bytes/hash.ts';
import { ascii, decodeUtf8, NO_BYTES, utf8 } from '../../../bytes/text.ts';
import type { ByteWriter } from '../../../bytes/writer.ts';
import { Json } from '../../../cumulocity/wire.ts';
import { firstMember, memberValue, nextMember, skipValue } from '../../../json/scan.ts';
import { writeString } from '../../../json/write.ts';
import type { RecordSource, RecordsBase } from '../records-base.ts';

/**
 * The known state of an alarm on the platform. `Refused`: the platform does not let the device clear it, so nothing is
 * left to do. `Stale`: it was active when it was last looked for, which is long ago.
 */
export const Held = { Unknown: 0, None: 1, Active: 2, Refused: 3, Stale: 4 } as const;

/** The wanted state of one type of alarm of one device, and the known state on the platform. */
export interface AlarmEntry {
  readonly device: RecordSource;
  readonly type: string;
  severity: Severity;
  /** Type, text and fragments as JSON, without the last brace. */
  body: Uint8Array;
  /** Epoch ms, or ticks while the clock was unknown. */
  time: number;
  inTicks: boolean;
  wanted: boolean;
  /** Whether severity or text differ from those on the platform. */
  changed: boolean;
  held: number;
  /** Ticks at which the platform last confirmed `held`. */
  heldTicks: number;
  /** Id of the active alarm. */
  id: string;
  /** The id of the managed object that `held` refers to. */
  source: Uint8Array;
  /** Whether a request for it has failed. It is tried again after the pause of the alarms. */
  putOff: boolean;
  /** Whether the wanted state is on flash, because the platform does not have it yet. */
  stored: boolean;
  /** Whether the time is only the latest possible one. */
  estimated: boolean;
}

/** Beyond this number of entries, those that are done are forgotten. */
const REMEMBERED = 16;
/** The name of a stored alarm is this and a hash. */
const PREFIX = 'alarm-';
/** The part of the store that alarms leave free for other values. */
const RESERVE_BYTES = 4096;
/** Take the place of the boot number of a time in ticks if the time is epoch time, known or estimated. */
const KNOWN = '';
const ESTIMATED = 'estimated';
const CLEARED = ascii('{"status":"CLEARED"}');

export function createEntry(device: RecordSource, type: string): AlarmEntry {
  return {
    device,
    type,
    severity: 'WARNING',
    body: NO_BYTES,
    time: 0,
    inTicks: false,
    wanted: false,
    changed: false,
    held: Held.Unknown,
    heldTicks: 0,
    id: '',
    source: device.idBytes,
    putOff: false,
    stored: false,
    estimated: false,
  };
}

/** Whether the platform has the wanted state, as far as is known. Sets an outdated `held` so that it is looked up. */
export function isSettled(entry: AlarmEntry, quietMs: number): boolean {
  if (entry.source !== entry.device.idBytes) {
    entry.source = entry.device.idBytes;
    entry.held = Held.Unknown;
  }
  if (!entry.wanted) {
    if (entry.held === Held.Active && entry.id === '') entry.held = Held.Unknown;
    return entry.held === Held.None || entry.held === Held.Refused;
  }
  if (entry.held === Held.Refused || (entry.changed && entry.held === Held.Active && entry.id === '')) {
    entry.held = Held.Unknown;
  }
  if (entry.held === Held.Active && quietMs <= 0) entry.held = Held.Stale;
  if (entry.held === Held.None && quietMs <= 0) entry.held = Held.Unknown;
  return entry.held === Held.Active && !entry.changed;
}

export function forgetSettled(agent: RecordsBase, entries: AlarmEntry[]): void {
  for (let i = entries.length - 1; i >= 0 && entries.length > REMEMBERED; i--) {
    const entry = entries[i];
    if (entry === undefined || entry.wanted) continue;
    if (entry.held !== Held.None && entry.held !== Held.Refused) continue;
    forgetAlarm(agent, entry);
    entries.splice(i, 1);
  }
}

/**
 * Stores the wanted state, in place of an earlier one of the same alarm. Without room for it, it is only in RAM, and is
 * still sent to the platform.
 */
export function storeAlarm(agent: RecordsBase, entry: AlarmEntry): void {
  const boot = entry.inTicks ? agent.hal.board.bootCount : entry.estimated ? ESTIMATED : KNOWN;
  const severity = entry.wanted ? entry.severity : '';
  const body = decodeUtf8(entry.body, 0, entry.body.length);
  const text = [entry.device.childId, entry.type, severity, entry.time, boot, body].join('\n');
  const least = RESERVE_BYTES + text.length;
  if (agent.hal.store.freeBytes() < least) forgetStrangers(agent);
  if (agent.hal.store.freeBytes() >= least && agent.remember(nameOf(entry), text)) entry.stored = true;
  else agent.hal.log('warn', `alarm ${entry.type}: the flash refuses it`);
}

/** Deletes the stored alarms of children that are not declared any more. */
function forgetStrangers(agent: RecordsBase): void {
  if (agent.telemetry.isEarly) return;
  for (const name of agent.hal.store.keys()) {
    if (!name.startsWith(PREFIX)) continue;
    const childId = agent.recall(name)?.split('\n', 1)[0];
    if (!agent.devices.some((device) => device.childId === childId && !device.gone)) agent.remember(name, undefined);
  }
}

/** Deletes a stored alarm: the platform has the wanted state, or never will. */
export function forgetAlarm(agent: RecordsBase, entry: AlarmEntry): void {
  if (entry.stored && agent.remember(nameOf(entry), undefined)) entry.stored = false;
}

/** The texts of all stored alarms: the id of the child and the type are the first two lines. */
export function storedAlarms(agent: RecordsBase): string[] {
  const texts: string[] = [];
  for (const name of agent.hal.store.keys()) if (name.startsWith(PREFIX)) texts.push(agent.recall(name) ?? '');
  return texts;
}

/** Reads the wanted state from such a text. */
export function readAlarm(agent: RecordsBase, entry: AlarmEntry, text: string): void {
  const [, , severity, time, boot, body] = text.split('\n');
  entry.stored = true;
  entry.wanted = severity !== '';
  if (entry.wanted) entry.severity = severity as Severity;
  entry.body = utf8(body ?? '');
  entry.time = Number(time);
  if (boot === KNOWN) return;
  entry.estimated = true;
  if (boot === ESTIMATED) return;
  // The earlier start never learned the time: the latest possible one is the beginning of this start.
  entry.inTicks = true;
  entry.time = agent.hal.clock.ticks() - agent.upMs;
}

/** The time of the alarm, epoch ms; correct once the clock is known. */
export function alarmTime(agent: RecordsBase, entry: AlarmEntry): number {
  const { clock } = agent.hal;
  return entry.inTicks ? (clock.now() ?? 0) - (clock.ticks() - entry.time) : entry.time;
}

/** Whether the alarm has the type and text of `head`, the JSON of an alarm without fragments. */
export function isTextOf({ body }: AlarmEntry, head: ByteWriter): boolean {
  for (let i = 0; i < head.end; i++) if (body[i] !== head.bytes[i]) return false;
  return body.length === head.end || body[head.end] === 0x2c;
}

export function writeRaised(to: ByteWriter, agent: RecordsBase, entry: AlarmEntry): void {
  entry.changed = false;
  to.put(entry.body).text(',"severity":');
  writeString(to, entry.severity);
  to.text(',"status":"ACTIVE"');
  if (entry.estimated) to.put(Json.Estimated);
  to.put(Json.Time).iso(alarmTime(agent, entry)).put(Json.AfterTime);
  to.put(entry.device.idBytes).put(Json.SourceEnd);
}

/** Writes the body of a PUT that clears or changes an active alarm. */
export function writeChange(to: ByteWriter, entry: AlarmEntry): void {
  if (!entry.wanted) {
    to.put(CLEARED);
    return;
  }
  entry.changed = false;
  const { body } = entry;
  const { length } = body;
  // The text is the second member; there is no last brace.
  const text = memberValue(body, nextMember(body, firstMember(body, 0, length), length), length);
  to.text('{"severity":');
  writeString(to, entry.severity);
  to.put(Json.AndText)
    .putRange(body, text, skipValue(body, text, length))
    .byte(0x7d);
}

function nameOf(entry: AlarmEntry): string {
  const name = utf8(`${entry.device.childId} ${entry.type}`);
  return `${PREFIX}${fnv1a(name, 0, name.length).toString(16)}`;
}
