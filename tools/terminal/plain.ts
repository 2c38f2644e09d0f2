// SPDX-License-Identifier: Apache-2.0
/** Texts of devices and platforms, so that they cannot control a terminal. */

/** One line: all control characters are replaced. */
export function plain(text: string): string {
  return text.replace(/[\u0000-\u001f\u007f-\u009f]/g, '?');
}

/** Several lines: all control characters except line feeds and tabs are replaced. */
export function plainLines(text: string): string {
  return text.replace(/\r\n/g, '\n').replace(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g, '?');
}
