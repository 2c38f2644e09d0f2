import UDP from 'embedded:io/socket/udp';
import type { SntpOptions, UdpPort } from './sntp.ts';

/** Opens a socket of the SDK. What a callback throws would be the end of the machine: `onThrown` is told. */
export function openUdpPort(
  onDatagram: Parameters<SntpOptions['openPort']>[0],
  onThrown: (error: unknown) => void,
): UdpPort {
  let socket: UDP | undefined = new UDP({
    onReadable(count) {
      try {
        // Closed by the one that has just been read, it must not be read again.
        for (let i = 0; i < count && socket !== undefined; i++) {
          const datagram = socket.read();
          if (datagram === undefined) return;
          onDatagram(new Uint8Array(datagram), datagram.address, datagram.port);
        }
      } catch (error) {
        onThrown(error);
      }
    },
  });
  return {
    send: (bytes, address, port) => socket?.write(bytes, address, port),
    close() {
      socket?.close();
      socket = undefined;
    },
  };
}
