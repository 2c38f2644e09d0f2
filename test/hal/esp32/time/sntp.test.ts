// SPDX-License-Identifier: Apache-2.0

import test from 'ava';
import fc from 'fast-check';
import type { UdpPort } from '../../../../hal/esp32/network/udp-port.ts';
import { readServers, Sntp, type SntpOptions } from '../../../../hal/esp32/time/sntp.ts';
import { readAnswer, writeRequest } from '../../../../hal/esp32/time/sntp-packet.ts';
import { type NtpAnswer, ntpAnswer } from '../../../support/ntp-server.ts';

const NOW_MS = Date.UTC(2026, 10, 24, 12);
const DAY_MS = 86_400_000;

/** A board with one socket and one timer, and a network that answers when a test says so. */
class World {
  ticks = 0;
  floorMs = Date.UTC(2026, 5, 1);
  random = 0;
  addresses: readonly string[] = ['192.0.2.1'];
  refusesToSend = false;
  readonly resolved: string[] = [];
  readonly sent: { readonly bytes: Uint8Array; readonly to: string; readonly ticks: number }[] = [];
  readonly times: number[] = [];
  readonly silent: string[] = [];
  readonly sntp: Sntp;
  openPorts = 0;
  /** The resolver does not answer before it is called. */
  resolveLater: (() => void) | undefined;
  isSlow = false;
  #due: { readonly ticks: number } | undefined;
  #onTimeout = () => {};
  #onDatagram: Parameters<SntpOptions['openPort']>[0] | undefined;

  constructor(servers = 'time.example') {
    this.sntp = new Sntp({
      servers: readServers(servers) ?? [],
      resolve: (host, onResolved) => {
        this.resolved.push(host);
        const answer = () => onResolved(this.addresses);
        if (this.isSlow) this.resolveLater = answer;
        else answer();
      },
      onSilent: (host, address) => this.silent.push(`${host} ${address}`),
      openPort: (onDatagram) => this.#open(onDatagram),
      createTimer: (onTimeout) => {
        this.#onTimeout = onTimeout;
        return {
          start: (delayMs) => {
            this.#due = { ticks: this.ticks + delayMs };
          },
          stop: () => {
            this.#due = undefined;
          },
        };
      },
      ticks: () => this.ticks,
      random: () => this.random,
      secureRandom: (into) => {
        for (let i = 0; i < into.length; i++) into[i] = Math.floor(Math.random() * 256);
      },
      onTime: (epochMs) => {
        if (epochMs < this.floorMs) return false;
        this.times.push(epochMs);
        return true;
      },
    });
  }

  get isIdle(): boolean {
    return this.#due === undefined;
  }

  run(ms: number): void {
    const end = this.ticks + ms;
    for (let due = this.#due; due !== undefined && due.ticks <= end; due = this.#due) {
      this.ticks = due.ticks;
      this.#due = undefined;
      this.#onTimeout();
    }
    this.ticks = end;
  }

  /** The last question. */
  get request(): Uint8Array {
    const last = this.sent.at(-1);
    if (last === undefined) throw new Error('nothing was sent');
    return last.bytes;
  }

  receive(bytes: Uint8Array, from = '192.0.2.1', port = 123): void {
    this.#onDatagram?.(bytes, from, port);
  }

  answer(nowMs = NOW_MS, answer: NtpAnswer = {}): void {
    this.receive(ntpAnswer(this.request, nowMs, answer));
  }

  #open(onDatagram: Parameters<SntpOptions['openPort']>[0]): UdpPort {
    this.openPorts += 1;
    this.#onDatagram = onDatagram;
    let isOpen = true;
    return {
      send: (bytes, address, port) => {
        if (this.refusesToSend) throw new Error('no route');
        this.sent.push({ bytes: bytes.slice(), to: `${address}:${port}`, ticks: this.ticks });
      },
      close: () => {
        if (isOpen) this.openPorts -= 1;
        isOpen = false;
        this.#onDatagram = undefined;
      },
    };
  }
}

function asked(servers?: string): World {
  const world = new World(servers);
  world.sntp.linkChanged(true);
  world.run(500);
  return world;
}

