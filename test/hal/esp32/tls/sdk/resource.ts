// SPDX-License-Identifier: Apache-2.0
/** Stands in for the SDK's module: a firmware with these files, at first without any. */
export const files = new Map<string, Uint8Array>();

export default class Resource extends ArrayBuffer {
  constructor(name: string) {
    const content = files.get(name);
    if (content === undefined) throw new URIError(`Resource not found: ${name}`);
    super(content.length);
    new Uint8Array(this).set(content);
  }

  static exists(name: string): boolean {
    return files.has(name);
  }
}
