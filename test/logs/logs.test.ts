// SPDX-License-Identifier: Apache-2.0
/** `c8y_LogfileRequest`: what people ask for of a log, and what they get. */

import test from 'ava';
import { bodyOf, calls, createWorld, objectOf, settle } from '../agent/scene.ts';
import { ask, createLogged, eventOf, fileOf, LINE, linesOf, order, says, throwing, type Wish } from './scene.ts';

const minuteMs = 60_000;

test('the whole log is the attachment of an event, and the operation ends as the certification wants it', (t) => {
  const world = createLogged(t);
  const wish = { logFile: 'agent', dateFrom: '2026-01-01T00:00:00+0100', dateTo: '2046-01-01T00:00:00+0000' };
  const operation = ask(world, { ...wish, searchText: '', maximumLines: 1000 });
  t.is(operation.failureReason, undefined);
  t.deepEqual(
    operation.history.map(({ status }) => status),
    ['PENDING', 'EXECUTING', 'SUCCESSFUL'],
  );
  const event = eventOf(world, operation);
  t.like(event?.fragments, { type: 'c8y_LogfileRequest', text: `Log agent for operation ${operation.id}` });
  t.like(event?.binary, { mediaType: 'text/plain; charset=utf-8', name: 'agent.log' });
  const end = bodyOf(calls(world, 'PUT', `/devicecontrol/operations/${operation.id}`).at(-1));
  t.deepEqual(end['c8y_LogfileRequest'], {
    ...wish,
    searchText: '',
    maximumLines: 1000,
    file: `https://platform.test/event/events/${event?.id}/binaries`,
  });
  const [head, ...lines] = fileOf(world, operation).trimEnd().split('\n');
  t.is(head, `# agent: ${lines.length} lines`);
  for (const line of lines) t.regex(line, LINE);
  t.regex(lines[0] ?? '', /Z start 1 \(power-on\), fractus 0\.0\.0$/);
  t.true(lines.some((line) => line.endsWith('info  listening for operations')));
});

test('the inventory lists the logs, on boards that have the room', (t) => {
  const { fragments } = objectOf(createLogged(t));
  t.deepEqual(fragments['c8y_SupportedLogs'], ['agent', 'crash']);
  t.true((fragments['c8y_SupportedOperations'] as string[]).includes('c8y_LogfileRequest'));
  for (const nor of [undefined, { sectors: 8 }]) {
    const world = createLogged(t, { machine: { nor } });
    t.false(Object.hasOwn(objectOf(world).fragments, 'c8y_SupportedLogs'));
    t.false((objectOf(world).fragments['c8y_SupportedOperations'] as string[]).includes('c8y_LogfileRequest'));
  }
});

test('a board without `logs()` says nothing of them, and leaves their place alone', (t) => {
  const world = createWorld(t, { machine: { nor: { sectors: 16 } } });
  world.start();
  settle(world);
  t.false(Object.hasOwn(objectOf(world).fragments, 'c8y_SupportedLogs'));
  t.deepEqual(world.device.machine.nor?.programs.slice(2, 4), [0, 0]);
});

/** With the text that each has alone. */
const textsOf = (lines: readonly string[]) => lines.map((line) => line.replace(/^\S+ \S+ +/, ''));

test('by text, whatever its case, and by level', (t) => {
  const world = createLogged(t);
  for (const line of ['the valve opens', 'The Valve is stuck', 'nothing', 'Ventil öffnet']) says(world, line);
  says(world, 'no pressure', 'error');
  t.deepEqual(textsOf(linesOf(world, { searchText: 'vALVe' })), ['the valve opens', 'The Valve is stuck']);
  t.deepEqual(textsOf(linesOf(world, { searchText: 'ÖFFNET' })), ['Ventil öffnet']);
  t.deepEqual(textsOf(linesOf(world, { searchText: 'error' })), ['no pressure']);
  t.deepEqual(linesOf(world, { searchText: 'neither here nor there' }), []);
});