test('a question says nothing but that it is one, and no two are the same', (t) => {
  const { request, sent } = asked();
  t.is(request.length, 48);
  t.is(request[0], 0x23);
  t.true(request.subarray(1, 40).every((byte) => byte === 0));
  t.true(request.subarray(40).some((byte) => byte !== 0));
  t.notDeepEqual(request, asked().request);
  t.is(sent[0]?.to, '192.0.2.1:123');
});

test('nothing is asked before the link is up; the answer ends it for a day', (t) => {
  const world = new World();
  world.run(DAY_MS);
  t.deepEqual(world.resolved, []);
  world.sntp.linkChanged(true);
  world.run(500);
  world.run(100);
  world.answer(NOW_MS);
  t.deepEqual(world.times, [NOW_MS + 50], 'half of the way is on top');
  t.is(world.openPorts, 0);
  world.run(DAY_MS * 0.9 - 1);
  t.is(world.sent.length, 1);
  world.run(1);
  t.is(world.sent.length, 2);
});

test('what the server took for it is no part of the way', (t) => {
  const world = asked();
  world.run(500);
  world.answer(NOW_MS, { receivedMs: NOW_MS - 300 });
  t.deepEqual(world.times, [NOW_MS + 100]);
});

const REFUSED: readonly (readonly [string, NtpAnswer])[] = [
  ['a question', { mode: 3 }],
  ['a broadcast', { mode: 5 }],
  ['another version', { version: 3 }],
  ['a server without a time', { leap: 3 }],
  ['a server without a source', { stratum: 16 }],
  ['a stratum out of range', { stratum: 255 }],
  ['no time', { sentMs: -Infinity }],
  ['no time of arrival', { receivedMs: -Infinity }],
  ['sent before it was received', { receivedMs: NOW_MS + 10 }],
  ['held for longer than it took', { receivedMs: NOW_MS - 103 }],
  ['a time before the floor', { receivedMs: Date.UTC(2026, 0, 1), sentMs: Date.UTC(2026, 0, 1) }],
];

for (const [name, answer] of REFUSED) {
  test(`refused, and the right answer is still awaited: ${name}`, (t) => {
    const world = asked();
    world.run(100);
    world.answer(NOW_MS, answer);
    t.deepEqual(world.times, []);
    world.answer();
    t.deepEqual(world.times, [NOW_MS + 50]);
  });
}

test('refused: what does not come from where it was asked, or not in answer to this question', (t) => {
  const world = asked();
  const right = ntpAnswer(world.request, NOW_MS);
  world.receive(right, '192.0.2.2');
  world.receive(right, '192.0.2.1', 124);
  world.receive(right.subarray(0, 47));
  world.receive(new Uint8Array(0));
  for (let at = 24; at < 32; at++) {
    const wrong = right.slice();
    wrong[at] = (wrong[at] as number) ^ 1;
    world.receive(wrong);
  }
  t.deepEqual(world.times, []);
  world.receive(right);
  world.receive(right);
  t.deepEqual(world.times, [NOW_MS], 'once');
});

test('an answer that comes after its time is none', (t) => {
  const world = asked();
  const late = ntpAnswer(world.request, NOW_MS);
  world.run(2000);
  t.is(world.openPorts, 0);
  world.receive(late);
  world.run(15_000);
  t.is(world.sent.length, 2);
  world.receive(late);
  t.deepEqual(world.times, []);
});

test('where nothing comes through: four questions with growing waits, then none for a day', (t) => {
  for (const random of [0, 0.999]) {
    const world = new World();
    world.random = random;
    world.sntp.linkChanged(true);
    world.run(DAY_MS / 2);
    t.is(world.sent.length, 4);
    t.is(world.openPorts, 0);
    const gaps = world.sent.slice(1).map(({ ticks }, i) => ticks - (world.sent[i]?.ticks ?? 0));
    t.true(gaps.every((gap, i) => gap >= 15_000 * 2 ** i && gap <= 22_500 * 2 ** i + 2000));
    world.run(DAY_MS * 0.7);
    t.is(world.sent.length, 8);
  }
});

