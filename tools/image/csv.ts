// SPDX-License-Identifier: Apache-2.0

/** Reads comma-separated rows (RFC 4180), each with the line where it begins; fields may be quoted. */
export function readCsv(text: string): { readonly line: number; readonly fields: string[] }[] {
  const rows: { line: number; fields: string[] }[] = [];
  let line = 1;
  let fields: string[] = [];
  let start = 1;
  for (const [whole, quoted, plain, end] of text.replace(/^\ufeff/, '').matchAll(FIELD)) {
    fields.push(quoted === undefined ? (plain ?? '').trim() : quoted.replaceAll('""', '"'));
    line += (whole.match(/\n/g) ?? []).length;
    if (end === ',') continue;
    if (fields.some((field) => field !== '')) rows.push({ line: start, fields });
    fields = [];
    start = line;
    if (end === '') break;
  }
  return rows;
}

const FIELD = /[ \t]*(?:"((?:[^"]|"")*)"[ \t]*|([^,\r\n]*))(,|\r?\n|$)/g;
