// SPDX-License-Identifier: Apache-2.0

import { Resolver } from '../../../../hal/esp32/network/resolver.ts';
import type { UdpPort } from '../../../../hal/esp32/network/udp-port.ts';
import type { XsListener } from '../../../../hal/xs/host.ts';
import { Op } from '../../../../hal/xs/protocol.ts';

const SERVER = { address: '192.0.2.53', port: 53 };
const HOSTS = ['tenant.cumulocity.example', 'tokens.example', 'files.example', 'pool.ntp.example'];
const DAY_MS = 86_400_000;

const record = (last: number) => [0xc0, 12, 0, 1, 0, 1, 0x7f, 0xff, 0xff, 0xff, 0, 4, 198, 151, 100, last];
/** Four addresses, at the longest, for as long as may be. */
const RECORDS = new Uint8Array([200, 201, 202, 203].flatMap(record));

function answerTo(question: Uint8Array): Uint8Array {
  const answer = new Uint8Array(question.length + RECORDS.length);
  answer.set(question);
  answer.set(RECORDS, question.length);
  answer[2] = 0x81;
  answer[3] = 0x80;
  answer[7] = 4;
  return answer;
}

/** A resolver whose server answers at once, and paths that use it. */
export function main(): void {
  let ticks = 0;
  let told = 0;
  let due: (() => void)[] = [];
  const user = {
    addressed: (addresses: readonly string[]) => {
      told += addresses.length;
    },
  };
  const resolver = new Resolver({
    nameServers: () => [SERVER],
    platformResolve: () => {},
    openPort(onDatagram): UdpPort {
      return {
        send: (question) => onDatagram(answerTo(question), SERVER.address, SERVER.port),
        close: () => {},
      };
    },
    createTimer: (onTimeout) => ({
      start: (delayMs) => {
        if (delayMs === 0) due.push(onTimeout);
      },
      stop: () => {},
    }),
    ticks: () => ticks,
    secureRandom: (into) => void into.fill(7),
    onThrown: (error) => {
      throw error;
    },
  });
  const resolve = () => {
    for (const host of HOSTS) resolver.resolve(host, user);
    const acts = due;
    due = [];
    for (const act of acts) act();
    xsHost.send(Op.Log, 0, 0, 0, String(told));
    told = 0;
  };
  const lookUp = () => {
    ticks += DAY_MS;
    resolve();
  };
  const listener: XsListener = { event: (_op, id) => (id === 0 ? lookUp() : resolve()) };
  xsHost.listen(listener);
  for (let id = 0; id < 2; id++) xsHost.send(Op.TimerStart, id, 0, 0);
}
