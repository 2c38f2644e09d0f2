// SPDX-License-Identifier: Apache-2.0

import test, { type ExecutionContext } from 'ava';
import type { AlarmRecord, DataRecord, JsonObject, ManagedObject, Operation } from '../../tools/platform/model.ts';
import { createObject, createOperation, measurementsOf } from '../../tools/platform/operator.ts';
import { Injector } from '../../tools/simulate/faults/injector.ts';
import { Invariants } from '../../tools/simulate/invariants/invariants.ts';
import { simulatedIdentity } from '../../tools/simulate/machine/identity.ts';
import { activeAlarms, Life } from '../../tools/simulate/machine/life.ts';
import { scenarioOf } from '../../tools/simulate/scenarios/scenario.ts';

const identity = await simulatedIdentity();

/** A calm life that is over but for what `spoil` does to it; the checks have to see it. */
function sees(t: ExecutionContext, expected: RegExp, spoil: (life: Life) => void, scenario = 'work'): void {
  const life = new Life({ scenario: scenarioOf(scenario), seed: 1, identity });
  const injector = new Injector({ world: life.world, device: life.device, faults: [], random: life.random });
  const invariants = new Invariants({ life, injector, refusals: 0 });
  const live = () => {
    injector.arm();
    life.begin();
    life.world.runUntil(() => life.done, 600_000);
    life.world.run(30_000);
    invariants.afterEvent();
    spoil(life);
    invariants.afterEvent();
    invariants.atEnd();
  };
  t.throws(live, { message: expected });
}

function end({ operations }: Life, status: 'SUCCESSFUL' | 'FAILED', reason: string | undefined): void {
  const operation = operations[0] as Operation;
  operation.status = status;
  operation.failureReason = reason;
  // In the place of the end that it had.
  Object.assign(operation.history.at(-1) ?? {}, { status });
}

function startWhileExecuting({ operations, plant }: Life): void {
  plant.starts.push(operations[0]?.history.at(-1)?.timeMs ?? 0);
}

function records(life: Life) {
  return measurementsOf(life.world.platform, life.world.object?.id ?? '');
}

test('I1: a second end, and a missing end', (t) => {
  sees(t, /^I1/, ({ operations }) => operations[0]?.history.push({ status: 'FAILED', timeMs: 0 }));
  sees(t, /^I1: .* still PENDING/, (life) => {
    const operation = createOperation(life.world.platform, life.world.object?.id ?? '', { x_Work: {} });
    life.operations.push(operation);
  });
});

test('I1: a success that nobody has worked for, and a failure of work that was done', (t) => {
  sees(t, /^I1: .* never done/, ({ plant }) => plant.worked.clear());
  sees(t, /^I1: .* was done and noted, and FAILED/, (life) => {
    end(life, 'FAILED', 'the device restarted before the operation was finished');
    startWhileExecuting(life);
  });
});

test('I1: reasons that cannot be true', (t) => {
  for (const reason of [
    'the device restarted before the operation was begun',
    'the device restarted before the operation was finished',
    'the device lost power before it could restart as asked',
    'the flash refused to note the restart, so the device did not restart',
    'this device has no such child',
    'cancelled',
    'whatever',
  ]) {
    sees(t, /^I1: .* FAILED, and why not/, (life) => end(life, 'FAILED', reason));
  }
  sees(t, /^I1: .* FAILED, and why not/, (life) => end(life, 'FAILED', 'x_Unknown: no'), 'unknown');
  sees(t, /^I1: .* cannot have succeeded/, (life) => end(life, 'SUCCESSFUL', undefined), 'unknown');
});

test('I1: a restart that did not happen, and one too many', (t) => {
  sees(t, /^I1: .* there was no restart/, ({ plant }) => plant.starts.splice(1), 'restart');
  const forgetRestart = ({ device }: Life) => {
    device.machine.restarts.splice(0);
    device.machine.flash.values.delete('restart');
  };
  sees(t, /^I1: .* did not restart the device/, forgetRestart, 'restart');
  const loseCount = ({ plant }: Life) => plant.bootCounts.set(plant.starts.length, 0);
  sees(t, /^I1: .* the count of starts has not grown/, loseCount, 'restart');
  sees(
    t,
    /^I2: .* restarted the device 2 times/,
    ({ device, operations }) => device.machine.restarts.push(`operation ${operations[0]?.id}`),
    'restart',
  );
});