test('the newest of them, as many as are wanted', (t) => {
  const world = createLogged(t);
  for (let i = 0; i < 20; i++) says(world, `line ${i}`);
  const operation = ask(world, { searchText: 'line ', maximumLines: 3 });
  t.regex(fileOf(world, operation), /^# agent: 3 lines, the newest of 20\n.*line 17\n.*line 18\n.*line 19\n$/);
  t.is(linesOf(world, { searchText: 'line ', maximumLines: '7' }).length, 7);
  t.is(linesOf(world, { searchText: 'line ', maximumLines: 1e9 }).length, 20);
});

test('an excerpt is chosen by times in any zone', (t) => {
  const world = createLogged(t);
  const texts: string[] = [];
  for (let i = 0; i < 5; i++) {
    says(world, `hour ${i}`);
    // The clock of the device is some moments late.
    texts.push(new Date(world.time.epochMs - 5000).toISOString());
    world.run(60 * minuteMs);
  }
  const zoned = (at: number, hours: number, zone: string) =>
    new Date(Date.parse(texts[at] ?? '') + hours * 3_600_000).toISOString().replace('Z', zone);
  const later = (text = '') => new Date(Date.parse(text) + 60_000).toISOString();
  const wish = { searchText: 'hour' };
  t.deepEqual(textsOf(linesOf(world, { ...wish, dateFrom: texts[1] ?? '', dateTo: later(texts[3]) })), [
    'hour 1',
    'hour 2',
    'hour 3',
  ]);
  t.deepEqual(textsOf(linesOf(world, { ...wish, dateFrom: zoned(3, 1, '+0100') })), ['hour 3', 'hour 4']);
  t.deepEqual(textsOf(linesOf(world, { ...wish, dateTo: zoned(1, -5.5, '-05:30') })), ['hour 0']);
  t.deepEqual(linesOf(world, { ...wish, dateFrom: '2040-01-01T00:00:00Z' }), []);
});

test('an invalid request fails with the allowed values, and sends nothing', (t) => {
  const world = createLogged(t);
  const cases: [Wish, RegExp][] = [
    [{ logFile: 'syslog' }, /^logFile: "syslog" is not there; allowed: agent, crash$/],
    [{ logFile: '../../etc/passwd' }, /^logFile: ".+" is not there/],
    [{ logFile: 'x'.repeat(1000) }, /^logFile: "x{60}" is not there/],
    [{ logFile: '' }, /^logFile: "" is not there/],
    [{ logFile: undefined as never }, /^logFile: "" is not there/],
    [{ dateFrom: 'yesterday' }, /^dateFrom, dateTo: allowed are times like/],
    [{ dateTo: '2026-02-30T00:00:00Z' }, /^dateFrom, dateTo: allowed/],
    [{ dateTo: '2026-02-03T00:00:00' }, /^dateFrom, dateTo: allowed/],
    [{ dateFrom: '2026-02-03T00:00:00Z', dateTo: '2026-02-03T00:00:00+0100' }, /^dateFrom: is later than dateTo$/],
    [{ maximumLines: 0 }, /^maximumLines: allowed is 1 or more$/],
    [{ maximumLines: -1 }, /^maximumLines/],
    [{ maximumLines: 'many' }, /^maximumLines/],
  ];
  for (const [wish, reason] of cases) {
    const operation = ask(world, wish);
    t.is(operation.status, 'FAILED');
    t.regex(operation.failureReason ?? '', reason);
  }
  t.is(calls(world, 'POST', '/event/events/*/binaries').length, 0);
  t.true(linesOf(world, { dateFrom: '', dateTo: ' ', maximumLines: '' }).length > 5);
});

test('lines of starts before, with their times, also of one that had no clock', (t) => {
  const world = createLogged(t);
  says(world, 'first start');
  world.device.reboot();
  settle(world);
  world.device.linkDown();
  world.device.reboot();
  world.run(30_000);
  const darkMs = world.time.epochMs;
  says(world, 'in the dark');
  world.run(30_000);
  world.device.reboot();
  world.device.linkUp();
  settle(world);
  const lines = linesOf(world, {});
  const starts = lines.filter((line) => /Z start /.test(line));
  t.deepEqual(
    starts.map((line) => line.replace(/^.* start (\d+).*$/, '$1')),
    ['1', '2', '3', '4'],
  );
  const dark = lines.find((line) => line.includes('in the dark')) ?? '';
  // It never learned the time: the latest that it can be.
  t.true(dark.startsWith('~'));
  t.true(Date.parse(dark.slice(1, 25)) >= darkMs);
  const times = lines.map((line) => Date.parse(line.replace('~', '').slice(0, 24)));
  t.deepEqual(
    times,
    [...times].sort((a, b) => a - b),
  );
  t.true(Math.abs((times[0] ?? 0) - world.time.epochMs) < 3_600_000);
});

test('the lines before a crash, and what was thrown, are in the log, and alone in `crash`', (t) => {
  const { app, throw: crash } = throwing();
  const world = createLogged(t, { app });
  world.toleratesPanics = true;
  t.regex(fileOf(world, ask(world, { logFile: 'crash' })), /^# crash: 0 lines; no crash is in the log\n$/);
  world.device.reboot();
  settle(world);
  says(world, 'the last thing before');
  crash();
  world.run(minuteMs);
  settle(world);
  says(world, 'something later');
  world.device.reboot();
  settle(world);
  const lines = linesOf(world, { logFile: 'crash' });
  t.regex(lines[0] ?? '', / start 2 \(power-on\)/);
  t.deepEqual(textsOf(lines.slice(-3)), [
    'the last thing before',
    'a callback has thrown: Error: the app has a defect',
    '3 (panic), fractus 0.0.0',
  ]);
  t.is(linesOf(world, { logFile: 'crash', maximumLines: 2 }).length, 2);
  t.true(linesOf(world).length > lines.length);
});

test('a watchdog is a crash, too; a restart that was asked for is none', (t) => {
  const world = createLogged(t);
  const { machine } = world.device;
  says(world, 'hangs now');
  machine.restart('the watchdog', 'watchdog');
  world.run(minuteMs);
  settle(world);
  machine.restart('as asked', 'software');
  world.run(minuteMs);
  settle(world);
  t.regex(linesOf(world, { logFile: 'crash' }).at(-1) ?? '', / start 2 \(watchdog\)/);
});

test('nothing is written on an idle day', (t) => {
  const world = createLogged(t);
  world.run(10 * minuteMs);
  const { nor } = world.device.machine;
  const ofLog = () => Buffer.from(nor?.bytes.subarray(2 * 4096, 4 * 4096) ?? []).toString('hex');
  const before = ofLog();
  t.not(before, 'ff'.repeat(2 * 4096));
  world.run(24 * 60 * minuteMs);
  t.is(ofLog(), before);
});

test('a log file contains no secret', (t) => {
  const world = createLogged(t);
  const user = [...world.platform.core.users.values()].find(({ name }) => name === world.device.user);
  const file = fileOf(world, ask(world));
  t.true(file.length > 500);
  t.false(file.includes(world.device.config['bootstrapPassword'] ?? ''));
  t.true((user?.password ?? '').length > 8);
  t.false(file.includes(user?.password ?? ''));
});

test('lines that come while it is sent are not in it, and those that go meanwhile cost nothing but time', (t) => {
  const world = createLogged(t);
  for (let i = 0; i < 50; i++) says(world, `line ${i} ${'x'.repeat(60)}`, 'warn');
  world.run(120 * minuteMs);
  world.network.windowBytes = 512;
  const operation = order(world, { searchText: 'line ' });
  world.runUntil(() => operation.status === 'EXECUTING', minuteMs);
  world.run(300);
  // Enough for a sector to go.
  for (let i = 50; i < 90; i++) says(world, `line ${i} ${'x'.repeat(60)}`, 'error');
  world.runUntil(() => operation.status === 'SUCCESSFUL', 10 * minuteMs);
  const lines = fileOf(world, operation).trimEnd().split('\n').slice(1);
  const numbers = lines.map((line) => Number(/line (\d+)/.exec(line)?.[1]));
  const [first = 0] = numbers;
  t.true(first > 0, 'the oldest have gone');
  t.deepEqual(
    numbers,
    numbers.map((_, i) => first + i),
  );
});

test('the reason of a failed upload is in the operation and in the log', (t) => {
  const world = createLogged(t);
  world.platform.order({ kind: 'status', status: 413, method: 'POST', path: '/event/events/*/binaries' });
  const operation = ask(world);
  t.is(operation.failureReason, 'upload: HTTP 413');
  t.true(linesOf(world).some((line) => line.includes('FAILED: upload: HTTP 413')));
});

test('a power cut at any moment: one event with one log, and the operation says where', (t) => {
  for (let cutMs = 0; cutMs < 400; cutMs += 10) {
    const world = createLogged(t);
    const operation = order(world);
    world.run(cutMs);
    world.device.reboot();
    world.runUntil(() => operation.status === 'SUCCESSFUL', 10 * minuteMs);
    const events = [...world.platform.core.events.values()].filter(
      ({ fragments }) => fragments['type'] === 'c8y_LogfileRequest',
    );
    t.is(events.length, 1, `${cutMs} ms`);
    t.is(events[0]?.id, eventOf(world, operation)?.id, `${cutMs} ms`);
    t.true(fileOf(world, operation).includes('listening for operations'));
  }
});
