// SPDX-License-Identifier: Apache-2.0

import { FakeMachine } from '../../../hal/fake/machine.ts';
import { verifyP256 } from '../../../hal/node/verify.ts';
import { signatureFault, signatureLine } from '../../../src/capabilities/firmware/signed-firmware.ts';
import { buildBundle } from '../../../tools/build.ts';
import { signFirmware } from '../../../tools/moddable/firmware/firmware-signature.ts';
import { createMachine, testOnXs } from '../../support/xs/harness.ts';
import { fileOf, makeKey } from './firmware-scene.ts';

const bundle = await buildBundle({
  entry: 'test/capabilities/firmware/xs-heads.ts',
  outfile: 'build/test/heads.xs.js',
});

const [ours, theirs] = [makeKey(), makeKey()];

function headOf(file: Buffer): string {
  return `${file.toString('utf8').split('\n\n', 1)[0]}\n`;
}

const unsigned = fileOf('2.0.0 — ärgerlich 🌡');
const good = headOf(signFirmware(unsigned, [ours]));
const heads: readonly string[] = [
  good,
  headOf(signFirmware(unsigned, [theirs, ours])),
  headOf(signFirmware(unsigned, [theirs])),
  headOf(unsigned),
  good.replace('🌡', '🌠'),
  good.replace('name fractus', 'name fractvs'),
  `${good}name fractus\n`,
  `${headOf(unsigned)}${signatureLine(ours.publicKey, '?')}`,
  `${headOf(unsigned)}${signatureLine(theirs.publicKey, 'AAAA').repeat(5)}`,
  headOf(unsigned).replace('bytes 20005', 'bytes x'),
  '',
];

testOnXs('heads of firmware, and their signatures, are taken on XS as on Node', async (t, host) => {
  const machine = new FakeMachine();
  const config = { key: ours.publicKey, heads: JSON.stringify(heads) };
  const xs = createMachine(t, { host, bundle: bundle.path, hal: machine.boot(), config });
  await xs.machine.boot();
  await xs.machine.settle();
  const said = machine.lines.map(({ line }) => line);
  t.is(said.length, heads.length + 2, said.join('\n'));
  for (const [index, head] of heads.entries()) {
    const trouble = signatureFault(head, [ours.publicKey], { verify: verifyP256 });
    t.true(said[index]?.endsWith(` ${trouble ?? ''}`), `${said[index]}: ${trouble}`);
    t.is(trouble === undefined, index < 2);
  }
  const [first = ''] = said;
  t.regex(first, /^fractus 2\.0\.0 — ärgerlich 🌡 ESP32 \(fake\) 20005 [0-9a-f]{64} $/);
  t.is(said.at(-2), 'c8y_Firmware');
  t.regex(said.at(-1) ?? '', /allowed are 1 to 4 public keys/);
});
