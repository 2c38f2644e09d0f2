// SPDX-License-Identifier: Apache-2.0
/** Every request of a long life, and every answer to it, has the shape that the platform's OpenAPI gives it. */

import { Ajv, type ErrorObject, type ValidateFunction } from 'ajv';
import test from 'ava';
import type { AppBoard } from '../../../../src/index.ts';
import type { LoggedRequest } from '../../../../tools/platform/core/request-log.ts';
import { createOperation, deleteObject, findDevice } from '../../../../tools/platform/operator.ts';
import { World } from '../../../../tools/simulate/machine/world.ts';
import { agentDocument, Desk } from '../desk.ts';
import { alarm, event, objects, operationIn } from '../scene.ts';
import { type Shape, shapes } from './shapes.ts';

const ajv = new Ajv({ allErrors: true, strict: false });

interface Checked extends Shape {
  readonly pattern: RegExp;
  readonly checkRequest: ValidateFunction;
  readonly checkAnswer: ReadonlyMap<number, ValidateFunction>;
}

const checked: readonly Checked[] = shapes.map((shape) => ({
  ...shape,
  pattern: new RegExp(`^${shape.path.replaceAll('*', '[^/]+')}$`),
  checkRequest: ajv.compile(shape.request ?? { type: 'null' }),
  checkAnswer: new Map(Object.entries(shape.answers).map(([status, schema]) => [Number(status), ajv.compile(schema)])),
}));

function shapeOf({ method, path }: LoggedRequest): Checked | undefined {
  const plain = path.split('?', 1)[0] ?? '';
  return checked.find((each) => each.method === method && each.pattern.test(plain));
}

/** What is wrong with a line of the log; undefined when nothing is. */
function fault(line: LoggedRequest): string | undefined {
  const name = `${line.method} ${line.path} ${line.status}`;
  const shape = shapeOf(line);
  const checkAnswer = shape?.checkAnswer.get(line.status ?? 0);
  if (shape === undefined || checkAnswer === undefined) return `${name}: not in the table`;
  const { request, response } = line;
  if (request === undefined || response === undefined) return `${name}: nothing is kept of it`;
  const sent = request.body === '' ? null : JSON.parse(request.body);
  if (!shape.checkRequest(sent)) return `${name}: request ${request.body}: ${told(shape.checkRequest.errors)}`;
  // Without Accept there is no body (OpenAPI, Accept).
  const isBare = request.headers['accept'] === undefined && line.status !== undefined && line.status < 300;
  if (isBare && line.method !== 'GET') return response.body === '' ? undefined : `${name}: a body nobody asked for`;
  const answered = response.body === '' ? null : JSON.parse(response.body);
  return checkAnswer(answered) ? undefined : `${name}: answer ${response.body}: ${told(checkAnswer.errors)}`;
}

