// SPDX-License-Identifier: Apache-2.0
/** Keeps a value of each device over restarts: that of the board by itself, those of all children in one bounded text. */

import { decodeUtf8, utf8 } from '../bytes/text.ts';
import type { AgentHost } from '../capability.ts';
import { valueAtPath } from '../json/path.ts';
import { firstMember, memberValue, nextMember, readString, skipValue } from '../json/scan.ts';

/** The agent, as far as keeping uses it. */
export interface KeepingHost extends AgentHost {
  readonly devices: readonly { readonly childId: string; readonly gone: boolean }[];
}

/** Where values of one kind are kept. */
export interface Place {
  /** The name on flash for the value of the board. */
  readonly ofBoard: string;
  /** The name on flash for the values of all children, as a JSON object by their ids. */
  readonly ofChildren: string;
  /** The kind of values, for a person. */
  readonly what: string;
}

const CHILDREN_MAX_BYTES = 3900;

/** The kept value of a device, of the board with an empty id; empty: none. That of a child is JSON. */
export function recallValue(host: AgentHost, { ofBoard, ofChildren }: Place, childId: string): string {
  if (childId === '') return host.recall(ofBoard) ?? '';
  const bytes = utf8(host.recall(ofChildren) ?? '');
  const at = valueAtPath(bytes, 0, bytes.length, childId);
  return at < 0 ? '' : decodeUtf8(bytes, at, skipValue(bytes, at, bytes.length));
}

/**
 * Keeps the value of a device.
 * @param value of a child: JSON
 * @param mayForget for lack of room the values of other children are forgotten, those first that were kept first
 * @throws Error when the flash refuses, or there is no room; the values kept before are still there then
 */
export function keepValue(host: KeepingHost, place: Place, childId: string, value: string, mayForget = false): void {
  if (value === recallValue(host, place, childId)) return;
  const isKept =
    childId === ''
      ? host.remember(place.ofBoard, value)
      : host.remember(place.ofChildren, withChild(host, place, { name: childId, value }, mayForget));
  if (!isKept) throw new Error(`the flash refuses the ${place.what}: nothing has changed`);
}

/** The values of all children. Removed children make room for existing ones. @throws Error when there is too little */
function withChild(host: KeepingHost, { ofChildren, what }: Place, own: Member, mayForget: boolean): string {
  const others = membersOf(host.recall(ofChildren) ?? '').filter(({ name }) => name !== own.name);
  const isThere = (name: string) => host.devices.some((device) => device.childId === name && !device.gone);
  const tries = [others, others.filter(({ name }) => isThere(name))];
  for (const list of tries) {
    const all = `{${list
      .concat(own)
      .map((each) => `"${each.name}":${each.value}`)
      .join(',')}}`;
    if (utf8(all).length <= CHILDREN_MAX_BYTES) return all;
    if (mayForget && list.length > 0 && list !== others) tries.push(list.slice(1));
  }
  throw new Error(`the ${what} of the children have more than ${CHILDREN_MAX_BYTES} bytes together`);
}

interface Member {
  readonly name: string;
  readonly value: string;
}

function membersOf(text: string): Member[] {
  const bytes = utf8(text);
  const end = bytes.length;
  const found: Member[] = [];
  for (let at = firstMember(bytes, 0, end); at >= 0; at = nextMember(bytes, at, end)) {
    const valueAt = memberValue(bytes, at, end);
    found.push({
      name: readString(bytes, at, end) ?? '',
      value: decodeUtf8(bytes, valueAt, skipValue(bytes, valueAt, end)),
    });
  }
  return found;
}
