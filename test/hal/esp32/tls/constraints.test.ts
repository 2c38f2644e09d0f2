// SPDX-License-Identifier: Apache-2.0
/** Name constraints (RFC 5280 §4.2.1.10), with OpenSSL as the referee. */
import test from 'ava';
import { parseCertificate } from '../../../../hal/esp32/tls/certificate.ts';
import { forbiddenName } from '../../../../hal/esp32/tls/constraints.ts';
import { isRefusal, validatePath } from '../../../../hal/esp32/tls/path.ts';
import { readPem } from '../../../../hal/esp32/tls/pem.ts';
import { isSignedBy } from '../../../../hal/esp32/tls/signature.ts';
import { DerError } from '../../../../src/bytes/der.ts';
import { constraints, directory, dns, subtrees } from './chain-parts.ts';
import { type Chain, HOST, intermediate, root, server, shown } from './chains.ts';
import { chainFor, EVERY_IPV4, OUTSIDE, VARIANTS } from './constrained-chains.ts';
import { portOf, refereeVerdict, serve } from './referee.ts';

function detailOf({ chain, ca, host }: Pick<Chain, 'chain' | 'ca' | 'host'>): string | undefined {
  const anchors = readPem(Buffer.from(ca), '').map(({ bytes }) => parseCertificate(bytes));
  const presented = readPem(Buffer.from(chain), '').map(({ bytes }) => bytes);
  const time = { ms: Date.now(), exact: true };
  const result = validatePath({ chain: presented, anchorsFor: () => anchors, host, time, isSignedBy });
  return isRefusal(result) ? result.detail : undefined;
}

for (const variant of VARIANTS) {
  test(`a CA that ${variant.name}: ${variant.detail ?? 'good'}`, async (t) => {
    const chain = await chainFor(variant);
    t.is(detailOf(chain), variant.detail);
    const tls = await serve(chain);
    const verdict = await refereeVerdict(chain, portOf(tls));
    tls.close();
    t.is(verdict, chain.stricter === undefined ? chain.verdict : 'good', 'what OpenSSL says');
  });
}

test('where one path is forbidden, the next is tried', async (t) => {
  const trusted = await root({ algorithm: 'p256' });
  const keys = (await intermediate(trusted, { algorithm: 'p256' })).keys;
  const narrow = { algorithm: 'p256', keys, extensions: [constraints([dns('elsewhere.localhost')])] } as const;
  const first = await intermediate(trusted, narrow);
  const second = await intermediate(trusted, { algorithm: 'p256', keys });
  const leaf = await server(second, { algorithm: 'p256' });
  const host = HOST;
  t.is(detailOf({ host, ...(await shown([leaf, first, second], [trusted])) }), undefined);
  t.is(detailOf({ host, ...(await shown([leaf, first], [trusted])) }), OUTSIDE);
});

/** A certificate as far as its names count. */
async function named(...names: readonly string[]) {
  const { der } = await server(await root({ algorithm: 'p256' }), { algorithm: 'p256', names });
  return parseCertificate(new Uint8Array(der));
}

const TOO_MANY = 'too many names for the name constraints of a CA';
const plenty = () => ({ bytes: 2 ** 20 });

test('a certificate without a subject has no subject that a CA could forbid', async (t) => {
  const leaf = await named(HOST);
  const limited = subtrees([directory('O=Acme')]);
  t.is(forbiddenName(leaf, limited, plenty()), 'the directory name');
  t.is(forbiddenName({ ...leaf, subject: Uint8Array.of(0x30, 0) }, limited, plenty()), undefined);
});

test('constraints with any byte changed are read, or refused as what they are', async (t) => {
  const leaf = await named(HOST);
  const good = subtrees([dns('localhost'), directory('CN=device.example.localhost')], [dns('a'), EVERY_IPV4]);
  t.is(forbiddenName(leaf, good, plenty()), undefined);
  for (let at = 0; at < good.length; at++) {
    for (let bit = 0; bit < 8; bit++) {
      const wrong = Uint8Array.from(good);
      wrong[at] = (wrong[at] ?? 0) ^ (1 << bit);
      try {
        forbiddenName(leaf, wrong, plenty());
      } catch (error) {
        t.true(error instanceof DerError, `byte ${at}: ${error}`);
      }
    }
    const isWhole = at === 0 || at === good.indexOf(0xa1);
    if (!isWhole)
      t.throws(() => forbiddenName(leaf, good.subarray(0, at), plenty()), { instanceOf: DerError }, `${at}`);
  }
  t.throws(() => forbiddenName(leaf, Buffer.concat([good, good]), plenty()), { message: 'bytes after the end' });
});

test('thousands of names below a CA are refused, at a bounded cost', async (t) => {
  const leaf = await named(HOST);
  const any = subtrees([dns('')]);
  // 2,500 names of no bytes.
  const alternativeNames = Uint8Array.from({ length: 5000 }, (_, at) => (at % 2 === 0 ? 0x82 : 0));
  const effort = { bytes: 1000 };
  const crowd = { ...leaf, alternativeNames };
  t.throws(() => forbiddenName(crowd, any, effort), {
    message: TOO_MANY,
  });
  t.true(effort.bytes < 0 && effort.bytes >= -any.length, `${effort.bytes} left`);

  const names = Array.from({ length: 100 }, (_, at) => `a${at}.example.localhost`);
  const many = Array.from({ length: 10 }, (_, at) => dns(`${at}${'x'.repeat(29)}`));
  const trusted = await root({ algorithm: 'p256', extensions: [constraints(undefined, many)] });
  const detail = async (count: number) => {
    const some = await server(trusted, { algorithm: 'p256', names: [HOST, ...names.slice(0, count)] });
    return detailOf({ host: HOST, ...(await shown([some], [trusted])) });
  };
  t.is(await detail(90), undefined);
  t.is(
    await detail(100),
    `a certificate cannot be read: ${TOO_MANY}`,
    '344 B for each name and for the subject, of 32 KB',
  );
});