function told(errors: readonly ErrorObject[] | null | undefined): string {
  return (errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message}`).join('; ');
}

/** Collects what is wrong and which entries of the table were met. */
class Watch {
  readonly faults = new Set<string>();
  readonly met = new Set<string>();
  lines = 0;

  readonly see = (line: LoggedRequest): void => {
    // A held poll that its device has left has no answer.
    if (line.status === 0) return;
    this.lines += 1;
    const found = fault(line);
    if (found !== undefined) this.faults.add(found);
    const shape = shapeOf(line);
    if (shape !== undefined) this.met.add(`${shape.method} ${shape.path} ${line.status}`);
  };
}

const hourMs = 3_600_000;

test('two days of a device with children, operations, alarms and a restart', (t) => {
  const watch = new Watch();
  let board: AppBoard | undefined;
  const world = new World({
    keepExchanges: 0,
    config: { measurementInterval: '60' },
    app: (started) => {
      board = started;
      for (const id of ['c1', 'c2']) started.child(id, { name: id, type: 'x_Child' });
    },
  });
  world.platform.core.onRequest = watch.see;
  world.start();
  world.run(hourMs);
  for (let hour = 0; hour < 48; hour++) {
    const id = world.object?.id ?? '';
    const orders = [
      { c8y_Command: { text: 'help' } },
      { c8y_MeasurementRequestOperation: {} },
      { c8y_SendConfiguration: {} },
      { c8y_Configuration: { config: 'measurementInterval=30' } },
      { c8y_Configuration: { config: 'nonsense=30' } },
      { x_Unknown: {} },
      ...(hour % 12 === 0 ? [{ c8y_Restart: {} }] : []),
    ];
    for (const order of orders) createOperation(world.platform, id, order);
    const child = findDevice(world.platform, `${world.device.deviceId}:c1`)?.id;
    if (child !== undefined) createOperation(world.platform, child, { x_Unknown: {} });
    board?.measure('x_One', { x_One: { a: { value: hour, unit: 'V' } } });
    for (let each = 0; each < 3; each++) board?.measure('x_Many', { x_Many: { b: { value: each } } });
    board?.event('x_Event', `hour ${hour}`);
    if (hour % 2 === 0) board?.alarm('x_Alarm', 'MAJOR', 'too warm');
    else board?.clear('x_Alarm');
    world.run(hourMs);
  }
  world.finish();
  t.deepEqual([...watch.faults], []);
  t.true(watch.lines > 1000, `${watch.lines} exchanges`);
  for (const needed of [
    'POST /devicecontrol/deviceCredentials 200',
    'POST /identity/globalIds/*/externalIds 201',
    'POST /inventory/managedObjects/*/childDevices 201',
    'PUT /devicecontrol/operations/* 200',
    'POST /alarm/alarms 201',
    'PUT /alarm/alarms/* 200',
  ]) {
    t.true(watch.met.has(needed), needed);
  }
});

test('what people and other clients read and write', (t) => {
  const watch = new Watch();
  const desk = new Desk();
  desk.platform.core.onRequest = watch.see;
  const device = desk.device('d1');
  const { user, id } = device;
  const child = desk.child(device, 'c1');
  const clientId = desk.listen(device);
  const held = desk.connect(user, clientId);
  operationIn({ desk, user, id }, 'SUCCESSFUL', { c8y_Restart: {} });
  t.true(held.isEnded);
  desk.send('POST', '/event/events', { as: user, body: event(id) });
  const raised = desk.send('POST', '/alarm/alarms', { as: user, body: alarm(child) }).id;
  desk.send('PUT', `/alarm/alarms/${raised}`, { as: user, body: { status: 'CLEARED' } });
  const { text: _text, ...body } = event(id, { f: { s: { value: 1 } } });
  desk.send('POST', '/measurement/measurements', { as: user, body });
  const headers = { 'content-type': 'application/vnd.com.nsn.cumulocity.measurementcollection+json' };
  desk.send('POST', '/measurement/measurements', { as: user, body: { measurements: [body, body] }, headers });
  for (const path of [
    objects,
    `${objects}/${id}`,
    `${objects}/${id}/childDevices`,
    `/identity/globalIds/${id}/externalIds`,
    '/identity/externalIds/c8y_Serial/d1',
    '/event/events?withTotalPages=true&withTotalElements=true',
    '/alarm/alarms?pageSize=1&currentPage=2',
    '/measurement/measurements?pageSize=1&currentPage=2',
    `/devicecontrol/operations?agentId=${id}`,
    '/devicecontrol/operations/1',
    `${objects}/1`,
  ]) {
    desk.send('GET', path);
  }
  desk.send('POST', objects, { body: agentDocument('d2') });
  desk.send('PUT', `${objects}/${id}`, { as: user, body: {} });
  desk.send('DELETE', `${objects}/${id}/childDevices/${child}`);
  desk.send('DELETE', `${objects}/${child}`);
  deleteObject(desk.platform, id);
  t.deepEqual([...watch.faults], []);
  t.deepEqual(desk.broken, []);
});

/** Every member that a document must have. */
function required(schema: unknown): string[] {
  return (schema as { required?: string[] } | undefined)?.required ?? [];
}

test('a document without a member that it must have is seen, in requests and in answers', (t) => {
  const desk = new Desk();
  const { user, id } = desk.device('d1');
  desk.send('POST', '/event/events', { as: user, body: event(id) });
  desk.send('POST', '/alarm/alarms', { as: user, body: alarm(id) });
  desk.send('GET', `${objects}/${id}`, { as: user });
  desk.send('PUT', operationIn({ desk, user, id }, 'PENDING'), { as: user, body: { status: 'EXECUTING' } });
  let planted = 0;
  for (const line of desk.platform.requests) {
    const shape = shapeOf(line);
    if (shape === undefined || fault(line) !== undefined) continue;
    const sides = [
      [shape.request, shape.checkRequest, line.request?.body],
      [shape.answers[line.status ?? 0], shape.checkAnswer.get(line.status ?? 0), line.response?.body],
    ] as const;
    for (const [schema, check, body] of sides) {
      for (const name of required(schema)) {
        const { [name]: _gone, ...rest } = JSON.parse(body ?? '') as Record<string, unknown>;
        t.false(check?.(rest), `${shape.method} ${shape.path} without ${name}`);
        t.false(check?.({ ...rest, [name]: [5] }), `${shape.method} ${shape.path} with another ${name}`);
        planted += 1;
      }
    }
  }
  t.true(planted > 40, `${planted} planted`);
});
