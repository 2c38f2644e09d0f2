// SPDX-License-Identifier: Apache-2.0

import type { NetworkErrorKind } from '../../../hal/hal.ts';
import { expectFailure } from './connections.ts';
import { pattern } from './peer.ts';
import { ascii, assert, type Check, equal, equalBytes, type Scene, type TlsTargets } from './scene.ts';

const LENGTH = 100_000;

/** Only for machines whose TLS can be met by a server in every state; see {@link TlsTargets}. */
export const tlsChecks: readonly Check[] = [
  ...(['good', 'byAddress', 'client'] as const).map(
    (name): Check => ({
      name: `tls: ${name}: both ways`,
      run: (scene) => exchange(scene, name),
    }),
  ),
  failure('untrusted', 'tls-untrusted'),
  failure('selfSigned', 'tls-untrusted'),
  failure('forgedChain', 'tls-untrusted'),
  failure('wrongName', 'tls-name'),
  failure('expired', 'tls-date'),
  failure('notYetValid', 'tls-date'),
  failure('outdated', 'tls-alert'),
  failure('plain', 'tls-alert'),
  failure('unusableKey', 'tls-alert'),
  failure('missingCa', 'tls-alert'),
  refusal('clientMissing', 'error tls-alert'),
  refusal('clientUntrusted', 'error tls-alert', 'error reset', 'error closed', 'end'),
  {
    name: 'tls: the end comes behind all data',
    async run(scene) {
      const probe = scene.connect(tlsTargets(scene).good, 'send:1000 end');
      await scene.until('the end', () => probe.over);
      equal(probe.events.at(-1), 'end', 'the last event');
      equalBytes(probe.read(2000), pattern(0, 1000), 'the bytes');
    },
  },
  {
    name: 'tls: close() during the handshake is the end',
    async run(scene) {
      const probe = scene.connect(tlsTargets(scene).good);
      probe.close();
      await scene.settle();
      equal(probe.events.length, 0, 'events');
    },
  },
];

function failure(name: keyof TlsTargets, kind: NetworkErrorKind): Check {
  return { name: `tls: ${name}`, run: (scene) => expectFailure(scene, tlsTargets(scene)[name], [kind]) };
}

/**
 * The server refuses the client. In TLS 1.3 it does so only after the client has taken the connection for open, and
 * some servers hang up without an alert.
 */
function refusal(name: keyof TlsTargets, ...events: readonly string[]): Check {
  return {
    name: `tls: ${name}`,
    async run(scene) {
      const probe = scene.connect(tlsTargets(scene)[name], 'send:1');
      await scene.until('the refusal', () => probe.over);
      const last = probe.events.at(-1) ?? '';
      assert(events.includes(last), `${last} instead of ${events.join(', ')}`);
      equal(probe.readable, 0, 'bytes');
    },
  };
}

async function exchange(scene: Scene, name: keyof TlsTargets): Promise<void> {
  const probe = scene.connect(tlsTargets(scene)[name], `await:${LENGTH} verdict send:${LENGTH} end`);
  for (let sent = 0; sent < LENGTH; ) {
    await scene.until('onWritable', () => probe.writable > 0);
    sent += probe.write(pattern(sent, Math.min(LENGTH, sent + probe.writable)));
  }
  await scene.until('the verdict', () => probe.readable > 0 || probe.over);
  equalBytes(probe.read(1), ascii('+'), 'the verdict of the peer');
  let received = 0;
  const take = () => {
    while (probe.readable > 0) {
      const bytes = probe.read(4096);
      equalBytes(bytes, pattern(received, received + bytes.length), `the bytes behind ${received}`);
      received += bytes.length;
    }
  };
  while (!probe.over) {
    take();
    await scene.until('data', () => probe.readable > 0 || probe.over);
  }
  take();
  equal(probe.events.at(-1), 'end', 'the last event');
  equal(received, LENGTH, 'bytes');
}

function tlsTargets(scene: Scene): TlsTargets {
  if (!scene.targets.tls) throw new Error('this harness offers no TLS');
  return scene.targets.tls;
}
