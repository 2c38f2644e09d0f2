import test from 'ava';
import { Addresses } from '../../../hal/esp32/addresses.ts';

test('a host is where it was found last', (t) => {
  const addresses = new Addresses();
  t.is(addresses.of('a'), undefined);
  addresses.keep('a', '10.0.0.1');
  addresses.keep('b', '10.0.0.2');
  addresses.keep('a', '10.0.0.3');
  t.is(addresses.of('a'), '10.0.0.3');
  t.is(addresses.of('b'), '10.0.0.2');
});

test('it knows four, those found last', (t) => {
  const addresses = new Addresses();
  for (const host of ['a', 'b', 'c', 'd', 'a', 'e']) addresses.keep(host, `address of ${host}`);
  t.is(addresses.of('b'), undefined);
  for (const host of ['a', 'c', 'd', 'e']) t.is(addresses.of(host), `address of ${host}`);
});
