// SPDX-License-Identifier: Apache-2.0

import { DerError, DerReader, Tag } from '../../../src/bytes/der.ts';
import { decodeUtf8, oneLine } from '../../../src/bytes/text.ts';
import type { Certificate } from './certificate.ts';
import { DNS_NAME, DOT, IP_ADDRESS, isNameAt, STAR } from './names.ts';

/** Further name forms (RFC 5280 §4.2.1.6). */
const DIRECTORY_NAME = 0xa4;
const NO_FORM = -1;

/** Tag of the minimum of a GeneralSubtree (RFC 5280 §4.2.1.10). */
const MINIMUM = 0x80;
/** Most bytes of a name that an error text shows. */
const MOST_SHOWN_BYTES = 80;

/** The remaining work for one server, in bytes of constraints. Each name costs all constraint bytes of a CA. */
export interface Effort {
  bytes: number;
}

/**
 * Checks all names of a certificate, including its subject, against the constraints of a CA above it (RFC 5280 §6.1.3
 * (b), (c)). Name forms without a constraint are allowed. A mail address in a subject is ignored: mail names are not
 * used here.
 * @param constraints the content of the sequence of the CA's extension
 * @returns the first name that the CA does not allow, for an error text
 * @throws DerError
 */
export function forbiddenName(certificate: Certificate, constraints: Uint8Array, effort: Effort): string | undefined {
  const names = new DerReader(certificate.alternativeNames);
  let name = certificate.subject;
  // A subject without parts counts as none (RFC 5280 §4.1.2.6).
  let form = name.length > 2 ? DIRECTORY_NAME : NO_FORM;
  for (;;) {
    effort.bytes -= constraints.length;
    if (effort.bytes < 0) throw new DerError('too many names for the name constraints of a CA');
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
 * Whether a subtree of the list, if that list is next, contains the name. A subtree that is not supported permits
 * nothing, and excludes all names of its form: one with a minimum or maximum (RFC 5280 §4.2.1.10), without a mask, or
 * of another form.
 * @returns undefined when no subtree is of the name's form
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

/** @param otherwise the result when it cannot be decided: true in a list of excluded subtrees */
function holds(form: number, name: Uint8Array, base: Uint8Array, otherwise: boolean): boolean {
  const length = name.length;
  if (form === DNS_NAME) {
    const relative = name[length - 1] === DOT ? name.subarray(0, -1) : name;
    // A wildcard may stand for an excluded name right below its domain.
    return isBelow(relative, base) || (otherwise && name[0] === STAR && isBelow(base, relative.subarray(1)));
  }
  // The base must be the first parts of the name. Each part holds its length, so no part matches halfway.
  if (form === DIRECTORY_NAME) {
    return isNameAt(new DerReader(name).take(Tag.Sequence), 0, new DerReader(base).take(Tag.Sequence));
  }
  if (form !== IP_ADDRESS) return otherwise;
  // 4 or 16 bytes, then a mask of the same length. A base of the other IP version (the lengths add up to 40) never
  // matches.
  if (base.length !== 2 * length) return otherwise && base.length + 2 * length !== 40;
  for (let at = 0; at < length; at++) {
    const difference = (name[at] as number) ^ (base[at] as number);
    if ((difference & (base[at + length] as number)) !== 0) return false;
  }
  return true;
}

/**
 * Whether the name is the base, or has labels before it. With a dot before the base (as in OpenSSL), only the latter.
 */
function isBelow(name: Uint8Array, base: Uint8Array): boolean {
  const from = name.length - base.length;
  if (from > 0 && base.length > 0 && base[0] !== DOT && name[from - 1] !== DOT) return false;
  return from >= 0 && isNameAt(name, from, base);
}

/** A name for an error text, escaped and cut: the server controls it. */
function shown(form: number, name: Uint8Array): string {
  if (form === DIRECTORY_NAME) return 'the directory name';
  return form === IP_ADDRESS ? name.join('.') : oneLine(decodeUtf8(name, 0, Math.min(name.length, MOST_SHOWN_BYTES)));
}
