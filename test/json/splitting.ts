// SPDX-License-Identifier: Apache-2.0

import { elementList } from '../../src/json/element-list.ts';
import { ElementSplitter } from '../../src/json/splitter.ts';
import fc from '../support/property.ts';
import { bytesOf } from './arbitrary.ts';

export interface Element {
  text: string;
  elided: boolean;
}

export function splitter(options: { listName?: string; maxBytes?: number; memberDepth?: number; keeps?: string }) {
  const elements: Element[] = [];
  const list = elementList({
    listName: options.listName === undefined ? undefined : bytesOf(options.listName),
    bufferBytes: 128,
    bufferMaxBytes: options.maxBytes ?? 100_000,
    memberDepth: options.memberDepth ?? 1,
  });
  const splitter = new ElementSplitter(list, {
    onElement(bytes, from, to, elided) {
      elements.push({ text: compact(Buffer.from(bytes.subarray(from, to)).toString()), elided });
    },
    keeps: (bytes, from, to) => options.keeps === JSON.parse(Buffer.from(bytes.subarray(from, to)).toString()),
  });
  return { splitter, elements };
}

type Split = ReturnType<typeof splitter>;

/** Feeds in pieces of the given sizes, over and over, out of a buffer that is overwritten at once. */
export function feed({ splitter }: Split, text: string, sizes: readonly number[] = [1 << 30]): boolean {
  const bytes = bytesOf(text);
  let at = 0;
  for (let i = 0; at < bytes.length; i++) {
    const size = Math.min(sizes[i % sizes.length] ?? 1, bytes.length - at);
    const piece = new Uint8Array(size + 2).fill(0x22);
    piece.set(bytes.subarray(at, at + size), 1);
    const ok = splitter.feed(piece, 1, size + 1);
    piece.fill(0x7d);
    if (!ok) return false;
    at += size;
  }
  return true;
}

export const sizes = fc.array(fc.oneof(fc.integer({ min: 1, max: 9 }), fc.integer({ min: 10, max: 2000 })), {
  minLength: 1,
  maxLength: 5,
});

/** JSON.parse keeps the last of two equal names, which a text can have; compare as texts without white space. */
export function compact(text: string): string {
  let out = '';
  let inString = false;
  for (let i = 0; i < text.length; i++) {
    const c = text[i] ?? '';
    if (inString && c === '\\') {
      out += c + (text[++i] ?? '');
      continue;
    }
    if (c === '"') inString = !inString;
    if (inString || !/[ \n\r\t]/.test(c)) out += c;
  }
  return out;
}
