// SPDX-License-Identifier: Apache-2.0
/** Values of parameters, as an operation has them and as flash keeps them. */

import { cut, decodeUtf8, utf8 } from '../../bytes/text.ts';
import { ByteWriter } from '../../bytes/writer.ts';
import { valueAtPath } from '../../json/path.ts';
import {
  firstMember,
  Kind,
  kindAt,
  memberValue,
  nextMember,
  readBoolean,
  readNumber,
  readString,
  skipValue,
} from '../../json/scan.ts';
import { writeJson } from '../../json/write.ts';
import type { Place } from '../kept.ts';
import { allowed, fits, type Parameter, type ParameterSet } from './parameters-set.ts';

/** Where parameters are kept. */
export const KEPT: Place = { ofBoard: 'parameters', ofChildren: 'childParameters', what: 'parameters' };

export type ParameterValues = Readonly<Record<string, number | string | boolean>>;

/** A set, and its values in force. */
export interface SetState {
  readonly set: ParameterSet;
  values: ParameterValues;
}

/** A set that an operation names, with its values before and after. */
export interface ReadSet {
  readonly state: SetState;
  readonly before: ParameterValues;
  readonly values: ParameterValues;
}

/** An operation as it was received. */
export interface WholeOperation {
  readonly bytes: Uint8Array;
}

const MARK = 'c8y_ParameterUpdate_';
const KEPT_MAX_BYTES = 3900;
const SHOWN_CHARS = 60;

/** All sets that the operation names, checked; a text: the error. An unknown name never becomes a property. */
export function readSets(bytes: Uint8Array, states: readonly SetState[]): ReadSet[] | string {
  const found: ReadSet[] = [];
  const end = bytes.length;
  for (let at = firstMember(bytes, 0, end); at >= 0; at = nextMember(bytes, at, end)) {
    const name = readString(bytes, at, end) ?? '';
    if (!name.startsWith(MARK)) continue;
    const fragment = name.slice(MARK.length);
    const state = states.find(({ set }) => set.fragment === fragment);
    if (state === undefined) return `${cut(fragment, SHOWN_CHARS)}: there is no such set; ${named(states)}`;
    if (found.some((each) => each.state === state)) continue;
    const values = readValues(bytes, state);
    if (typeof values === 'string') return values;
    found.push({ state, before: state.values, values });
  }
  return found.length === 0 ? `${MARK}<set>: missing; ${named(states)}` : found;
}

function named(states: readonly SetState[]): string {
  return `allowed: ${states.map(({ set }) => set.fragment).join(', ')}`;
}

/** The new values of a set; a parameter that the operation leaves out keeps its value. */
function readValues(bytes: Uint8Array, { set, values }: SetState): ParameterValues | string {
  const end = bytes.length;
  const start = valueAtPath(bytes, 0, end, set.fragment);
  if (start < 0 || kindAt(bytes, start) !== Kind.Object) return `${set.fragment}: missing, or not an object`;
  const next: Record<string, number | string | boolean> = { ...values };
  const names = Object.keys(set.parameters);
  for (let at = firstMember(bytes, start, end); at >= 0; at = nextMember(bytes, at, end)) {
    const name = readString(bytes, at, end) ?? '';
    // The name as the app has written it, which is a property already.
    const own = names.find((each) => each === name);
    if (own === undefined)
      return `${set.fragment}: there is no ${cut(name, SHOWN_CHARS)}; allowed: ${names.join(', ')}`;
    const parameter = set.parameters[own] as Parameter;
    const valueAt = memberValue(bytes, at, end);
    const value = readValue(bytes, valueAt, parameter);
    if (value === undefined || !fits(parameter, value)) {
      const shown = cut(
        decodeUtf8(bytes, valueAt, Math.min(skipValue(bytes, valueAt, end), valueAt + 100)),
        SHOWN_CHARS,
      );
      return `${set.fragment}.${own}: ${shown} is not allowed; allowed: ${allowed(parameter)}`;
    }
    next[own] = value;
  }
  return next;
}

/** Undefined: the value has another type. */
function readValue(bytes: Uint8Array, at: number, { kind }: Parameter): number | string | boolean | undefined {
  if (kind === 'flag') return readBoolean(bytes, at, bytes.length);
  if (kind === 'text' || kind === 'choice') return readString(bytes, at, bytes.length);
  return readNumber(bytes, at, bytes.length);
}

/** Whether a value differs from before. */
export function changed({ before, values }: ReadSet): boolean {
  return Object.keys(values).some((name) => values[name] !== before[name]);
}

/** All sets as one object of JSON, for flash. */
export function toText(states: readonly SetState[]): string {
  const to = new ByteWriter(128, KEPT_MAX_BYTES);
  to.byte(0x7b);
  for (let i = 0; i < states.length; i++) {
    const { set, values } = states[i] as SetState;
    to.text(`${i === 0 ? '' : ','}"${set.fragment}":`);
    writeJson(to, values);
  }
  to.byte(0x7d);
  if (to.overflowed) throw new RangeError(`the parameters have more than ${KEPT_MAX_BYTES} bytes together`);
  return decodeUtf8(to.bytes, 0, to.end);
}

/** The kept values, where they are still allowed; elsewhere the values of the definition. */
export function recallSets(sets: readonly ParameterSet[], text: string): SetState[] {
  const bytes = utf8(text);
  return sets.map((set) => {
    const values: Record<string, number | string | boolean> = {};
    for (const name of Object.keys(set.parameters)) {
      const parameter = set.parameters[name] as Parameter;
      const at = valueAtPath(bytes, valueAtPath(bytes, 0, bytes.length, set.fragment), bytes.length, name);
      const kept = at < 0 ? undefined : readValue(bytes, at, parameter);
      values[name] = kept !== undefined && fits(parameter, kept) ? kept : parameter.value;
    }
    return { set, values };
  });
}
