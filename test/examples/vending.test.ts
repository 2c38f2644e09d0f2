// SPDX-License-Identifier: Apache-2.0

import test from 'ava';
import { createApp } from '../../examples/vending/app.ts';
import { alarmsOf, createOperation, eventsOf, measurementsOf } from '../../tools/platform/operator.ts';
import { World } from '../../tools/simulate/machine/world.ts';

class FakeMachine {
  cups = 3;
  onSold: ((drink: string) => void) | undefined;
  onJam: ((jammed: boolean) => void) | undefined;

  sell(drink: string): void {
    this.cups -= 1;
    this.onSold?.(drink);
  }
}

function createVending() {
  const machine = new FakeMachine();
  const world = new World({ app: createApp(machine) });
  world.start();
  world.runUntil(() => world.object !== undefined, 60_000);
  return { machine, world, platform: world.platform, id: world.object?.id ?? '' };
}

test('a sale is an event, a measurement and a change of the inventory', (t) => {
  const { machine, world, platform, id } = createVending();
  t.deepEqual(world.object?.fragments['acme_Stock'], { cups: 3 });
  machine.sell('Espresso');
  world.run(10_000);
  const sale = eventsOf(platform, id).find(({ fragments }) => fragments['type'] === 'acme_Sale');
  t.is(sale?.fragments['text'], 'Espresso sold');
  t.deepEqual(sale?.fragments['acme_Sale'], { drink: 'Espresso' });
  const [measurement] = measurementsOf(platform, id);
  t.deepEqual(measurement?.fragments['acme_Stock'], { cups: { value: 2, unit: 'cups' } });
  t.deepEqual(world.object?.fragments['acme_Stock'], { cups: 2 });
  world.finish();
});

test('the platform knows where it stands', (t) => {
  const { world, platform, id } = createVending();
  world.run(10_000);
  t.deepEqual(world.object?.fragments['c8y_Position'], { lat: 51.2277, lng: 6.7735, alt: 38 });
  t.true(eventsOf(platform, id).some(({ fragments }) => fragments['type'] === 'c8y_LocationUpdate'));
  world.finish();
});

test('a jam is an alarm until it is over', (t) => {
  const { machine, world, platform, id } = createVending();
  machine.onJam?.(true);
  machine.onJam?.(true);
  world.run(10_000);
  t.deepEqual(
    alarmsOf(platform, id).map(({ fragments }) => fragments['status']),
    ['ACTIVE'],
  );
  machine.onJam?.(false);
  world.run(10_000);
  t.is(alarmsOf(platform, id)[0]?.fragments['status'], 'CLEARED');
  world.finish();
});

test('it has a command of its own', (t) => {
  const { world, platform, id } = createVending();
  const operation = createOperation(platform, id, { c8y_Command: { text: 'cups' } });
  world.runUntil(() => operation.status === 'SUCCESSFUL', 10_000);
  t.deepEqual(operation.fragments['c8y_Command'], { text: 'cups', result: '3 cups' });
  world.finish();
});
