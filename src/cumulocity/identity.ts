// SPDX-License-Identifier: Apache-2.0

import type { ByteWriter } from '../bytes/writer.ts';
import { Method, type RequestWriter } from '../http/request.ts';
import { member, readId } from '../json/scan.ts';
import { writeString } from '../json/write.ts';
import { Json, Media, Name, Path } from './wire.ts';

/** @throws RangeError that says whose external id it is and what is allowed. */
export function checkExternalId(whose: string, { type, id }: { readonly type: unknown; readonly id: unknown }): void {
  if ([type, id].every((each) => typeof each === 'string' && /^(?!\.\.?$)[\x21-\x7e]{1,200}$/.test(each))) return;
  throw new RangeError(`${whose}: type and id of its externalId: 1 to 200 visible ASCII characters each, not . or ..`);
}

/** Asks for the managed object with this external id: guide step 1. */
export function writeIdentityLookUp(request: RequestWriter, type: string, externalId: string): void {
  writeExternalId(request, Method.Get, type, externalId);
  request.headers(undefined, Media.ExternalId);
}

/** Takes the external id away from its object. */
export function writeUnbinding(request: RequestWriter, type: string, externalId: string): void {
  writeExternalId(request, Method.Delete, type, externalId);
  request.headers(undefined, undefined);
}

/** Gives the object an external id: guide step 3. */
export function writeBinding(request: RequestWriter, id: string, type: string, externalId: string): void {
  request.start(Method.Post).put(Path.GlobalIds).percentEncoded(id).put(Path.GlobalIdsTail);
  request.headers(Media.ExternalId, undefined);
  request.put(Json.Type);
  writeString(request, type);
  request.put(Json.ExternalId);
  writeString(request, externalId);
  request.byte(0x7d);
}

function writeExternalId(request: RequestWriter, method: Method, type: string, externalId: string): void {
  request.start(method).put(Path.ExternalIds).percentEncoded(type).byte(0x2f).percentEncoded(externalId);
}

/** The id in the answer, `{"managedObject":{"id":"…"}}`; undefined for any other text. */
export function readManagedObjectId({ bytes, end }: ByteWriter): string | undefined {
  const object = member(bytes, 0, end, Name.ManagedObject);
  if (object < 0) return undefined;
  const id = member(bytes, object, end, Name.Id);
  return id < 0 ? undefined : readId(bytes, id, end);
}
