// SPDX-License-Identifier: Apache-2.0

import { utf8 } from '../bytes/text.ts';
import { ByteWriter } from '../bytes/writer.ts';
import { Method, type RequestWriter } from '../http/request.ts';
import { type Json, writeJson, writeString } from '../json/write.ts';
import { checkFreeName } from './names.ts';
import { Media, Path } from './wire.ts';

/** Members of a managed object that belong to the platform, and its name, which belongs to people (guide step 4). */
const KEPT =
  ' id self name owner creationTime lastUpdated childDevices childAssets childAdditions deviceParents' +
  ' assetParents additionParents c8y_Availability c8y_Connection ';

/** Type of a service, an object that is not a device: it is an addition of its device, not a child device. */
export const SERVICE = 'c8y_Service';

/** Members that the agent writes for every device. */
export const WRITTEN =
  ' type c8y_IsDevice com_cumulocity_model_Agent c8y_RequiredAvailability c8y_SupportedOperations' +
  ' c8y_Firmware c8y_Software c8y_SoftwareList c8y_Agent fractus_ExternalId ';

/** The largest fragment. */
const FRAGMENT_MAX_BYTES = 4096;
/** The fragments of one device together, because they have to fit into a request. */
export const FRAGMENTS_MAX_BYTES = 12_288;

/**
 * Returns the bytes of the fragment in a request.
 * @throws RangeError when the name is not allowed in the inventory, or the value is not JSON or is too large
 */
export function checkFragment(name: string, value: Json): number {
  checkFreeName('fragment', name, KEPT);
  const writer = new ByteWriter(64, FRAGMENT_MAX_BYTES);
  if (!writeJson(writer, value)) throw new RangeError(`fragment ${name}: not a JSON value`);
  if (writer.overflowed) throw new RangeError(`fragment ${name}: larger than ${FRAGMENT_MAX_BYTES} bytes`);
  // Quotes, colon and comma.
  return writer.end + utf8(name).length + 4;
}

/** Begins a request to a managed object, or to a resource below it. */
export function writeObject(request: RequestWriter, method: Method, id: string): RequestWriter {
  request.start(method).put(Path.ManagedObjects).byte(0x2f).percentEncoded(id);
  return request;
}

/** Asks whether a child is under its parent, or removes it from there. @param type of the child's object */
export function writeReference(
  request: RequestWriter,
  method: Method,
  parentId: string,
  id: string,
  type?: string,
): void {
  writeObject(request, method, parentId)
    .put(type === SERVICE ? Path.ChildAdditions : Path.ChildDevices)
    .byte(0x2f)
    .percentEncoded(id);
  request.headers(undefined, method === Method.Get ? Media.Reference : undefined);
}

/** Puts a child under its parent: guide step 5. @param type of the child's object */
export function writeLink(request: RequestWriter, parentId: string, id: string, type: string | undefined): void {
  writeObject(request, Method.Post, parentId).put(type === SERVICE ? Path.ChildAdditions : Path.ChildDevices);
  request.headers(Media.Reference, undefined);
  request.text('{"managedObject":{"id":');
  writeString(request, id);
  request.text('}}');
}
