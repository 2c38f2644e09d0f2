// SPDX-License-Identifier: Apache-2.0

import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { ROOT } from '../../../tools/moddable/sdk.ts';
import { createAuthority, createDeviceCertificate } from '../../../tools/platform/certificates.ts';
import type { PlatformRequest, Reply } from '../../../tools/platform/model.ts';
import { createOperation, findDevice, measurementsOf, trustAuthority } from '../../../tools/platform/operator.ts';
import { Platform } from '../../../tools/platform/platform.ts';
import { machineOptions, type RunningServer, startServer } from '../../../tools/platform/server.ts';
import { makeChains } from '../../hal/esp32/tls/chains.ts';
import { until } from '../../support/until.ts';
import { Board, bootstrapConfig, type Screen } from '../bench.ts';
import { Link } from './link.ts';

const DEVICE = 'measured';
const PATIENCE_MS = 120_000;
const OUTAGE_MS = 55_000;
const BATCH = 50;
const OPERATIONS = 4;
/** With what is around it, as much as fits into one record of TLS. */
const LARGE_BYTES = 15_000;

/** What the server shows, and the device. */
export interface Kind {
  readonly name: string;
  readonly host: string;
  readonly ca: string;
  readonly server: { readonly chain: string; readonly privateKey: string; readonly certificate: string };
  readonly mutual: boolean;
}

/** What a device goes through; it is at rest after each. */
export const PHASES = [
  '`main` has returned',
  'TLS handshake',
  'credentials, registration, first long poll',
  'operations and measurements, poll held',
  'an operation in a TLS record of 16 KB',
  'a minute without the server',
  `resumption, batch of ${BATCH}, poll held`,
] as const;

const tenantRoot = await createAuthority('Tenant');
const device = await createDeviceCertificate(await createAuthority('Devices', { issuer: tenantRoot }), DEVICE);

/** Makes the kinds, and the files that the firmware needs for them. */
export async function makeKinds(): Promise<Kind[]> {
  const chains = await makeChains();
  const data = path.join(ROOT, 'build', 'moddable-test', 'memory-data');
  rmSync(data, { recursive: true, force: true });
  mkdirSync(data, { recursive: true });
  writeFileSync(path.join(data, 'device.pem'), device.chain);
  writeFileSync(path.join(data, 'device-key.pem'), device.privateKey);
  const kind = (name: string, chainName: string, mutual = false): Kind => {
    const found = chains.find((each) => each.name === chainName);
    if (found === undefined) throw new Error(`no chain: ${chainName}`);
    const { chain, privateKey, host } = found;
    const ca = `${name.replace(/\W/g, '')}.pem`;
    writeFileSync(path.join(data, ca), found.ca);
    return { name, host, ca, mutual, server: { chain, privateKey, certificate: chain } };
  };
  return [
    kind('RSA', 'one intermediate'),
    kind('ECDSA', 'P-256 throughout'),
    kind('RSA, 6 KB of certificates', 'more than 6 KB'),
    kind('RSA, mutual', 'one intermediate', true),
  ];
}

/** It keeps the first request waiting, and is known to devices by the name of its certificate. */
class HeldPlatform extends Platform {
  onFirst: (() => Promise<void>) | undefined;
  origins: Readonly<Record<PlatformRequest['port'], string>> = { api: '', token: '' };

  override handle(request: PlatformRequest, reply: Reply): void {
    const first = this.onFirst;
    this.onFirst = undefined;
    const known = { ...request, origin: this.origins[request.port] };
    if (first === undefined) super.handle(known, reply);
    else void first().then(() => super.handle(known, reply));
  }
}

export type Phase = (typeof PHASES)[number];

export interface LifeOptions {
  readonly screen: Screen;
  readonly library: string;
  readonly kind: Kind;
  /** The device is at rest, and goes on when this is done. */
  onPhase?(phase: Phase, board: Board): Promise<void>;
}

/**
 * All phases, one after the other, on a new board.
 * @throws Error when it does not get through: what it has printed
 */
export async function live({ screen, library, kind, onPhase }: LifeOptions): Promise<void> {
  const { host, ca, server: identity, mutual } = kind;
  const platform = new HeldPlatform(machineOptions({ accept: true }));
  const server = await startServer({ platform, tls: true, certificates: { authority: '', server: identity } });
  const link = await Link.to(server.url);
  const tokenLink = await Link.to(server.tokenUrl ?? '');
  platform.origins = { api: `https://${host}:${link.port}`, token: `https://${host}:${tokenLink.port}` };
  if (mutual) trustAuthority(platform, tenantRoot.certificate);
  const certificate = { auth: 'certificate', certificate: 'device.pem', privateKey: 'device-key.pem' };
  const common = { url: platform.origins.api, ca, deviceId: DEVICE, measurementInterval: '1' };
  const config = {
    ...common,
    ...(mutual ? { ...certificate, tokenUrl: platform.origins.token } : bootstrapConfig(platform)),
  };
  const board = new Board({ screen, library, config });
  try {
    await Promise.race([goThrough({ board, platform, link, server, ...(onPhase && { onPhase }) }), board.failure]);
  } finally {
    await board.simulator.stop();
    link.close();
    tokenLink.close();
    await server.close();
  }
}

interface Scene extends Pick<LifeOptions, 'onPhase'> {
  readonly board: Board;
  readonly platform: HeldPlatform;
  readonly link: Link;
  readonly server: RunningServer;
}

async function goThrough({ board, platform, link, server, onPhase }: Scene): Promise<void> {
  const passed = (index: number) => onPhase?.(PHASES[index] ?? PHASES[0], board) ?? Promise.resolve();
  platform.onFirst = () => passed(1);
  board.simulator.start();
  await board.line(/^memory: /);
  await passed(0);
  await board.line(/listening for operations/, PATIENCE_MS);
  const id = findDevice(platform, DEVICE)?.id ?? '';
  const count = () => measurementsOf(platform, id).length;
  const measured = async (more: number) => {
    const before = count();
    await until(() => count() >= before + more, 'no measurements', PATIENCE_MS);
  };
  await measured(2);
  await passed(2);

  const succeeds = async (fragments: Readonly<Record<string, Record<string, string>>>) => {
    const operation = createOperation(platform, id, fragments);
    const lines = () => `${operation.status}\n${board.simulator.lines.join('\n')}`;
    await until(() => operation.status === 'SUCCESSFUL', lines, PATIENCE_MS);
    // By then the device has the answer, too.
    await measured(2);
  };
  for (let i = 0; i < OPERATIONS; i++) await succeeds({ c8y_Command: { text: i % 2 === 0 ? 'help' : 'status' } });
  await passed(3);
  await succeeds({ c8y_Command: { text: 'help' }, c8y_Large: { text: 'x'.repeat(LARGE_BYTES) } });
  await passed(4);

  const { resumed } = server;
  link.cut();
  await new Promise((resolve) => setTimeout(resolve, OUTAGE_MS));
  await passed(5);
  link.restore();
  await measured(BATCH);
  await succeeds({ c8y_Command: { text: 'help' } });
  await passed(6);

  const [breach] = platform.breaches;
  if (breach !== undefined) throw new Error(`against the protocol: ${JSON.stringify(breach)}`);
  if (board.simulator.restarts > 0) throw new Error(`it has restarted\n${board.simulator.lines.join('\n')}`);
  if (server.resumed === resumed) throw new Error('it has not taken up its TLS session again');
}
