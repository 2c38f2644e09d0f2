// SPDX-License-Identifier: Apache-2.0
/**
 * What must not compile of an author's app. Nothing of this runs: `npm run check` compiles it, and a line below an
 * expected error that compiles after all is one.
 */

import {
  type App,
  type AppBoard,
  type Capability,
  type Command,
  createAgent,
  type Hal,
  measurement,
  type Operation,
  type Sensor,
} from 'fractus';

const LEVEL = measurement({ type: 'level', fragments: { level: { L: { of: 'level', unit: 'm', decimals: 0 } } } });

export function measurements(): void {
  // @ts-expect-error: no type
  measurement({ fragments: { level: { L: { of: 'level' } } } });
  // @ts-expect-error: a series says which value it is
  measurement({ type: 'level', fragments: { level: { L: { unit: 'm' } } } });
  // @ts-expect-error: a fragment has series
  measurement({ type: 'level', fragments: { level: 1 } });
  // @ts-expect-error: the number of decimals is a number
  measurement({ type: 'level', fragments: { level: { L: { of: 'level', decimals: '0' } } } });
}

export function devices(board: AppBoard, sensor: Sensor): void {
  const child = board.child('meter', { name: 'Meter', requiredAvailabilityMin: 5 });
  child.reachable(false);
  board.sensor({ reports: LEVEL, sensor });
  // @ts-expect-error: only a child can be out of reach
  board.reachable(false);
  // @ts-expect-error: the board cannot be removed
  board.remove();
  // @ts-expect-error: a child has no children
  child.child('grandchild', {});
  // @ts-expect-error: commands are the board's
  child.command({ name: 'x', help: 'y', run: () => 'z' });
  // @ts-expect-error: a child has a definition, if an empty one
  board.child('valve');
  // @ts-expect-error: the id of a child stays
  child.childId = 'other';
  // @ts-expect-error: minutes are a number
  board.child('valve', { requiredAvailabilityMin: '5' });
  // @ts-expect-error: a sensor reports as a template says
  board.sensor({ sensor });
  // @ts-expect-error: a template is made by measurement()
  board.sensor({ reports: { type: 'level', fragments: {} }, sensor });
  // @ts-expect-error: a sensor has samples, and no promises of them
  board.sensor({ reports: LEVEL, sensor: { sample: async () => ({ level: 1 }) } });
  board.sensor({
    reports: LEVEL,
    sensor,
    // @ts-expect-error: a rule has a text
    rules: [{ of: 'level', above: 60, type: 'x_High', severity: 'MAJOR' }],
  });
  // @ts-expect-error: the agent, its machines and its flash are no author's business
  board.agent;
}

export function telling(board: AppBoard): void {
  board.alarm('x_High', 'MAJOR', 'high', { x_Level: { value: 3 } });
  board.fragment('x_Since', null);
  // @ts-expect-error: there is no such severity
  board.alarm('x_High', 'HIGH', 'high');
  // @ts-expect-error: an alarm has a text
  board.alarm('x_High', 'MAJOR');
  // @ts-expect-error: a text is a text
  board.event('x_Came', 5);
  // @ts-expect-error: a value is JSON, which a date is not
  board.fragment('x_Since', new Date());
  // @ts-expect-error: nor is a function
  board.event('x_Came', 'it came', { x_By: () => 1 });
  // @ts-expect-error: nor is nothing
  board.measure('x_Once', { x_Once: undefined });
  // @ts-expect-error: degrees are numbers
  board.position('51.2', '6.8');
}

export function operations(board: AppBoard): void {
  const run = (operation: Operation): void => operation.succeed();
  board.operation({ name: 'x_Work', run, repeatable: true, timeoutMs: 1000 });
  // @ts-expect-error: an operation has a name
  board.operation({ run });
  // @ts-expect-error: and somebody who carries it out
  board.operation({ name: 'x_Work' });
  // @ts-expect-error: a failure has a reason
  board.operation({ name: 'x_Work', run: (operation) => operation.fail() });
  board.operation({
    name: 'x_Work',
    run: (operation) => {
      // @ts-expect-error: the id of an operation stays
      operation.id = '1';
    },
  });
  board.command({ name: 'x', help: 'y', run: async () => 'z' });
  // @ts-expect-error: a command answers with a text
  board.command({ name: 'x', help: 'y', run: () => 7 });
  // @ts-expect-error: a command says what it is for
  const silent: Command = { name: 'x', run: () => 'z' };
  // @ts-expect-error: milliseconds are a number
  const late: Capability = { name: 'x', run, timeoutMs: '5' };
  void [silent, late];
}

export function agents(hal: Hal, app: App): void {
  createAgent({ hal, app, config: { url: 'https://platform.test', tenant: undefined } }).stop(() => {});
  // @ts-expect-error: an agent has an app
  createAgent({ hal, config: {} });
  // @ts-expect-error: values of a configuration are texts
  createAgent({ hal, app, config: { pollTimeout: 60 } });
  // @ts-expect-error: whoever ends it is told
  createAgent({ hal, app, config: {} }).stop();
  // @ts-expect-error: what is sold as a HAL is one
  createAgent({ hal: {}, app, config: {} });
  // @ts-expect-error: an app is called with its board
  createAgent({ hal, app: (board: string) => board, config: {} });
  // @ts-expect-error: what a start leads to is no promise
  createAgent({ hal, app, config: {} }).start().then();
}
