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
 * What the platform holds of an alarm; refused: it does not let us clear it, so there is nothing more to do; stale: it was active
 * when it was last looked for, which is long ago.
 */
export const Held = { Unknown: 0, None: 1, Active: 2, Refused: 3, Stale: 4 } as const;

/** The latest wish for one type of alarm of one device. */
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
  /** Severity or text are others than the platform was told. */
  changed: boolean;
  held: number;
  /** When the platform last said so, by the clock's ticks. */
  heldTicks: number;
  /** Id of the active alarm. */
  id: string;
  /** Bytes of the id of the object that `held` is about. */
  source: Uint8Array;
  /** It has failed: it is tried again when the pause of the alarms is over. */
  putOff: boolean;
  /** Flash has what is wanted, for the platform has not heard of it. */
  stored: boolean;
  /** The time is only the latest that it can be. */
  estimated: boolean;
}

/** Alarms of which nothing is left to do are forgotten beyond this many. */
const REMEMBERED = 16;
/** What is stored is named by this and a hash. */
const PREFIX = 'alarm-';
/** So much stays free in the store for what else has to be kept. */
const RESERVE_BYTES = 4096;
/** In the place of the boot whose ticks the time is in: it is epoch time, known or estimated. */
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

/** Whether the platform has what is wanted, as far as is known; what is not known any more is to be looked up. */
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
 * Stores a wish before it counts as taken, in the place of an earlier one for the same alarm. One that there is no room
 * for is in RAM only; the platform hears of it all the same.
 */
export function storeAlarm(agent: RecordsBase, entry: AlarmEntry): void {
  const boot = entry.inTicks ? agent.hal.board.bootCount : entry.estimated ? ESTIMATED : KNOWN;
  const severity = entry.wanted ? entry.severity : '';
  const body = decodeUtf8(entry.body, 0, entry.body.length);
  const text = [entry.device.childId, entry.type, severity, entry.time, boot, body].join('\n');
  const least = RESERVE_BYTES + text.length;
  if (agent.hal.store.freeBytes() < least) forgetStrangers(agent);
  if (agent.hal.store.freeBytes() >= least && agent.remember(nameOf(entry), text)) entry.stored = true;
  else agent.hal.log('warn', `alarm ${entry.type}: the flash does not take it`);
}

/** Those of children that came and went, and were not declared since. */
function forgetStrangers(agent: RecordsBase): void {
  if (agent.telemetry.isEarly) return;
  for (const name of agent.hal.store.keys()) {
    if (!name.startsWith(PREFIX)) continue;
    const childId = agent.recall(name)?.split('\n', 1)[0];
    if (!agent.devices.some((device) => device.childId === childId && !device.gone)) agent.remember(name, undefined);
  }
}

/** The platform has heard of it, or never will. */
export function forgetAlarm(agent: RecordsBase, entry: AlarmEntry): void {
  if (entry.stored && agent.remember(nameOf(entry), undefined)) entry.stored = false;
}

/** Texts of all that are stored: the id of the child and the type on the first two lines. */
export function storedAlarms(agent: RecordsBase): string[] {
  const texts: string[] = [];
  for (const name of agent.hal.store.keys()) if (name.startsWith(PREFIX)) texts.push(agent.recall(name) ?? '');
  return texts;
}

/** Takes from such a text what was wanted. */
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
  // That start never learned the time: it was before this one began.
  entry.inTicks = true;
  entry.time = agent.hal.clock.ticks() - agent.upMs;
}

/** Epoch ms, once the clock is known. */
export function alarmTime(agent: RecordsBase, entry: AlarmEntry): number {
  const { clock } = agent.hal;
  return entry.inTicks ? (clock.now() ?? 0) - (clock.ticks() - entry.time) : entry.time;
}

/** Whether an alarm without fragments that reads as `head` has the same text. */
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

/** What is put to an alarm that is there. */
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
