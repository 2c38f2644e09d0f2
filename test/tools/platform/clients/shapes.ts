// SPDX-License-Identifier: Apache-2.0
/**
 * The documents of the resources that a device uses, as the platform's OpenAPI describes them. Its text has no licence
 * that would let it be copied, so these are written by hand, of the facts alone.
 */

type Schema = Readonly<Record<string, unknown>>;

const text: Schema = { type: 'string' };
const count: Schema = { type: 'integer', minimum: 0 };
const id: Schema = { type: 'string', pattern: '^[0-9]+$' };
const link: Schema = { type: 'string', pattern: '^https?://[^/ ]+/' };
const time: Schema = {
  type: 'string',
  pattern: '^\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d(:\\d\\d([.]\\d+)?)?(Z|[+-]\\d\\d:?\\d\\d)$',
};

/** An object with these members at least; others are fragments of one's own. */
function object(required: Readonly<Record<string, Schema>>, optional: Readonly<Record<string, Schema>> = {}): Schema {
  return { type: 'object', required: Object.keys(required), properties: { ...required, ...optional } };
}

/** An object with these members and no others. */
function closed(required: Readonly<Record<string, Schema>>, optional: Readonly<Record<string, Schema>> = {}): Schema {
  return { ...object(required, optional), additionalProperties: false };
}

function list(name: string, items: Schema): Schema {
  const statistics = closed({ currentPage: count, pageSize: count }, { totalPages: count, totalElements: count });
  return closed({ [name]: { type: 'array', items }, self: link, statistics }, { next: link, prev: link });
}

const none: Schema = { type: 'null' };
const error = closed({ error: text, message: text, info: text }, { details: { type: 'object' } });
const source = object({ id }, { self: link, name: text });
const reference = closed({ managedObject: object({ id, self: link }, { name: text }), self: link });
const references = object({ references: { type: 'array', items: reference }, self: link });
const series: Schema = object({ value: { type: 'number' } }, { unit: text });

const newObject = object({}, { name: text, type: text, owner: text, id, self: link });
const managedObject = object(
  {
    id,
    self: link,
    owner: text,
    creationTime: time,
    lastUpdated: time,
    childDevices: references,
    childAssets: references,
    childAdditions: references,
    deviceParents: references,
    assetParents: references,
    additionParents: references,
  },
  {
    name: text,
    type: text,
    c8y_Availability: closed({ lastMessage: time, status: { enum: ['AVAILABLE', 'UNAVAILABLE', 'MAINTENANCE'] } }),
    c8y_Connection: closed({ status: { enum: ['CONNECTED', 'DISCONNECTED', 'MAINTENANCE'] } }),
  },
);
const newExternalId = closed({ type: text, externalId: text });
const externalId = closed({ type: text, externalId: text, managedObject: closed({ id, self: link }), self: link });

const status: Schema = { enum: ['PENDING', 'EXECUTING', 'SUCCESSFUL', 'FAILED'] };
const operation = object(
  { id, self: link, deviceId: id, status, creationTime: time },
  { agentId: id, failureReason: text, description: text, deviceName: text, deviceExternalIDs: { type: 'object' } },
);
const operationUpdate: Schema = {
  ...object({ status }, { failureReason: text }),
  // Only what has failed has a reason.
  if: { required: ['failureReason'] },
  // biome-ignore lint/suspicious/noThenProperty: a keyword of JSON Schema
  then: { properties: { status: { const: 'FAILED' } } },
};

const newMeasurement: Schema = {
  ...object({ source: object({ id }), type: text, time }),
  // What is left are fragments, and each has its series.
  patternProperties: {
    '^(?!source$|type$|time$|id$|self$|creationTime$)': { type: 'object', additionalProperties: series },
  },
  minProperties: 4,
};
const measurement = { ...newMeasurement, ...object({ id, self: link, source, type: text, time, creationTime: time }) };
const newEvent = object({ source: object({ id }), type: text, text, time });
const event = object({ id, self: link, source, type: text, text, time, creationTime: time, lastUpdated: time });
const severity: Schema = { enum: ['CRITICAL', 'MAJOR', 'MINOR', 'WARNING'] };
const alarmStatus: Schema = { enum: ['ACTIVE', 'ACKNOWLEDGED', 'CLEARED'] };
const newAlarm = object({ source: object({ id }), type: text, text, time, severity }, { status: alarmStatus });
const alarm = object({
  id,
  self: link,
  source,
  type: text,
  text,
  time,
  severity,
  status: alarmStatus,
  creationTime: time,
  lastUpdated: time,
  firstOccurrenceTime: time,
  count,
});

const meta = (channel: string, required: Readonly<Record<string, Schema>>, optional = {}): Schema =>
  object({ channel: { const: channel }, ...required }, { id: text, ext: { type: 'object' }, ...optional });
