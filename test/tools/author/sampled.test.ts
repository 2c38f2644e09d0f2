// SPDX-License-Identifier: Apache-2.0
/** Names that no sample of a sensor has, and answers that are no text: told on the desk and in a test. */

import test from 'ava';
import { type App, measurement } from 'fractus';
import { World } from 'fractus/test';

const AIR = measurement({ type: 'acme_Air', fragments: { acme_Air: { T: { of: 'temperature' } } } });
const HOT = { above: 30, type: 'acme_Hot', severity: 'MAJOR', text: 'Hot' } as const;

/** What a test ends with whose sensor gives these samples, the last one again and again; undefined: it passes. */
function troubleOf(of: string, samples: readonly object[]): string | undefined {
  let taken = 0;
  const sensor = { sample: () => samples[Math.min(taken++, samples.length - 1)] as Record<string, unknown> };
  const app: App = (board) => board.sensor({ reports: AIR, sensor, rules: [{ ...HOT, of }] });
  const world = new World({ app, config: { measurementInterval: '10' } });
  world.connect();
  world.run(60_000);
  try {
    world.finish();
    return undefined;
  } catch (error) {
    return (error as Error).message.split('\n')[0];
  }
}

test('a rule that follows a name of no sample is the trouble of a test', (t) => {
  t.regex(
    troubleOf('temprature', [{ temperature: 20 }]) ?? '',
    /sensor for acme_Air: rule acme_Hot: no sample has temprature; there are: temperature; did you mean temperature\?$/,
  );
  t.regex(troubleOf('charge', [{ temperature: 20 }]) ?? '', /no sample has charge; there are: temperature$/);
  t.regex(troubleOf('temperature', [{ Temperature: 20 }]) ?? '', /rule acme_Hot: no sample has temperature/);
});

test('a name that one sample has is none, whatever its value is', (t) => {
  t.is(troubleOf('temperature', [{ temperature: NaN }]), undefined);
  t.is(troubleOf('charge', [{ temperature: 20 }, { temperature: 20, charge: 5 }]), undefined);
  t.is(troubleOf('charge', [Object.create({ temperature: 20, charge: 5 })]), undefined);
});

test('a sensor that gives nothing is none, because a part may be absent', (t) => {
  const app: App = (board) =>
    board.sensor({ reports: AIR, sensor: { sample: () => undefined }, rules: [{ ...HOT, of: 'temperature' }] });
  const world = new World({ app });
  world.connect();
  world.run(120_000);
  t.notThrows(() => world.finish());
});

test('a sample that is a promise is told with its sensor, once', (t) => {
  const sample = (async () => ({ temperature: 20 })) as unknown as () => undefined;
  const world = new World({ app: (board) => board.sensor({ reports: AIR, sensor: { sample } }) });
  world.connect();
  world.run(600_000);
  const told = world.device.lines.filter((line) => line.includes('a promise'));
  t.is(told.length, 1);
  t.regex(
    told[0] ?? '',
    /sensor for acme_Air: .*sample\(\) gives a promise; allowed: an object with numbers by name, at once/,
  );
});

test('a watched sensor is removed by the app, once for each of its declarations', (t) => {
  let taken = 0;
  const sensor = { sample: () => ({ temperature: taken++ }) };
  const WET = measurement({ type: 'acme_Wet', fragments: { acme_Wet: { h: { of: 'temperature' } } } });
  const app: App = (board) => {
    board.sensor({ reports: AIR, sensor });
    board.sensor({ reports: WET, sensor });
    board.removeSensor(sensor);
    board.removeSensor(sensor);
  };
  const world = new World({ app });
  world.connect();
  world.run(120_000);
  t.is(taken, 0);
  world.finish();
});

test('an answer that is no text fails with the name of its command', async (t) => {
  const answers: Readonly<Record<string, unknown>> = {
    object: { cups: 4 },
    number: 5,
    nothing: undefined,
    later: Promise.resolve({ cups: 4 }),
    right: Promise.resolve('4 cups'),
  };
  const app: App = (board) => {
    for (const [name, answer] of Object.entries(answers))
      board.command({ name, help: 'an answer', run: () => answer as string });
  };
  const world = new World({ app });
  world.connect();
  const reasonOf = async (text: string) => (await world.operateAsync({ c8y_Command: { text } })).failureReason;
  const allowed = 'is not allowed; allowed: a text';
  t.is(await reasonOf('object'), `command object: its answer: { cups } ${allowed}, or a promise of one`);
  t.is(await reasonOf('number'), `command number: its answer: 5 ${allowed}, or a promise of one`);
  t.is(await reasonOf('nothing'), `command nothing: its answer: undefined ${allowed}, or a promise of one`);
  t.is(await reasonOf('later'), `command later: its answer: { cups } ${allowed}`);
  t.is(await reasonOf('right'), undefined);
  world.finish();
});
