// SPDX-License-Identifier: Apache-2.0
/** Checks header values from clients when they are stored, so that they can be sent later. */

/** Whether the text is a media type (RFC 9110 §8.3.1). */
export function isMediaType(text: string): boolean {
  return text.length <= maxMediaType && mediaType.test(text);
}

/** The file name of a Content-Disposition; the one with a character set wins (RFC 6266 §4.3). */
export function fileNameOf(disposition: string): string | undefined {
  const extended = /;\s*filename\*\s*=\s*utf-8'[\w-]*'([^;\s]*)/i.exec(disposition)?.[1];
  if (extended !== undefined) {
    try {
      return decodeURIComponent(extended);
    } catch {
      // For invalid UTF-8, the plain name is used.
    }
  }
  const plain = /;\s*filename\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^;\s]*))/i.exec(disposition);
  return plain?.[1]?.replace(/\\(.)/g, '$1') ?? plain?.[2];
}

/** `attachment` with this name: quoted if possible, else in UTF-8 (RFC 8187 §3.2). */
export function attachmentNamed(name: string): string {
  if (/^[ -~]*$/.test(name)) return `attachment; filename="${name.replace(/["\\]/g, '\\$&')}"`;
  const encoded = encodeURIComponent(name).replace(/['()*]/g, (each) => `%${each.charCodeAt(0).toString(16)}`);
  return `attachment; filename*=UTF-8''${encoded}`;
}

/** Whether a Host header is valid (RFC 9112 §3.2, RFC 3986 §3.2.2). */
export function isHost(text: string): boolean {
  const parts = /^(?:[\w.-]+|\[[\da-f:.]+\])(?::(\d{1,5}))?$/i.exec(text);
  return parts !== null && Number(parts[1] ?? 0) <= 65_535;
}

const mediaType = /^[\w!#$%&'*+.^`|~-]+\/[\w!#$%&'*+.^`|~-]+[ \t]*(?:;[ -~]*)?$/;
const maxMediaType = 255;
