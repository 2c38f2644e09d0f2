import test from 'ava';
import { RecordGuard, type RecordState } from '../../../../hal/esp32/tls/records.ts';

const START: RecordState = { open: false, encrypted: false, resuming: false };
const RESUMING: RecordState = { ...START, resuming: true };
const ENCRYPTED: RecordState = { ...START, encrypted: true };
const OPEN: RecordState = { ...START, encrypted: true, open: true };

const HELLO = message(2, 40);
const CERTIFICATE = message(11, 3000);
const KEY_EXCHANGE = message(12, 300);
const DONE = message(14, 0);
const CHANGE = record(20, [1]);
const FINISHED = record(22, [9, 9, 9, 9]);

function message(type: number, length: number): number[] {
  return [type, 0, length >> 8, length & 0xff, ...new Array<number>(length).fill(type)];
}

function record(type: number, content: readonly number[]): Uint8Array {
  return new Uint8Array([type, 3, 3, content.length >> 8, content.length & 0xff, ...content]);
}

const handshake = (...messages: readonly (readonly number[])[]) => record(22, messages.flat());

test('a handshake passes as it comes: in one record, or one for each message', (t) => {
  const all = handshake(HELLO, CERTIFICATE, KEY_EXCHANGE, DONE);
  const single = new RecordGuard();
  t.deepEqual(single.take(all.slice(), START), all);
  t.deepEqual(single.take(CHANGE, START), CHANGE);
  t.deepEqual(single.take(FINISHED, ENCRYPTED), FINISHED);
  const each = new RecordGuard();
  for (const one of [HELLO, CERTIFICATE, KEY_EXCHANGE, DONE]) {
    t.deepEqual(each.take(handshake(one), START), handshake(one));
  }
});

test('messages split over records of any size come out whole', (t) => {
  const all = [HELLO, CERTIFICATE, KEY_EXCHANGE, DONE].flat();
  for (const size of [1, 2, 3, 4, 5, 100, 511, 1024, 3000]) {
    const guard = new RecordGuard();
    const out: number[] = [];
    for (let at = 0; at < all.length; at += size) {
      const whole = guard.take(record(22, all.slice(at, at + size)), START);
      if (whole === undefined) continue;
      t.is(((whole[3] ?? 0) << 8) | (whole[4] ?? 0), whole.length - 5);
      out.push(...whole.subarray(5));
    }
    t.deepEqual(out, all, `${size} bytes each`);
  }
});

test('a message comes once and in its order', (t) => {
  const orders = [
    [CERTIFICATE],
    [HELLO, HELLO],
    [HELLO, KEY_EXCHANGE, CERTIFICATE],
    // The second, unsigned, would take the place of the signed one.
    [HELLO, CERTIFICATE, KEY_EXCHANGE, KEY_EXCHANGE],
    [HELLO, CERTIFICATE, CERTIFICATE],
    [HELLO, DONE, CERTIFICATE],
    [HELLO, message(0, 0)],
    [HELLO, message(4, 10)],
    [HELLO, message(20, 12)],
  ];
  for (const order of orders) t.throws(() => new RecordGuard().take(handshake(...order), START));
});

test('encryption begins behind the handshake, or at once when a session goes on', (t) => {
  const early = new RecordGuard();
  t.throws(() => early.take(CHANGE, START));
  const halfway = new RecordGuard();
  halfway.take(handshake(HELLO, CERTIFICATE), START);
  t.throws(() => halfway.take(CHANGE, RESUMING));
  const resumed = new RecordGuard();
  resumed.take(handshake(HELLO), RESUMING);
  t.deepEqual(resumed.take(CHANGE, RESUMING), CHANGE);
  const fresh = new RecordGuard();
  fresh.take(handshake(HELLO), START);
  t.throws(() => fresh.take(CHANGE, START), undefined, 'none was offered');
});

test('data is data only when it is encrypted, and nothing else is then', (t) => {
  const data = record(23, [1, 2, 3]);
  const guard = new RecordGuard();
  t.throws(() => guard.take(data, START));
  t.throws(() => guard.take(data, ENCRYPTED), undefined, 'before Finished');
  t.deepEqual(guard.take(data, OPEN), data);
  t.deepEqual(guard.take(record(21, [1, 0]), OPEN), record(21, [1, 0]));
  t.throws(() => guard.take(handshake(message(0, 0)), OPEN), undefined, 'another handshake');
  t.throws(() => guard.take(CHANGE, OPEN));
});

test('an alert may come at any time', (t) => {
  const alert = record(21, [2, 40]);
  for (const state of [START, ENCRYPTED, OPEN]) t.deepEqual(new RecordGuard().take(alert, state), alert);
});

test('a handshake without end is cut off', (t) => {
  const guard = new RecordGuard();
  const endless = [11, 0xff, 0xff, 0xff, ...new Array<number>(16_000).fill(0)];
  guard.take(handshake(HELLO), START);
  t.is(guard.take(record(22, endless), START), undefined);
  t.throws(() => guard.take(record(22, endless), START));
});

test('what is no TLS is seen by its first bytes', (t) => {
  const guard = new RecordGuard();
  t.throws(() => guard.checkHeader(Buffer.from('HTTP/')));
  t.throws(() => guard.checkHeader(new Uint8Array([22, 3, 3, 0xff, 0])));
  t.notThrows(() => guard.checkHeader(new Uint8Array([22, 3, 1, 0x40, 0])));
});