test('an address that is silent is told of, so that the next question goes to another one', (t) => {
  const world = asked('a.example');
  world.run(2000);
  t.deepEqual(world.silent, ['a.example 192.0.2.1']);
  world.addresses = ['192.0.2.2'];
  world.run(15_000);
  t.is(world.sent.at(-1)?.to, '192.0.2.2:123');
  world.receive(ntpAnswer(world.request, NOW_MS), '192.0.2.2');
  t.is(world.times.length, 1);
  world.run(DAY_MS / 2);
  t.is(world.silent.length, 1);
});

test('a name that is not found, a resolver that is silent, a socket that refuses: tries like any other', (t) => {
  const world = new World();
  world.addresses = [];
  world.sntp.linkChanged(true);
  world.run(17_499);
  t.is(world.resolved.length, 1);
  world.isSlow = true;
  world.run(1);
  t.is(world.resolved.length, 2);
  world.run(3000);
  world.addresses = ['192.0.2.1'];
  world.resolveLater?.();
  t.is(world.openPorts, 0, 'nobody waits for it any more');
  world.isSlow = false;
  world.refusesToSend = true;
  world.run(29_000);
  t.is(world.resolved.length, 3);
  world.refusesToSend = false;
  world.run(62_000);
  world.answer();
  t.is(world.times.length, 1);
});

test('the next question goes to the next server', (t) => {
  const world = asked('a.example, b.example:1123');
  world.run(17_000);
  t.deepEqual(world.resolved, ['a.example', 'b.example']);
  t.is(world.sent.at(-1)?.to, '192.0.2.1:1123');
});

for (const reference of ['DENY', 'RSTR']) {
  test(`an address that says ${reference} is never asked again, others of the name are`, (t) => {
    const world = asked('pool.example');
    world.answer(NOW_MS, { stratum: 0, leap: 3, reference });
    t.is(world.openPorts, 0);
    world.run(10 * DAY_MS);
    t.is(world.sent.length, 1, 'it has no other address');
    world.addresses = ['192.0.2.1', '192.0.2.2'];
    world.run(DAY_MS * 1.1);
    t.deepEqual(new Set(world.sent.slice(1).map(({ to }) => to)), new Set(['192.0.2.2:123']));
    world.run(DAY_MS);
    world.receive(ntpAnswer(world.request, NOW_MS), '192.0.2.2');
    world.sntp.linkChanged(false);
    world.sntp.linkChanged(true);
    world.run(DAY_MS * 1.1);
    t.false(world.sent.slice(1).some(({ to }) => to === '192.0.2.1:123'));
  });
}

test('however many addresses deny, what is remembered of them is bounded', (t) => {
  const world = asked('pool.example');
  for (let i = 1; i <= 20; i++) {
    world.addresses = [`192.0.2.${i}`, `198.51.100.${i}`];
    const count = world.sent.length;
    for (let day = 0; day < 3 && world.sent.length === count; day++) world.run(DAY_MS);
    const { bytes, to = '' } = world.sent.at(-1) ?? { bytes: world.request };
    world.receive(ntpAnswer(bytes, NOW_MS, { stratum: 0, leap: 3, reference: 'DENY' }), to.replace(':123', ''));
  }
  t.true(world.sent.length >= 20);
  t.true(world.isIdle === false);
});

test('RATE: it is asked again, but each time later, whatever the link does', (t) => {
  const world = asked();
  const waits: number[] = [];
  for (let i = 0; i < 3; i++) {
    const from = world.ticks;
    world.answer(NOW_MS, { stratum: 0, leap: 3, reference: 'RATE' });
    const count = world.sent.length;
    world.sntp.linkChanged(false);
    world.sntp.linkChanged(true);
    while (world.sent.length === count) world.run(500);
    waits.push(world.ticks - from);
  }
  t.deepEqual(waits, [30_000, 60_000, 120_000]);
  world.answer();
  t.is(world.times.length, 1);
});

test('any other kiss means nothing', (t) => {
  const world = asked();
  world.run(100);
  for (const reference of ['INIT', 'STEP', 'X', '']) world.answer(NOW_MS, { stratum: 0, leap: 3, reference });
  world.answer();
  t.deepEqual(world.times, [NOW_MS + 50]);
});

