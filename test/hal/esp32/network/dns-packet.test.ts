// SPDX-License-Identifier: Apache-2.0

import test from 'ava';
import packet from 'dns-packet';
import { readAnswer, writeQuestion } from '../../../../hal/esp32/network/dns-packet.ts';
import { addressRecords, alias, dnsAnswer, RCODES } from '../../../support/name-server.ts';
import fc from '../../../support/property.ts';

const HOST = 'a.example';
const ASKED_WITHOUT_RECURSION = packet.RECURSION_DESIRED;

function ask(host = HOST): Uint8Array {
  const question = writeQuestion(host, (into) => into.set([0x12, 0x34]));
  if (question === undefined) throw new Error(`${host} is no name`);
  return question;
}

const question = ask();

/** Records made by hand where no encoder would make them. */
function answerOf(...records: readonly (readonly number[])[]): Uint8Array {
  const bytes = new Uint8Array([...question, ...records.flat()]);
  bytes[2] = 0x81;
  bytes[3] = 0x80;
  bytes[7] = records.length;
  return bytes;
}

/** With a name as it stands in the packet. */
const record = (name: readonly number[], type: number, data: readonly number[], length = data.length) => [
  ...name,
  ...[0, type, 0, 1, 0, 0, 0, 60, length >> 8, length & 0xff],
  ...data,
];

const ASKED = [0xc0, 12];
const ADDRESS = [192, 0, 2, 1];

test('other programs can read a question', (t) => {
  const { id, type, flags, questions, answers } = packet.decode(Buffer.from(question));
  t.is(id, 0x1234);
  t.is(type, 'query');
  t.is(flags, packet.RECURSION_DESIRED);
  t.deepEqual(questions, [{ name: HOST, type: 'A', class: 'IN' }]);
  t.deepEqual(answers, []);
  t.is(packet.decode(Buffer.from(ask('a.example.'))).questions[0]?.name, HOST);
});

test('an invalid DNS name is not asked for', (t) => {
  const label = 'a'.repeat(63);
  const longest = `${label}.${label}.${label}.${'b'.repeat(61)}`;
  t.is(packet.decode(Buffer.from(ask(longest))).questions[0]?.name, longest);
  for (const host of ['', '.', 'a..b', '.a', `${label}a`, `${longest}b`, 'a b', 'ä.example', 'a\n', 'a.example..']) {
    t.is(
      writeQuestion(host, () => {}),
      undefined,
      JSON.stringify(host),
    );
  }
});

test('the addresses, in the order of the server; the shortest time', (t) => {
  const records = [
    ...addressRecords(HOST, ['192.0.2.2'], 30),
    ...addressRecords(HOST, ['192.0.2.1', '192.0.2.2', '192.0.2.3']),
  ];
  t.deepEqual(readAnswer(dnsAnswer(question, records), question), {
    addresses: ['192.0.2.2', '192.0.2.1', '192.0.2.3'],
    ttlS: 30,
  });
});

test('four addresses and no more', (t) => {
  const all = Array.from({ length: 10 }, (_, i) => `192.0.2.${i + 1}`);
  const found = readAnswer(dnsAnswer(question, addressRecords(HOST, all)), question);
  t.deepEqual(found, { addresses: all.slice(0, 4), ttlS: 60 });
});

test('an address that is not of a single host does not count', (t) => {
  const records = addressRecords(HOST, ['0.0.0.0', '224.0.0.1', '255.255.255.255']);
  t.is(readAnswer(dnsAnswer(question, records), question), 'none');
  const found = readAnswer(dnsAnswer(question, [...records, ...addressRecords(HOST, ['10.0.0.1'])]), question);
  t.deepEqual(found, { addresses: ['10.0.0.1'], ttlS: 60 });
});

test('an invalid lifetime counts as 0', (t) => {
  const found = readAnswer(dnsAnswer(question, addressRecords(HOST, ['192.0.2.1'], 2 ** 31)), question);
  t.deepEqual(found, { addresses: ['192.0.2.1'], ttlS: 0 });
});

test('aliases are followed, in whatever order and case they come', (t) => {
  const records = [
    ...addressRecords('c.example.net', ['192.0.2.9', '192.0.2.8']),
    ...addressRecords('elsewhere.example', ['203.0.113.1']),
    alias('B.Example.Com', 'C.example.NET', 20),
    alias('A.EXAMPLE', 'b.example.com', 300),
  ];
  for (const each of [records, [...records].reverse()]) {
    const found = readAnswer(dnsAnswer(question, each), question);
    if (typeof found !== 'object') return t.fail(found);
    t.deepEqual([...found.addresses].sort(), ['192.0.2.8', '192.0.2.9']);
    t.is(found.ttlS, 20);
  }
});

