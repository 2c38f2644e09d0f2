import test, { type ExecutionContext } from 'ava';
import { createObject, createOperation, measurementsOf } from '../../tools/platform/operator.ts';
import { simulatedIdentity } from '../../tools/simulate/identity.ts';
import { Injector } from '../../tools/simulate/injector.ts';
import { Invariants } from '../../tools/simulate/invariants.ts';
import { Life } from '../../tools/simulate/life.ts';
import { scenarioOf } from '../../tools/simulate/scenario.ts';

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

function records(life: Life) {
  return measurementsOf(life.world.platform, life.world.object?.id ?? '');
}

test('I1: a second end, and none', (t) => {
  sees(t, /^I1/, ({ operations }) => operations[0]?.history.push({ status: 'FAILED', timeMs: 0 }));
  sees(t, /^I1: .* still PENDING/, (life) => {
    const operation = createOperation(life.world.platform, life.world.object?.id ?? '', { x_Work: {} });
    life.operations.push(operation);
  });
});

test('I1: a success that nobody has worked for', (t) => {
  sees(t, /^I1: .* never done/, ({ plant }) => plant.told.splice(0));
});

test('I2: work that was begun twice', (t) => {
  sees(t, /^I2/, ({ plant, operations }) => plant.begun.set(operations[0]?.id ?? '', 2));
});

test('I3: a sample that is not there, one that is there twice, an event, an alarm', (t) => {
  sees(t, /^I3: 1 samples are lost/, (life) => {
    life.world.platform.core.measurements.delete(records(life)[1]?.id ?? '');
  });
  sees(t, /^I3: 1 batches came twice/, (life) => {
    const record = records(life)[1];
    if (record !== undefined) life.world.platform.core.measurements.set('again', { ...record, id: 'again' });
  });
  sees(t, /^I3: 1 events are lost/, (life) => life.world.platform.core.events.clear());
  sees(t, /^I3: 0 alarms are active/, (life) => {
    life.plant.alarming = true;
  });
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
