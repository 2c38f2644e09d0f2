// SPDX-License-Identifier: Apache-2.0
/** `fractus platform`: the emulator alone, for a desk and for other devices. */

import { mkdir, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { loadPage } from '../desk/page.ts';
import { createAuthority, createDeviceCertificate } from '../platform/certificates.ts';
import type { PlatformOptions } from '../platform/model.ts';
import { registerEnrolment, trustAuthority } from '../platform/operator.ts';
import { Platform } from '../platform/platform.ts';
import {
  createCertificates,
  machineOptions,
  type RunningServer,
  type ServerCertificates,
  startServer,
} from '../platform/server.ts';
import { isHostEntry } from '../platform/settings.ts';
import { refusalOf } from '../terminal/command.ts';
import { untilSignal } from '../terminal/signal.ts';

const usage = `usage: fractus platform [options]

  --port N                            default: any free port
  --token-port N                      port of a second server with mutual TLS, which gives tokens to devices with certificates
  --tls                               HTTPS for both servers; makes a CA and certificates and prints their folder
  --tenant T                          tenant id; default t1000
  --operator USER:PASSWORD            login of the operator; default: a random password
  --bootstrap TENANT/USER:PASSWORD    bootstrap credentials; default: a random password
  --host [SCHEME://]NAME[:PORT]       another name of the platform: that of a proxy, or an address in another network
  --enrol ID:PASSWORD                 registers a device that enrols a certificate with this one-time password
  --accept                            registers and accepts every device that asks for credentials`;

interface Arguments {
  readonly help: boolean;
  readonly port: number;
  /** Undefined: no server with mutual TLS, unless `tls` is set. */
  readonly tokenPort: number | undefined;
  readonly tls: boolean;
  readonly hosts: readonly string[];
  /** Device ids with their one-time passwords. */
  readonly enrolments: readonly (readonly [id: string, password: string])[];
  readonly platform: Omit<PlatformOptions, 'now' | 'random' | 'scheduler'>;
}

/**
 * Runs the emulator until SIGINT or SIGTERM. Resolves with the exit code: 0 after an orderly end, 2 for bad arguments,
 * 1 when a port is taken.
 */
export async function platformCommand(args: string[]): Promise<number> {
  let options: Arguments;
  try {
    options = readArguments(args);
  } catch (error) {
    console.error(`fractus platform: ${refusalOf(error, usage)}\n\n${usage}`);
    return 2;
  }
  if (options.help) {
    console.log(usage);
    return 0;
  }
  // From here on a signal ends the emulator in order, also during its start.
  const signal = untilSignal();
  const platform = new Platform(machineOptions(options.platform));
  platform.settings.hosts = options.hosts;
  for (const [id, password] of options.enrolments) registerEnrolment(platform, id, password);
  let server: RunningServer;
  try {
    server = await start(platform, options);
  } catch (error) {
    console.error(`fractus platform: ${(error as Error).message}`);
    return 1;
  }
  describe(server);
  await signal;
  await server.close();
  return 0;
}

async function start(platform: Platform, options: Arguments): Promise<RunningServer> {
  const { port, tokenPort, tls } = options;
  const page = await loadPage();
  platform.watch();
  if (!tls && tokenPort === undefined) return startServer({ platform, port, page });
  const certificates = await createCertificates(options.hosts);
  await writeCertificates(platform, certificates);
  return startServer({ platform, port, tokenPort: tokenPort ?? 0, tls, certificates, page });
}

function readArguments(args: string[]): Arguments {
  const { values } = parseArgs({
    args,
    strict: true,
    options: {
      port: { type: 'string', default: '0' },
      'token-port': { type: 'string' },
      tls: { type: 'boolean', default: false },
      tenant: { type: 'string' },
      operator: { type: 'string' },
      bootstrap: { type: 'string' },
      host: { type: 'string', multiple: true, default: [] },
      enrol: { type: 'string', multiple: true, default: [] },
      accept: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  const { tenant } = values;
  if (tenant !== undefined && !/^[\w.-]+$/.test(tenant)) {
    throw new Error(`--tenant: "${tenant}" is not allowed; allowed: letters, digits and . _ -`);
  }
  for (const each of values.host) {
    if (!isHostEntry(each)) throw new Error(`--host: "${each}" is not allowed; allowed: [SCHEME://]NAME[:PORT]`);
  }
  return {
    help: values.help,
    port: portOf('port', values.port),
    tokenPort: values['token-port'] === undefined ? undefined : portOf('token-port', values['token-port']),
    tls: values.tls,
    hosts: values.host,
    enrolments: values.enrol.map(enrolmentOf),
    platform: {
      accept: values.accept,
      ...(tenant === undefined ? {} : { tenant }),
      ...(values.operator === undefined ? {} : { operator: operatorOf(values.operator) }),
      ...(values.bootstrap === undefined ? {} : { bootstrap: bootstrapOf(values.bootstrap) }),
    },
  };
}

function portOf(name: string, text: string): number {
  const port = Number(text);
  if (!/^\d+$/.test(text) || port > 65_535) throw new Error(`--${name}: "${text}" is not allowed; allowed: 0 to 65535`);
  return port;
}

/** The value holds a password, so the message does not repeat it. */
function operatorOf(text: string): { user: string; password: string } {
  const parts = /^([^:/]+):(.+)$/.exec(text);
  if (parts?.[1] === undefined || parts[2] === undefined)
    throw new Error('--operator: not allowed; allowed: USER:PASSWORD');
  return { user: parts[1], password: parts[2] };
}

function bootstrapOf(text: string): { tenant: string; user: string; password: string } {
  const parts = /^([^:/]+)\/([^:/]+):(.+)$/.exec(text);
  const [, tenant, user, password] = parts ?? [];
  if (tenant === undefined || user === undefined || password === undefined) {
    throw new Error('--bootstrap: not allowed; allowed: TENANT/USER:PASSWORD');
  }
  return { tenant, user, password };
}

/** The value holds a password, so the message does not repeat it. */
function enrolmentOf(text: string): [string, string] {
  const [, id, password] = /^([^:/\\$\s]+):(.{8,32})$/.exec(text) ?? [];
  if (id === undefined || password === undefined) {
    throw new Error('--enrol: not allowed; allowed: ID:PASSWORD, with a password of 8 to 32 characters');
  }
  return [id, password];
}

/** Folder of the files of `--tls`, below the working directory. */
const certificateFolder = 'build/platform-certificates';

/** Device id in the sample certificate of `--tls`. */
const sampleDeviceId = 'virtual-esp32';

/** Writes the servers' certificates, and a CA that the tenant trusts with one device certificate. */
async function writeCertificates(platform: Platform, certificates: ServerCertificates): Promise<void> {
  const deviceAuthority = await createAuthority('fractus devices');
  const device = await createDeviceCertificate(deviceAuthority, sampleDeviceId);
  trustAuthority(platform, deviceAuthority.certificate, { name: 'fractus devices' });
  const folder = resolve(certificateFolder);
  await mkdir(folder, { recursive: true });
  const files: Readonly<Record<string, string>> = {
    'ca.pem': certificates.authority,
    'server.pem': certificates.server.chain,
    'device-ca.pem': deviceAuthority.certificate,
    'device.pem': device.chain,
    'server-key.pem': certificates.server.privateKey,
    'device-ca-key.pem': deviceAuthority.privateKey,
    'device-key.pem': device.privateKey,
  };
  for (const [name, content] of Object.entries(files)) {
    await writeFile(join(folder, name), content, { mode: name.endsWith('-key.pem') ? 0o600 : 0o644 });
  }
}

function describe(server: RunningServer): void {
  const { tenant, operator, bootstrap, acceptAll } = server.platform.core;
  const lines = [
    ['url', server.url],
    ...(server.tokenUrl === undefined ? [] : [['token url', server.tokenUrl]]),
    ['tenant', tenant],
    ['operator', `${tenant}/${operator.name}:${operator.password}`],
    ['bootstrap', `${bootstrap.tenant}/${bootstrap.name}:${bootstrap.password}`],
    ['devices', acceptAll ? 'accepted when they ask' : 'wait to be accepted'],
    ...(server.tokenUrl !== undefined
      ? [
          ['certificates', resolve(certificateFolder)],
          ['ca', resolve(certificateFolder, 'ca.pem')],
          ['device', `${sampleDeviceId}: device.pem, device-key.pem (trusted by device-ca.pem)`],
        ]
      : []),
    ['breaches', `${server.url}/emulator/breaches`],
  ];
  for (const [name = '', value] of lines) console.log(`${`${name}:`.padEnd(14)}${value}`);
  server.platform.core.onBreach = ({ rule, user, what }) =>
    console.log(`breach:       ${rule} by ${user || 'unknown'}: ${what}`);
  server.platform.core.onFull = (what) => console.log(`full:         ${what}`);
}
