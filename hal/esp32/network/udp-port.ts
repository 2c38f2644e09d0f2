// SPDX-License-Identifier: Apache-2.0

import UDP from 'embedded:io/socket/udp';

/** The ports below belong to services (RFC 6056 §3.2). */
const FIRST_PORT = 1024;
const PORTS = 65_536 - FIRST_PORT;
/** A random port may be taken already. */
const TRIES = 4;

/** A UDP socket on a random port: only a host that has seen its datagrams can answer (RFC 5452 §9.2). */
export interface UdpPort {
  /** @throws Error when the datagram cannot be sent */
  send(bytes: Uint8Array, address: string, port: number): void;
  /** Closes the socket. No callback follows. Callable at any time. */
  close(): void;
}

/** @throws Error when there is no socket */
export type OpenUdpPort = (onDatagram: (bytes: Uint8Array, address: string, port: number) => void) => UdpPort;

export interface UdpPortOptions {
  secureRandom(into: Uint8Array): void;
  /** Called with errors that `onDatagram` throws, which would otherwise end the machine. */
  onThrown(error: unknown): void;
}

/** Opens sockets of the SDK. */
export function udpPorts({ secureRandom, onThrown }: UdpPortOptions): OpenUdpPort {
  return (onDatagram) => {
    let socket: UDP | undefined = openSocket(secureRandom, (count) => {
      try {
        // The handler of one datagram may close the socket, which must not be read afterwards.
        for (let i = 0; i < count && socket !== undefined; i++) {
          const datagram = socket.read();
          if (datagram === undefined) return;
          onDatagram(new Uint8Array(datagram), datagram.address, datagram.port);
        }
      } catch (error) {
        onThrown(error);
      }
    });
    return {
      send: (bytes, address, port) => socket?.write(bytes, address, port),
      close() {
        socket?.close();
        socket = undefined;
      },
    };
  };
}

function openSocket(secureRandom: UdpPortOptions['secureRandom'], onReadable: (count: number) => void): UDP {
  const random = new Uint8Array(2);
  for (let left = TRIES; ; left--) {
    secureRandom(random);
    const port = FIRST_PORT + ((((random[0] as number) << 8) | (random[1] as number)) % PORTS);
    try {
      return new UDP({ port, onReadable });
    } catch (error) {
      if (left === 1) throw error;
    }
  }
}
