// SPDX-License-Identifier: Apache-2.0

import { lookup as lookUp } from 'node:dns';
import { once } from 'node:events';
import { type AddressInfo, createServer, isIP, type LookupFunction, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer, type TlsOptions as ServerOptions } from 'node:tls';
import {
  createAuthority,
  createDeviceCertificate,
  createServerCertificate,
  type Identity,
} from '../../tools/platform/certificates.ts';
import { type PeerConnection, PeerServer } from './contract/peer.ts';
import { ascii } from './contract/scene.ts';
import { RESOURCE, type Targets, type TlsTargets } from './contract.ts';

const LOOPBACK = { address: '127.0.0.1', name: 'localhost' } as const;

/** At the first, there is only what is to be refused. Linux has a whole network of its own, others have one address of IPv6. */
export const TWO_ADDRESSES = [process.platform === 'linux' ? '127.0.0.2' : '::1', '127.0.0.1'] as const;

/** Names with these addresses; one for each target, because a machine may remember where it was well received. */
const TWO_NAMES = { second: 'second.test', neither: 'neither.test', wrongFirst: 'wrong-first.test' } as const;

export function hasTwoAddresses(host: string): boolean {
  return Object.values<string>(TWO_NAMES).includes(host);
}

/** Knows these names, and what the host knows. */
export const lookup: LookupFunction = (host, options, callback) => {
  const known = TWO_ADDRESSES.map((address) => ({ address, family: isIP(address) }));
  if (hasTwoAddresses(host)) setImmediate(callback, null, known);
  else lookUp(host, { ...options, all: true }, (error, addresses) => callback(error, addresses));
};

/** Real servers for the contract's checks, on 127.0.0.1. */
export interface ContractServers {
  readonly targets: Targets;
  /** What the machine must have as resources. */
  readonly resources: Readonly<Record<string, Uint8Array>>;
  close(): void;
}

const DAY_MS = 86_400_000;

/** How a machine reaches the loopback of this one. */
interface Reach {
  readonly address: string;
  readonly name: string;
}