const advice = closed({}, { reconnect: { enum: ['retry', 'handshake', 'none'] }, interval: count, timeout: count });
const successful: Schema = { type: 'boolean' };
const messages = (...kinds: readonly Schema[]): Schema => ({
  type: 'array',
  minItems: 1,
  items: { oneOf: kinds },
});
const types: Schema = { type: 'array', items: text, contains: { const: 'long-polling' } };
const bayeuxRequest = messages(
  meta('/meta/handshake', { version: { const: '1.0' }, supportedConnectionTypes: types }, { advice }),
  meta('/meta/subscribe', { clientId: text, subscription: text }),
  meta('/meta/connect', { clientId: text, connectionType: { const: 'long-polling' } }, { advice }),
  meta('/meta/disconnect', { clientId: text }),
);
const replied = { error: text, advice, clientId: text };
const bayeuxReply = messages(
  meta('/meta/handshake', { successful }, { ...replied, version: text, supportedConnectionTypes: types }),
  meta('/meta/subscribe', { successful }, { ...replied, subscription: text }),
  meta('/meta/connect', { successful }, replied),
  meta('/meta/disconnect', { successful }, replied),
  closed({ channel: { type: 'string', pattern: '^/[0-9]+$' }, id: text, data: operation }),
);

/** What is sent with a method to a path, and what is answered with which status. */
export interface Shape {
  readonly method: string;
  /** `*` is one segment. */
  readonly path: string;
  /** Absent: no body. */
  readonly request?: Schema;
  /** A device that does not ask for the body gets none. */
  readonly answers: Readonly<Record<number, Schema>>;
}

const notFound = { 404: error };

export const shapes: readonly Shape[] = [
  {
    method: 'POST',
    path: '/devicecontrol/deviceCredentials',
    request: closed({ id: text }, { securityToken: text }),
    answers: { 200: closed({ id: text, self: link, tenantId: text, username: text, password: text }), ...notFound },
  },
  { method: 'GET', path: '/identity/externalIds/*/*', answers: { 200: externalId, ...notFound } },
  {
    method: 'POST',
    path: '/identity/globalIds/*/externalIds',
    request: newExternalId,
    answers: { 201: externalId, 409: error, ...notFound },
  },
  {
    method: 'GET',
    path: '/identity/globalIds/*/externalIds',
    answers: { 200: closed({ externalIds: { type: 'array', items: externalId }, self: link }) },
  },
  {
    method: 'POST',
    path: '/inventory/managedObjects',
    request: newObject,
    answers: { 201: managedObject, 422: error },
  },
  { method: 'GET', path: '/inventory/managedObjects', answers: { 200: list('managedObjects', managedObject) } },
  { method: 'GET', path: '/inventory/managedObjects/*', answers: { 200: managedObject, ...notFound } },
  {
    method: 'PUT',
    path: '/inventory/managedObjects/*',
    request: newObject,
    answers: { 200: { anyOf: [managedObject, closed({ id })] }, ...notFound },
  },
  {
    method: 'POST',
    path: '/inventory/managedObjects/*/childDevices',
    request: closed({ managedObject: closed({ id }, { self: link }) }),
    answers: { 201: reference, ...notFound },
  },
  {
    method: 'GET',
    path: '/inventory/managedObjects/*/childDevices',
    answers: { 200: list('references', reference), ...notFound },
  },
  { method: 'GET', path: '/inventory/managedObjects/*/childDevices/*', answers: { 200: reference, ...notFound } },
  { method: 'DELETE', path: '/inventory/managedObjects/*/childDevices/*', answers: { 204: none, 422: error } },
  { method: 'DELETE', path: '/inventory/managedObjects/*', answers: { 204: none, ...notFound } },
  {
    method: 'GET',
    path: '/devicecontrol/operations',
    answers: { 200: list('operations', operation) },
  },
  { method: 'GET', path: '/devicecontrol/operations/*', answers: { 200: operation, ...notFound } },
  {
    method: 'POST',
    path: '/devicecontrol/operations',
    request: object({ deviceId: id }, { description: text }),
    answers: { 201: operation, 422: error },
  },
  {
    method: 'PUT',
    path: '/devicecontrol/operations/*',
    request: operationUpdate,
    answers: { 200: operation, 422: error, ...notFound },
  },
  { method: 'POST', path: '/notification/operations', request: bayeuxRequest, answers: { 200: bayeuxReply } },
  {
    method: 'POST',
    path: '/measurement/measurements',
    request: {
      anyOf: [newMeasurement, closed({ measurements: { type: 'array', minItems: 1, items: newMeasurement } })],
    },
    answers: {
      201: { anyOf: [measurement, closed({ measurements: { type: 'array', items: measurement }, self: link })] },
      422: error,
    },
  },
  { method: 'GET', path: '/measurement/measurements', answers: { 200: list('measurements', measurement) } },
  { method: 'POST', path: '/event/events', request: newEvent, answers: { 201: event, 422: error } },
  { method: 'GET', path: '/event/events', answers: { 200: list('events', event) } },
  { method: 'POST', path: '/alarm/alarms', request: newAlarm, answers: { 201: alarm, 422: error } },
  { method: 'GET', path: '/alarm/alarms', answers: { 200: list('alarms', alarm) } },
  {
    method: 'PUT',
    path: '/alarm/alarms/*',
    request: object({}, { status: alarmStatus, severity, text }),
    answers: { 200: alarm, ...notFound },
  },
];
