// SPDX-License-Identifier: Apache-2.0

import type { ByteWriter } from '../bytes/writer.ts';
import { Method, type RequestWriter } from '../http/request.ts';
import { member, readId } from '../json/scan.ts';
import { Media, Name, Path } from './wire.ts';

/** Asks which managed object has this external id: guide step 1. */
export function writeIdentityLookUp(request: RequestWriter, type: string, externalId: string): void {
  request.start(Method.Get).put(Path.ExternalIds).percentEncoded(type).byte(0x2f).percentEncoded(externalId);
  request.headers(undefined, Media.ExternalId);
}

/** The id in the answer, `{"managedObject":{"id":"…"}}`; undefined when the text is something else. */
export function readManagedObjectId({ bytes, end }: ByteWriter): string | undefined {
  const object = member(bytes, 0, end, Name.ManagedObject);
  if (object < 0) return undefined;
  const id = member(bytes, object, end, Name.Id);
  return id < 0 ? undefined : readId(bytes, id, end);
}
