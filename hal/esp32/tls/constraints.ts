// SPDX-License-Identifier: Apache-2.0

import { DerError, DerReader, Tag } from '../../../src/bytes/der.ts';
import { decodeUtf8, oneLine } from '../../../src/bytes/text.ts';
import type { Certificate } from './certificate.ts';
import { DNS_NAME, DOT, IP_ADDRESS, isNameAt, STAR } from './names.ts';

/** Further forms of names (RFC 5280 §4.2.1.6). */
const DIRECTORY_NAME = 0xa4;
const NO_FORM = -1;

/** Of a GeneralSubtree (RFC 5280 §4.2.1.10). */
const MINIMUM = 0x80;
/** Of a name in a message. */
const MOST_SHOWN_BYTES = 80;

/** What may still be gone through for one server: bytes of constraints, anew for each name. */
export interface Effort {
  bytes: number;
}

/**
 * RFC 5280 §6.1.3 (b), (c): whether a CA allows all names of a certificate below it, its subject among them. What it has no
 * constraints for may be anything. A mail address in a subject does not count: nobody here asks for one.
 * @param constraints of the CA: what is in the extension's sequence
 * @returns the first name that it does not allow, for a message
 * @throws DerError
 */
export function forbiddenName(certificate: Certificate, constraints: Uint8Array, effort: Effort): string | undefined {
  const names = new DerReader(certificate.alternativeNames);
  let name = certificate.subject;
  // A subject of no parts is none (RFC 5280 §4.1.2.6).
  let form = name.length > 2 ? DIRECTORY_NAME : NO_FORM;
  for (;;) {
    effort.bytes -= constraints.length;
    if (effort.bytes < 0) throw new DerError('too many names below a CA with so many name constraints');
    const lists = new DerReader(constraints);
    const isOutside = isWithin(form, name, lists, Tag.Context0) === false;
    if (isWithin(form, name, lists, Tag.Context1) === true || isOutside) return shown(form, name);
    lists.finish();
    if (!names.more) return undefined;
    form = names.tag;
    name = names.take(form);
  }
}

/**
 * Whether one of the subtrees of that list, which may be next, holds the name. One that is not understood permits nothing,
 * and excludes all of its form: with a minimum or maximum (RFC 5280 §4.2.1.10), without a mask, of any other form than ours.
 * @returns undefined: none is of the name's form
 */
function isWithin(form: number, name: Uint8Array, lists: DerReader, list: number): boolean | undefined {
  if (lists.tag !== list) return undefined;
  const subtrees = lists.enter(list);
  let found: boolean | undefined;
  while (subtrees.more) {
    const subtree = subtrees.enter(Tag.Sequence);
    const tag = subtree.tag;
    const base = subtree.take(tag);
    if (tag !== form) continue;
    const minimum = subtree.tag === MINIMUM ? subtree.take(MINIMUM).join() : '0';
    const otherwise = list === Tag.Context1;
    if (subtree.more || minimum !== '0') return otherwise;
    found = found === true || holds(form, name, base, otherwise);
  }
  return found;
}

/** @param otherwise what to say when there is no way to tell: whether the name is looked for to exclude it */
function holds(form: number, name: Uint8Array, base: Uint8Array, otherwise: boolean): boolean {
  const length = name.length;
  if (form === DNS_NAME) {
    const relative = name[length - 1] === DOT ? name.subarray(0, -1) : name;
    // A star stands for what is excluded right there, too.
    return isBelow(relative, base) || (otherwise && name[0] === STAR && isBelow(base, relative.subarray(1)));
  }
  // The first parts of the name. Each says how long it is, so that none is cut off.
  if (form === DIRECTORY_NAME) {
    return isNameAt(new DerReader(name).take(Tag.Sequence), 0, new DerReader(base).take(Tag.Sequence));
  }
  if (form !== IP_ADDRESS) return otherwise;
  // 4 bytes or 16, and as many of a mask. One of the other kind is as long as is missing to both.
  if (base.length !== 2 * length) return otherwise && base.length + 2 * length !== 40;
  for (let at = 0; at < length; at++) {
    const difference = (name[at] as number) ^ (base[at] as number);
    if ((difference & (base[at + length] as number)) !== 0) return false;
  }
  return true;
}

/** The name itself, or one with labels in front of it; with a dot in front of the base (as in OpenSSL), the latter only. */
function isBelow(name: Uint8Array, base: Uint8Array): boolean {
  const from = name.length - base.length;
  if (from > 0 && base.length > 0 && base[0] !== DOT && name[from - 1] !== DOT) return false;
  return from >= 0 && isNameAt(name, from, base);
}

/** They are the server's words. */
function shown(form: number, name: Uint8Array): string {
  if (form === DIRECTORY_NAME) return 'the directory name';
  return form === IP_ADDRESS ? name.join('.') : oneLine(decodeUtf8(name, 0, Math.min(name.length, MOST_SHOWN_BYTES)));
}