test('a kiss of death counts only in answer to the question', (t) => {
  const world = asked();
  world.receive(
    ntpAnswer(
      writeRequest((into) => into.fill(7)),
      NOW_MS,
      { stratum: 0, leap: 3, reference: 'DENY' },
    ),
  );
  world.answer();
  t.is(world.times.length, 1);
});

test('without a link nothing is under way, and a link that comes and goes does not make for more questions', (t) => {
  const world = asked();
  world.sntp.linkChanged(false);
  t.is(world.openPorts, 0);
  t.true(world.isIdle);
  for (let i = 0; i < 14; i++) {
    world.sntp.linkChanged(true);
    world.run(500);
    world.sntp.linkChanged(false);
    world.run(500);
  }
  t.is(world.sent.length, 1);
  world.sntp.linkChanged(true);
  world.run(1000);
  t.is(world.sent.length, 2);
  world.answer();
  for (let i = 0; i < 20; i++) {
    world.sntp.linkChanged(false);
    world.sntp.linkChanged(true);
    world.run(3_600_000);
  }
  t.is(world.sent.length, 2, 'the time is known: once a day');
  world.run(DAY_MS * 0.9 - 20 * 3_600_000);
  t.is(world.sent.length, 3);
});

test('when the time is in doubt, it is asked as soon as that may be, once', (t) => {
  const world = asked();
  world.answer();
  world.run(3_600_000);
  world.sntp.again();
  world.sntp.again();
  world.run(0);
  t.is(world.sent.length, 2);
  world.sntp.again();
  world.answer();
  t.is(world.times.length, 2);
  world.sntp.again();
  world.run(14_999);
  t.is(world.sent.length, 2);
  world.run(1);
  t.is(world.sent.length, 3);
  world.sntp.linkChanged(false);
  world.sntp.again();
  t.true(world.isIdle);
  const none = new World('none');
  none.sntp.linkChanged(true);
  none.sntp.again();
  t.true(none.isIdle);
});

test('no servers: nothing at all', (t) => {
  const world = asked('none');
  world.run(DAY_MS);
  t.deepEqual(world.resolved, []);
});

test('a timestamp is read as it was written, from 1968 to 2104', (t) => {
  const request = writeRequest((into) => into.fill(1));
  const from = Date.UTC(1968, 0, 21);
  const to = Date.UTC(2104, 1, 26);
  // The last ones of the first era, and the first of the next; its very first moment means that there is none.
  const wrapMs = (2 ** 32 - 2_208_988_800) * 1000;
  const times = fc.oneof(fc.integer({ min: from, max: to }), fc.constantFrom(wrapMs - 1, wrapMs, wrapMs + 1));
  const isReadAsWritten = (ms: number) => {
    const answer = readAnswer(ntpAnswer(request, ms), request);
    if (answer === undefined || typeof answer === 'string') return ms === wrapMs;
    return Math.round(answer.sentMs) === ms && Math.round(answer.receivedMs) === ms;
  };
  t.notThrows(() => fc.assert(fc.property(times, isReadAsWritten)));
});

test('any bytes at all are read without an error', (t) => {
  const request = writeRequest((into) => into.fill(1));
  t.notThrows(() =>
    fc.assert(fc.property(fc.uint8Array({ maxLength: 80 }), (bytes) => void readAnswer(bytes, request))),
  );
});

test('the key ntpServers', (t) => {
  t.deepEqual(readServers(), [{ host: 'pool.ntp.org', port: 123 }]);
  t.deepEqual(readServers('a.example, 192.0.2.1:1123'), [
    { host: 'a.example', port: 123 },
    { host: '192.0.2.1', port: 1123 },
  ]);
  for (const off of ['', 'none']) t.deepEqual(readServers(off), []);
  for (const wrong of [7, 'a b', ',', 'a,', 'a:0', 'a:65536', 'a:', 'http://a', '-a', 'a,b,c,d,e']) {
    t.is(readServers(wrong), undefined, String(wrong));
  }
});