test('I1: the result of a command', (t) => {
  const result = (text: string | undefined) => (life: Life) => {
    const { fragments } = life.operations[0] as Operation;
    fragments['c8y_Command'] = { text: 'status', ...(text !== undefined && { result: text }) };
  };
  sees(t, /^I1: .* the result of status is undefined/, result(undefined), 'command');
  sees(t, /^I1: .* the result of status is "help: /, result('help: lists the commands\nstatus: how\n'), 'command');
});

test('guide steps 4 and 8: what the inventory shows', (t) => {
  const shows = (name: string, value: JsonObject) => (life: Life) => {
    (life.world.object as ManagedObject).fragments[name] = value;
  };
  sees(t, /^guide step 4: c8y_Hardware/, shows('c8y_Hardware', { serialNumber: 'another' }));
  sees(t, /^guide step 4: c8y_SupportedOperations/, shows('c8y_SupportedOperations', {}));
  sees(t, /^guide step 8/, shows('c8y_Configuration', { config: 'measurementInterval=20\n' }), 'configuration');
  sees(t, /^guide step 8/, shows('c8y_Configuration', {}), 'send-configuration');
});

test('I2: work that was begun twice', (t) => {
  sees(t, /^I2/, ({ plant, operations }) => plant.begun.set(operations[0]?.id ?? '', 2));
});

test('I3: a missing sample, a repeated sample, an event, an alarm', (t) => {
  sees(t, /^I3: 1 samples are lost/, (life) => {
    life.world.platform.core.measurements.delete(records(life)[1]?.id ?? '');
  });
  sees(t, /^I3: 1 batches came twice/, (life) => {
    const record = records(life)[1];
    if (record !== undefined) life.world.platform.core.measurements.set('again', { ...record, id: 'again' });
  });
  sees(t, /^I3: 1 events are lost/, (life) => life.world.platform.core.events.clear());
});

test('I3: a sample that was never taken, a sample of an unknown source, an event of another source', (t) => {
  sees(t, /^I3: sample \d+ of the board was never taken/, ({ plant }) => plant.taken.get('')?.splice(2));
  sees(t, /^I3: there are measurements of nobody/, (life) => {
    const record = records(life)[1];
    if (record !== undefined) life.world.platform.core.measurements.set('other', { ...record, sourceId: 'other' });
  });
  sees(t, /^I3: the event of operation \d+ is of other/, ({ world }) => {
    for (const [id, event] of world.platform.core.events) {
      world.platform.core.events.set(id, { ...event, sourceId: 'other' });
    }
  });
  sees(
    t,
    /^I3: the event of operation/,
    ({ world }) => {
      const { events } = world.platform.core;
      const [first, second] = [...events.values()].filter(({ fragments }) => fragments['type'] === 'x_Worked');
      if (first === undefined || second === undefined) return;
      events.set(first.id, { ...first, sourceId: second.sourceId });
      events.set(second.id, { ...second, sourceId: first.sourceId });
    },
    'line',
  );
});

test('I14: times that are wrong, and times that are said to be estimated', (t) => {
  const later = (ms: number) => (life: Life) => {
    for (const record of records(life)) record.timeMs += ms;
  };
  sees(t, /^I14: sample 1 of the board, taken at .*, is of /, later(3_600_000));
  sees(t, /^I14: .*, and by the clock it was/, later(1));
  sees(t, /^I14: .* by estimation, and the clock was known/, (life) => {
    const record = records(life).at(-1);
    if (record !== undefined) record.fragments['fractus_TimeEstimated'] = true;
  });
  sees(t, /^I14: the event of operation/, ({ world }) => {
    for (const event of world.platform.core.events.values()) event.timeMs += 3_600_000;
  });
  sees(t, /^I14: the clock says/, ({ device }) => device.machine.hal?.clock.set(Date.UTC(2030, 0, 1)));
  // What was sampled before the time was known has it to within the tolerance, or says that it has not.
  sees(t, /^I14: sample \d+ of the board/, (life) => estimated(life)?.forEach(forget), 'dark');
  sees(t, /^I14: .* by estimation/, (life) => estimated(life)?.forEach(delay), 'dark');
});

function estimated(life: Life): DataRecord[] {
  return records(life).filter(({ fragments }) => fragments['fractus_TimeEstimated'] === true);
}

function forget({ fragments }: DataRecord): void {
  delete fragments['fractus_TimeEstimated'];
}

function delay(record: DataRecord): void {
  record.timeMs += 600_000;
}

test('I15: an alarm that is missing, unwanted, or wrong', (t) => {
  const alarms = ({ world }: Life) => world.platform.core.alarms;
  const changed = (change: (alarm: AlarmRecord) => void) => (life: Life) => activeAlarms(life).forEach(change);
  sees(t, /^I15: 0 alarms are active/, (life) => alarms(life).clear(), 'alarm-raised');
  sees(
    t,
    /^I15: 1 alarms are active/,
    ({ plant }) => {
      plant.wish = undefined;
    },
    'alarm-raised',
  );
  sees(
    t,
    /^I15: the alarm is ACTIVE MINOR/,
    changed(({ fragments }) => {
      fragments['severity'] = 'MINOR';
    }),
    'alarm-escalated',
  );
  sees(
    t,
    /^I15: the alarm is ACTIVE MAJOR "small trouble"/,
    changed(({ fragments }) => {
      fragments['text'] = 'small trouble';
    }),
    'alarm-escalated',
  );
  sees(
    t,
    /^I15: the alarm was raised 2 times/,
    changed((alarm) => {
      alarm.count = 2;
    }),
    'alarm-raised',
  );
  sees(
    t,
    /^I14: the alarm, taken at/,
    changed((alarm) => {
      alarm.timeMs -= 3_600_000;
    }),
    'alarm-raised',
  );
});

test('I4: two samples in the wrong order', (t) => {
  sees(t, /^I4/, (life) => {
    const { measurements } = life.world.platform.core;
    const first = records(life)[0];
    if (first === undefined) return;
    measurements.delete(first.id);
    measurements.set(first.id, first);
  });
});

test('I5: credentials that are no longer there', (t) => {
  sees(
    t,
    /^I5/,
    ({ device }) => {
      device.machine.flash.values.delete('credentials');
      device.machine.flash.writes += 1;
    },
    'cold',
  );
});

test('I19: a certificate that is gone, spoilt, or was never proven', (t) => {
  const become = (value: (before: string) => string | undefined) => (life: Life) => {
    const { flash } = life.device.machine;
    const text = value(Buffer.from(flash.values.get('enrolled') ?? []).toString());
    if (text === undefined) flash.remove('enrolled');
    else flash.write('enrolled', Buffer.from(text));
  };
  for (const value of [() => undefined, (before: string) => before.slice(0, -200)])
    sees(t, /^I19: there is no certificate any more/, become(value), 'enrolment');
  const other = new Life({ scenario: scenarioOf('renewal'), seed: 7, identity });
  const { values } = other.device.machine.flash;
  sees(
    t,
    /^I19: a certificate is in use that was never proven/,
    become(() => Buffer.from(values.get('enrolled') ?? []).toString()),
    'enrolment',
  );
});

test('I6: a second object, and a breach of the protocol', (t) => {
  const another = (life: Life) => {
    createObject(life.world.platform, { c8y_IsDevice: {} }, life.device.user);
  };
  sees(t, /^I6/, another);
  sees(t, /^breach of header/, (life) => life.world.platform.malformed('a test'));
});

test('I10: too many requests', (t) => {
  sees(t, /^I10/, (life) => {
    // As if they had been made in this very moment.
    Object.defineProperty(life.world, 'requests', { get: () => 1000 });
  });
});

test('I7: a start that takes too many requests', (t) => {
  sees(t, /^I7/, (life) => {
    const before = life.world.requests;
    let looks = 0;
    life.device.reboot();
    Object.defineProperty(life, 'listening', { get: () => true });
    // Between the start and the poll, which are looked at one after the other.
    Object.defineProperty(life.world, 'requests', { get: () => before + 61 * ++looks });
  });
});