test('addresses of names that nobody has asked for do not count', (t) => {
  t.is(readAnswer(dnsAnswer(question, addressRecords('b.example', ['192.0.2.1'])), question), 'none');
  t.is(readAnswer(dnsAnswer(question, addressRecords('a.example.net', ['192.0.2.1'])), question), 'none');
  t.is(readAnswer(dnsAnswer(question, addressRecords('example', ['192.0.2.1'])), question), 'none');
  const elsewhere = {
    authorities: addressRecords(HOST, ['192.0.2.1']),
    additionals: addressRecords(HOST, ['192.0.2.1']),
  };
  t.is(readAnswer(dnsAnswer(question, [], elsewhere), question), 'none');
  // With an alias, only those of the alias.
  const records = [alias(HOST, 'b.example'), ...addressRecords(HOST, ['192.0.2.1'])];
  t.is(readAnswer(dnsAnswer(question, records), question), 'none');
});

test('aliases in a circle, and too many of them, lead nowhere', (t) => {
  const circle = [alias(HOST, 'b.example'), alias('b.example', HOST), ...addressRecords('c.example', ['192.0.2.1'])];
  t.is(readAnswer(dnsAnswer(question, circle), question), 'none');
  const chain = (length: number) => [
    ...Array.from({ length }, (_, i) => alias(i === 0 ? HOST : `${i}.x`, `${i + 1}.x`)),
    ...addressRecords(`${length}.x`, ['192.0.2.1']),
  ];
  t.deepEqual(readAnswer(dnsAnswer(question, chain(8)), question), { addresses: ['192.0.2.1'], ttlS: 60 });
  t.is(readAnswer(dnsAnswer(question, chain(9)), question), 'none');
});

test('records of other types and classes are passed over', (t) => {
  const records = [
    { name: HOST, type: 'AAAA', ttl: 60, data: '2001:db8::1' },
    { name: HOST, type: 'A', class: 'CH', ttl: 60, data: '203.0.113.1' },
    { name: HOST, type: 'TXT', ttl: 60, data: 'text' },
    ...addressRecords(HOST, ['192.0.2.1']),
  ];
  t.deepEqual(readAnswer(dnsAnswer(question, records), question), { addresses: ['192.0.2.1'], ttlS: 60 });
});

test('a name that is not there is told from a server that fails or refuses', (t) => {
  const of = (rcode: number) =>
    readAnswer(dnsAnswer(question, addressRecords(HOST, ['192.0.2.1']), { rcode }), question);
  t.is(of(RCODES.nameError), 'none');
  t.is(of(RCODES.serverFailure), 'failed');
  t.is(of(RCODES.refused), 'failed');
  t.is(of(RCODES.formatError), 'failed');
});

test('no records: there is no address, unless the server only says where else to ask', (t) => {
  t.is(readAnswer(dnsAnswer(question, []), question), 'none');
  const asked = ASKED_WITHOUT_RECURSION;
  t.is(readAnswer(dnsAnswer(question, [], { flags: asked | packet.AUTHORITATIVE_ANSWER }), question), 'none');
  t.is(readAnswer(dnsAnswer(question, [], { flags: asked }), question), 'failed');
});

test('a truncated answer counts as far as it goes', (t) => {
  const flags = packet.RECURSION_AVAILABLE | packet.TRUNCATED_RESPONSE;
  t.is(readAnswer(dnsAnswer(question, [], { flags }), question), 'failed');
  const two = dnsAnswer(question, addressRecords(HOST, ['192.0.2.1', '192.0.2.2']), { flags });
  t.deepEqual(readAnswer(two.subarray(0, two.length - 1), question), { addresses: ['192.0.2.1'], ttlS: 60 });
  const whole = dnsAnswer(question, addressRecords(HOST, ['192.0.2.1', '192.0.2.2']));
  t.is(readAnswer(whole.subarray(0, whole.length - 1), question), undefined, 'it does not say that it is truncated');
});

test('an answer to another question does not count', (t) => {
  const right = dnsAnswer(question, addressRecords(HOST, ['192.0.2.1']));
  const changed = (at: number, to: number) => {
    const bytes = right.slice();
    bytes[at] = to;
    return readAnswer(bytes, question);
  };
  t.is(changed(0, 0x13), undefined, 'identity');
  t.is(changed(1, 0x35), undefined, 'identity');
  t.is(changed(2, 0x01), undefined, 'a question');
  t.is(changed(2, 0xa1), undefined, 'another operation');
  t.is(changed(5, 0), undefined, 'no question');
  t.is(changed(5, 2), undefined, 'two questions');
  t.is(changed(13, 'b'.charCodeAt(0)), undefined, 'another name');
  t.is(changed(question.length - 3, 28), undefined, 'another type');
  t.is(changed(question.length - 1, 3), undefined, 'another class');
  t.is(readAnswer(dnsAnswer(ask('b.example'), addressRecords('b.example', ['192.0.2.1'])), question), undefined);
  t.not(changed(13, 'A'.charCodeAt(0)), undefined, 'case does not matter');
});

