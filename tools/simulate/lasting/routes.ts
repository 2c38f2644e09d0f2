// SPDX-License-Identifier: Apache-2.0
/** The resources of the platform that a device uses: their requests, and what depends on them. */

import type { WireRequest } from '../wire/request-reader.ts';

/** Promises that are checked each hour: things that must continue while a resource is broken. */
export const PROMISES = [
  ...(['operations', 'measurements', 'events', 'alarms'] as const),
  ...(['child-operations', 'child-measurements', 'child-events', 'new-child'] as const),
] as const;
export type Promised = (typeof PROMISES)[number];

/** Children of a life with children: two known ones, and two that are added after the break. */
export const CHILDREN = { known: ['meter', 'valve'], first: 'birch', second: 'cedar' } as const;

export interface Route {
  readonly name: string;
  /** Name in the platform's errors. */
  readonly resource: string;
  /** @param idOf the platform's id of a child, when it has one */
  matches(request: WireRequest, idOf: (child: string) => string | undefined): boolean;
  /** Promises that depend on the resource, and may stop. */
  readonly stops: readonly Promised[];
  /** The same after a restart, if these are more. */
  readonly stopsRestarted?: readonly Promised[];
  /** The device is new, and the resource is broken from the start. Default: it breaks while the device listens. */
  readonly fromTheStart?: boolean;
  /** Additional requests per hour, because each new wish of a person starts again. */
  readonly anew?: number;
  /** Faults that do not apply to this resource. */
  readonly except?: readonly string[];
  readonly certificate?: boolean;
  /** Only in lives with children. */
  readonly children?: boolean;
  /** The answer to this request is lost first, so that the resource is needed. */
  readonly after?: (request: WireRequest) => boolean;
}

const ALL: readonly Promised[] = PROMISES;
/** 404 is a valid answer here: it means that an external id is free. */
const FREE: readonly string[] = ['404'];

function is(method: string, path: RegExp, text?: string): Route['matches'] {
  return (request) =>
    request.method === method && path.test(request.path) && (text === undefined || has(request, text));
}

function has({ path, body }: WireRequest, text: string): boolean {
  return path.includes(text) || Buffer.from(body).includes(text);
}

const LOOK_UP = is('GET', /^\/identity\/externalIds\//);
const IDENTIFY = is('POST', /^\/identity\/globalIds\//);
const CREATE = is('POST', /^\/inventory\/managedObjects$/);
const LIST_OBJECTS = is('GET', /^\/inventory\/managedObjects\?/);
const LINK = is('POST', /\/childDevices$/);
const NOTIFICATIONS = /^\/notification\/operations$/;

/** Limits a route to one child, while the other is not affected. */
function ofFirst(matches: Route['matches']): Route['matches'] {
  return (request, idOf) => {
    const { first } = CHILDREN;
    return matches(request, idOf) && (has(request, first) || has(request, `"${idOf(first) ?? first}"`));
  };
}

export const ROUTES: readonly Route[] = [
  { name: 'all', resource: 'general', matches: () => true, stops: ALL, except: FREE },
  {
    name: 'credentials',
    resource: 'devicecontrol',
    matches: is('POST', /^\/devicecontrol\/deviceCredentials$/),
    stops: ALL,
    fromTheStart: true,
  },
  {
    name: 'token',
    resource: 'security',
    matches: is('POST', /^\/devicecontrol\/deviceAccessToken$/),
    stops: ALL,
    certificate: true,
  },
  { name: 'logout', resource: 'user', matches: is('POST', /^\/user\/logout$/), stops: [], certificate: true },
  {
    name: 'identity-get',
    resource: 'identity',
    matches: LOOK_UP,
    stops: ['new-child'],
    stopsRestarted: ALL,
    except: FREE,
  },
  { name: 'identity-post', resource: 'identity', matches: IDENTIFY, stops: ALL, fromTheStart: true },
  { name: 'object-post', resource: 'inventory', matches: CREATE, stops: ALL, fromTheStart: true },
  {
    name: 'object-list',
    resource: 'inventory',
    matches: LIST_OBJECTS,
    stops: ALL,
    fromTheStart: true,
    after: (request) => CREATE(request, () => undefined),
  },
  { name: 'object-put', resource: 'inventory', matches: is('PUT', /^\/inventory\/managedObjects\//), stops: [] },
  { name: 'new-identity', resource: 'identity', matches: IDENTIFY, stops: ['new-child'], children: true },
  { name: 'new-object', resource: 'inventory', matches: CREATE, stops: ['new-child'], children: true },
  { name: 'child-post', resource: 'inventory', matches: LINK, stops: ['new-child'], children: true },
  {
    name: 'child-delete',
    resource: 'inventory',
    matches: is('DELETE', /\/childDevices\//),
    stops: [],
    children: true,
  },
  { name: 'sick-get', resource: 'identity', matches: ofFirst(LOOK_UP), stops: [], children: true, except: FREE },
  { name: 'sick-identity', resource: 'identity', matches: ofFirst(IDENTIFY), stops: [], children: true },
  { name: 'sick-object', resource: 'inventory', matches: ofFirst(CREATE), stops: [], children: true },
  { name: 'sick-link', resource: 'inventory', matches: ofFirst(LINK), stops: [], children: true },
  {
    name: 'measurements',
    resource: 'measurement',
    matches: is('POST', /^\/measurement\/measurements$/),
    stops: ['measurements', 'child-measurements', 'new-child'],
  },
  {
    name: 'events',
    resource: 'event',
    matches: is('POST', /^\/event\/events$/),
    stops: ['events', 'child-events', 'new-child'],
  },
  { name: 'alarm-list', resource: 'alarm', matches: is('GET', /^\/alarm\/alarms/), stops: ['alarms'] },
  { name: 'alarm-post', resource: 'alarm', matches: is('POST', /^\/alarm\/alarms$/), stops: ['alarms'], anew: 5 },
  { name: 'alarm-put', resource: 'alarm', matches: is('PUT', /^\/alarm\/alarms\//), stops: ['alarms'], anew: 5 },
  {
    name: 'executing',
    resource: 'devicecontrol',
    matches: is('GET', /^\/devicecontrol\/operations\?/, 'status=EXECUTING'),
    stops: [],
  },
  {
    name: 'pending',
    resource: 'devicecontrol',
    matches: is('GET', /^\/devicecontrol\/operations\?/, 'status=PENDING'),
    stops: [],
  },
  {
    name: 'operation-put',
    resource: 'devicecontrol',
    matches: is('PUT', /^\/devicecontrol\/operations\//),
    stops: ['operations', 'child-operations', 'new-child'],
    anew: 5,
  },
  { name: 'handshake', resource: 'notification', matches: is('POST', NOTIFICATIONS, '/meta/handshake'), stops: [] },
  { name: 'subscribe', resource: 'notification', matches: is('POST', NOTIFICATIONS, '/meta/subscribe'), stops: [] },
  { name: 'connect', resource: 'notification', matches: is('POST', NOTIFICATIONS, '/meta/connect'), stops: [] },
];
