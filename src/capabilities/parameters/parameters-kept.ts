// SPDX-License-Identifier: Apache-2.0
/** Keeps parameters over a restart: those of the board by themselves, those of all children in one bounded text. */

import { decodeUtf8, utf8 } from '../../bytes/text.ts';
import type { AgentHost } from '../../capability.ts';
import { valueAtPath } from '../../json/path.ts';
import { firstMember, memberValue, nextMember, readString, skipValue } from '../../json/scan.ts';

/** The agent, as far as keeping parameters uses it. */
export interface KeepingHost extends AgentHost {
  readonly devices: readonly { readonly childId: string; readonly gone: boolean }[];
}

/** The values of the board, by set and name. */
const OF_BOARD = 'parameters';
/** The values of each child, by its id. */
const OF_CHILDREN = 'childParameters';
const CHILDREN_MAX_BYTES = 3900;

/** The kept values of a device, of the board with an empty id; empty: none. */
export function recallParameters(host: AgentHost, childId: string): string {
  if (childId === '') return host.recall(OF_BOARD) ?? '';
  const bytes = utf8(host.recall(OF_CHILDREN) ?? '');
  const at = valueAtPath(bytes, 0, bytes.length, childId);
  return at < 0 ? '' : decodeUtf8(bytes, at, skipValue(bytes, at, bytes.length));
}

/** Keeps the values of a device. @throws Error when the flash refuses; the values kept before are still there then */
export function keepParameters(host: KeepingHost, childId: string, text: string): void {
  if (text === recallParameters(host, childId)) return;
  const isKept =
    childId === '' ? host.remember(OF_BOARD, text) : host.remember(OF_CHILDREN, withChild(host, childId, text));
  if (!isKept) throw new Error('the flash refuses the parameters: nothing has changed');
}

/** The values of all children. Removed children make room for existing ones. @throws Error when there is too little */
function withChild(host: KeepingHost, childId: string, text: string): string {
  const others = membersOf(host.recall(OF_CHILDREN) ?? '').filter(({ name }) => name !== childId);
  const own = { name: childId, text };
  const isThere = (name: string) => host.devices.some((device) => device.childId === name && !device.gone);
  for (const list of [others, others.filter(({ name }) => isThere(name))]) {
    const all = `{${list
      .concat(own)
      .map((each) => `"${each.name}":${each.text}`)
      .join(',')}}`;
    if (utf8(all).length <= CHILDREN_MAX_BYTES) return all;
  }
  throw new Error(`the parameters of the children have more than ${CHILDREN_MAX_BYTES} bytes together`);
}

function membersOf(text: string): { readonly name: string; readonly text: string }[] {
  const bytes = utf8(text);
  const end = bytes.length;
  const found: { name: string; text: string }[] = [];
  for (let at = firstMember(bytes, 0, end); at >= 0; at = nextMember(bytes, at, end)) {
    const valueAt = memberValue(bytes, at, end);
    found.push({
      name: readString(bytes, at, end) ?? '',
      text: decodeUtf8(bytes, valueAt, skipValue(bytes, valueAt, end)),
    });
  }
  return found;
}