test('names that share their ends', (t) => {
  const target = [1, 0x62, 0xc0, 14]; // b.example
  const targetAt = question.length + 12;
  const bytes = answerOf(record(ASKED, 5, target), record([0xc0, targetAt], 1, ADDRESS));
  t.deepEqual(readAnswer(bytes, question), { addresses: ['192.0.2.1'], ttlS: 60 });
  t.is(readAnswer(answerOf(record(ASKED, 5, target), record([0xc0, 14], 1, ADDRESS)), question), 'none');
});

test('a name that leads forward, to itself, in a circle, or out of the packet is refused', (t) => {
  /** By where the name begins. */
  const names: Readonly<Record<string, (at: number) => readonly number[]>> = {
    'to itself': (at) => [0xc0, at],
    forward: (at) => [0xc0, at + 20],
    'in a circle': (at) => [1, 0x61, 0xc0, at],
    'out of the packet': () => [0xff, 0xff],
    'into the header': () => [0xc0, 0],
    'a reserved length': () => [0x40, 0x61, 0],
    'another reserved length': () => [0x80, 0x61, 0],
  };
  for (const [what, name] of Object.entries(names)) {
    const at = question.length;
    t.is(readAnswer(answerOf(record(name(at), 1, ADDRESS)), question), undefined, what);
    t.is(readAnswer(answerOf(record(ASKED, 5, name(at + 12))), question), undefined, `as an alias: ${what}`);
  }
  t.deepEqual(readAnswer(answerOf(record(ASKED, 1, ADDRESS)), question), { addresses: ['192.0.2.1'], ttlS: 60 });
});

test('a name that is too long is refused', (t) => {
  const label = [63, ...new Array<number>(63).fill(0x61)];
  const long = [...label, ...label, ...label, ...label, 0];
  t.is(readAnswer(answerOf(record(long, 1, ADDRESS)), question), undefined);
  // 192 bytes, then those of the packet's own question behind a pointer.
  const fits = [...label, ...label, ...label, ...ASKED];
  t.is(readAnswer(answerOf(record(fits, 1, ADDRESS)), question), 'none');
});

test('data that is not as long as it must be makes the packet useless', (t) => {
  for (const length of [0, 3, 5, 16]) {
    t.is(readAnswer(answerOf(record(ASKED, 1, new Array<number>(length).fill(1))), question), undefined);
  }
  t.is(readAnswer(answerOf(record(ASKED, 1, ADDRESS, 60)), question), undefined, 'longer than the packet');
  t.is(readAnswer(answerOf(record(ASKED, 5, [1, 0x62, 0, 0])), question), undefined, 'an alias and something else');
  const fewer = answerOf(record(ASKED, 1, ADDRESS));
  fewer[7] = 2;
  t.is(readAnswer(fewer, question), undefined, 'fewer records than it says');
});

test('longer than 512 bytes is no answer over UDP', (t) => {
  const all = Array.from({ length: 40 }, (_, i) => `192.0.2.${i + 1}`);
  const long = dnsAnswer(question, addressRecords(HOST, all));
  t.true(long.length > 512);
  t.is(readAnswer(long, question), undefined);
});

test('any bytes at all are read without an error, and so is any damage to an answer', (t) => {
  const right = dnsAnswer(question, [
    alias(HOST, 'b.example'),
    ...addressRecords('b.example', ['192.0.2.1', '192.0.2.2']),
  ]);
  const bytes = fc.uint8Array({ maxLength: 300 });
  const damage = fc.array(fc.tuple(fc.nat(right.length - 1), fc.nat(255)), { minLength: 1, maxLength: 6 });
  t.notThrows(() => {
    fc.assert(fc.property(bytes, (any) => void readAnswer(any, question)));
    fc.assert(
      fc.property(bytes, (any) => {
        const tail = new Uint8Array([...answerOf(record(ASKED, 5, [1, 0x62, 0])), ...any]);
        tail[7] = 9;
        readAnswer(tail, question);
      }),
    );
    fc.assert(
      fc.property(damage, fc.nat(right.length), (changes, length) => {
        const bytes = right.slice();
        for (const [at, to] of changes) bytes[at] = to;
        readAnswer(bytes, question);
        readAnswer(right.subarray(0, length), question);
      }),
    );
  });
});