export async function startServers({ address: loopback, name: known }: Reach = LOOPBACK): Promise<ContractServers> {
  const servers = new Servers();
  const authorities = { trusted: await createAuthority('Trusted'), stranger: await createAuthority('Stranger') };
  const intermediate = await createAuthority('Intermediate', { issuer: authorities.trusted });
  const devices = {
    device: await createDeviceCertificate(intermediate, 'device'),
    stranger: await createDeviceCertificate(authorities.stranger, 'device'),
  };
  const forged = await createAuthority(known);
  const reached = { addresses: [loopback], names: [known] };
  const server = (options: Parameters<typeof createServerCertificate>[1] = {}) =>
    createServerCertificate(authorities.trusted, { ...reached, ...options });
  const good = await servers.tls(await server());
  const mutual = await servers.tls(await server(), {
    requestCert: true,
    rejectUnauthorized: true,
    ca: authorities.trusted.certificate,
  });
  const past = { notBefore: new Date(Date.now() - 2 * DAY_MS), notAfter: new Date(Date.now() - DAY_MS) };
  const future = { notBefore: new Date(Date.now() + DAY_MS), notAfter: new Date(Date.now() + 2 * DAY_MS) };
  const plain = await servers.plain();
  const unused = await servers.unused();
  const right = await servers.tls(await server({ names: [TWO_NAMES.wrongFirst], addresses: [] }));
  const wrong = await server({ names: ['elsewhere.example'], addresses: [] });
  await servers.tls(wrong, {}, { address: TWO_ADDRESSES[0], port: right });
  const outdated = { minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' } as const;
  const at = (port: number, tls: TlsTargets['good']['tls'] = { ca: 'ca' }, host = known) => ({ host, port, tls });
  const client = (name: string) => ({ ca: 'ca', certificate: `${name}-chain`, privateKey: `${name}-key` });
  return {
    targets: {
      peer: { host: loopback, port: plain },
      refusing: { host: loopback, port: unused },
      unknown: { host: 'does-not-exist.invalid', port: 80 },
      tls: {
        good: at(good),
        byAddress: at(good, { ca: 'ca' }, loopback),
        client: at(mutual, client('device')),
        clientMissing: at(mutual),
        clientUntrusted: at(mutual, client('stranger')),
        untrusted: at(await servers.tls(await createServerCertificate(authorities.stranger, reached))),
        selfSigned: at(await servers.tls(forged)),
        forgedChain: at(await servers.tls({ ...forged, chain: forged.certificate + intermediate.certificate })),
        wrongName: at(await servers.tls(await server({ names: ['elsewhere.example'], addresses: [] }))),
        expired: at(await servers.tls(await server(past))),
        notYetValid: at(await servers.tls(await server(future))),
        outdated: at(await servers.tls(await server(), outdated)),
        plain: at(plain),
        unusableKey: at(good, { ca: 'ca', certificate: 'device-chain', privateKey: RESOURCE.name }),
        missingCa: at(good, { ca: 'nothing' }),
      },
      twoAddresses: {
        second: { host: TWO_NAMES.second, port: plain },
        neither: { host: TWO_NAMES.neither, port: unused },
        wrongFirst: at(right, { ca: 'ca' }, TWO_NAMES.wrongFirst),
      },
    },
    resources: {
      [RESOURCE.name]: ascii(RESOURCE.text),
      ca: ascii(authorities.trusted.certificate),
      'device-chain': ascii(devices.device.chain),
      'device-key': ascii(devices.device.privateKey),
      'stranger-chain': ascii(devices.stranger.chain),
      'stranger-key': ascii(devices.stranger.privateKey),
    },
    close: () => servers.close(),
  };
}

interface Place {
  readonly address?: string;
  readonly port?: number;
}

class Servers {
  readonly #peers = new PeerServer();
  readonly #servers: Server[] = [];
  readonly #sockets = new Set<Socket>();

  plain(): Promise<number> {
    return this.#listen(createServer({ allowHalfOpen: true }, (socket) => this.#accept(socket)));
  }

  tls(
    identity: Pick<Identity, 'chain' | 'privateKey'>,
    options: ServerOptions = {},
    place: Place = {},
  ): Promise<number> {
    const keys = { cert: identity.chain, key: identity.privateKey };
    return this.#listen(
      createTlsServer({ ...keys, ...options }, (socket) => this.#accept(socket)),
      place,
    );
  }

  /** A port where nobody listens. */
  async unused(): Promise<number> {
    const server = createServer();
    const port = await this.#listen(server);
    await new Promise((resolve) => server.close(resolve));
    return port;
  }

  close(): void {
    for (const server of this.#servers) server.close();
    for (const socket of this.#sockets) socket.destroy();
  }

  async #listen(server: Server, { address = '127.0.0.1', port = 0 }: Place = {}): Promise<number> {
    this.#servers.push(server);
    server.on('connection', (socket: Socket) => {
      this.#sockets.add(socket);
      socket.once('close', () => this.#sockets.delete(socket));
    });
    server.listen(port, address);
    await once(server, 'listening');
    return (server.address() as AddressInfo).port;
  }

  #accept(socket: Socket): void {
    const connection: PeerConnection = {
      onData() {},
      onClose() {},
      send: (bytes) => socket.write(bytes),
      end: () => socket.end(),
      reset: () => socket.resetAndDestroy(),
      pause: () => socket.pause(),
      resume: () => socket.resume(),
    };
    this.#peers.accept(connection);
    socket.on('data', (bytes) => connection.onData(bytes));
    socket.on('end', () => socket.end());
    // A device that goes away in the middle is part of what is tested.
    socket.on('error', () => {});
    socket.on('close', () => connection.onClose());
  }
}
