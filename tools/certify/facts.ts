// SPDX-License-Identifier: Apache-2.0
/** All data of a platform's API about one device, its children and its services. */

import type { OperationRecord, Tenant } from '../operate/tenant.ts';

/** A document of the platform. */
export type Document = Readonly<Record<string, unknown>>;

export interface Facts {
  readonly object: Document;
  readonly externalIds: readonly Document[];
  readonly children: readonly Document[];
  readonly services: readonly Document[];
  /** The newest records of the device itself. */
  readonly measurements: readonly Document[];
  readonly events: readonly Document[];
  readonly alarms: readonly Document[];
  /** Software of the device, according to the service for advanced software management; empty without declared types. */
  readonly software: readonly Document[];
  /** Operations of the device and its services, the newest first. */
  readonly operations: readonly OperationRecord[];
  /** As much of each child that declares operations; they have no children and services of their own. */
  readonly ofChildren: readonly Facts[];
}

const PAGE = 'pageSize=100';
/** The fragment that names the operations of a device. */
export const SUPPORTED = 'c8y_SupportedOperations';

/** @param name an external id (of type c8y_Serial, or `TYPE:ID`), or the id of a managed object */
export async function readFacts(tenant: Tenant, name: string): Promise<Facts> {
  const { id } = await tenant.device(name);
  const object = `/inventory/managedObjects/${id}`;
  const references = async (kind: string) => {
    const found = documentsIn(await tenant.read(`${object}/${kind}?${PAGE}`), 'references');
    return Promise.all(
      found.map(({ managedObject }) => tenant.read(`/inventory/managedObjects/${idOf(managedObject)}`)),
    );
  };
  const children = await references('childDevices');
  const services = (await references('childAdditions')).filter(({ type }) => type === 'c8y_Service');
  const ofChildren: Facts[] = [];
  // One after the other: a gateway may have a hundred of them.
  for (const child of children)
    if (list(child, SUPPORTED).length > 0) ofChildren.push(await readOne(tenant, child, []));
  return { ...(await readOne(tenant, await tenant.read(object), services)), children, ofChildren };
}

/** A device without its children. */
async function readOne(tenant: Tenant, object: Document, services: readonly Document[]): Promise<Facts> {
  const id = idOf(object);
  const of = async (path: string, name: string) => documentsIn(await tenant.read(`${path}${PAGE}`), name);
  const operations = await Promise.all(
    [id, ...services.map(idOf)].map((each) =>
      of(`/devicecontrol/operations?deviceId=${each}&revert=true&`, 'operations'),
    ),
  );
  const software = `/service/advanced-software-mgmt/software?deviceId=${id}&`;
  return {
    object,
    software: object['c8y_SupportedSoftwareTypes'] === undefined ? [] : await of(software, 'softwareList'),
    externalIds: documentsIn(await tenant.read(`/identity/globalIds/${id}/externalIds`), 'externalIds'),
    children: [],
    services,
    ofChildren: [],
    measurements: await of(`/measurement/measurements?source=${id}&revert=true&`, 'measurements'),
    events: await of(`/event/events?source=${id}&`, 'events'),
    alarms: await of(`/alarm/alarms?source=${id}&`, 'alarms'),
    operations: operations.flat() as unknown as readonly OperationRecord[],
  };
}

/** A member that is an object; undefined when it is not. */
export function fragment(document: Document | undefined, name: string): Document | undefined {
  const value = document?.[name];
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Document) : undefined;
}

/** A member that is a list; empty when it is not. */
export function list(document: Document | undefined, name: string): readonly unknown[] {
  const value = document?.[name];
  return Array.isArray(value) ? value : [];
}

export function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== '';
}

function documentsIn(answer: Document, name: string): readonly Document[] {
  return list(answer, name).filter((each): each is Document => typeof each === 'object' && each !== null);
}

function idOf(document: unknown): string {
  return String((document as Document | undefined)?.['id']);
}
