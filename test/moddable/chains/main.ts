import { createEsp32Hal, OWN_SPACE } from 'fractus/board';
import platform from 'fractus/platform';
import { boardConfig } from '../../../hal/esp32/config.ts';
import type { NetworkErrorKind, StreamHandler } from '../../../hal/hal.ts';

/** In the simulator: connects to one server after the other, and prints what TLS says of each. */
export default function main(): void {
  const config = boardConfig({}, platform.openValues(OWN_SPACE));
  const hal = createEsp32Hal({ config });
  hal.clock.set(Date.now());
  const servers = JSON.parse(String(config['servers'])) as { host: string; port: number; ca: string }[];
  const next = (index: number) => {
    const server = servers[index];
    if (server === undefined) {
      platform.print('chains: done');
      return;
    }
    const { host, port, ca } = server;
    const over = (verdict: string) => {
      platform.print(`chain ${index}: ${verdict}`);
      stream.close();
      timer.start(0);
    };
    const timer = hal.createTimer(() => next(index + 1));
    const handler: StreamHandler = {
      onOpen() {},
      onReadable: () => over('good'),
      onWritable() {},
      onEnd: () => over('end'),
      onError: (kind: NetworkErrorKind, detail: string) => over(`${kind}: ${detail}`),
    };
    const stream = hal.network.connect({ host, port, tls: { ca } }, handler);
  };
  next(0);
}
