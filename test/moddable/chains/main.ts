// SPDX-License-Identifier: Apache-2.0

import { createEsp32Hal, OWN_SPACE } from 'fractus/board';
import platform from 'fractus/platform';
import { boardConfig } from '../../../hal/esp32/config.ts';
import type { NetworkErrorKind, StreamHandler } from '../../../hal/hal.ts';

interface Server {
  readonly host: string;
  readonly port: number;
  /** Its file; '': those of the firmware. */
  readonly ca: string;
}

/** In the simulator: connects to one server after the other, and prints what TLS says of each. */
export default function main(): void {
  const config = boardConfig({}, platform.openValues(OWN_SPACE));
  const hal = createEsp32Hal({ config });
  hal.clock.set(Date.now());
  const servers = JSON.parse(String(config['servers'])) as Server[];

  /** Calls `onVerdict` once, from an event of its own. */
  const ask = ({ host, port, ca }: Server, onVerdict: (verdict: string) => void) => {
    let verdict = '';
    const timer = hal.createTimer(() => onVerdict(verdict));
    const over = (text: string) => {
      verdict = text;
      stream.close();
      timer.start(0);
    };
    const handler: StreamHandler = {
      onOpen() {},
      onReadable: () => over('good'),
      onWritable() {},
      onEnd: () => over('end'),
      onError: (kind: NetworkErrorKind, detail: string) => over(`${kind}: ${detail}`),
    };
    const stream = hal.network.connect({ host, port, tls: ca === '' ? {} : { ca } }, handler);
    return stream;
  };

  const askFrom = (index: number) => {
    const server = servers[index];
    if (server === undefined) {
      crowd();
      return;
    }
    ask(server, (verdict) => {
      platform.print(`chain ${index}: ${verdict}`);
      askFrom(index + 1);
    });
  };

  /** One that never answers has its turn before those that do; then it is given up before its time. */
  const crowd = () => {
    const good = servers[0] as Server;
    const mute = { ...good, port: Number(config['mute']) };
    const turns: string[] = [];
    const turn = (name: string) => (verdict: string) => {
      turns.push(`${name} ${verdict}`);
      if (turns.length < 3) return;
      for (const each of turns) platform.print(`turn ${each}`);
      const abandoned = ask(mute, () => {});
      ask(good, (verdict) => {
        platform.print(`turn after close: ${verdict}`);
        platform.print('chains: done');
      });
      abandoned.close();
    };
    ask(mute, turn('mute'));
    ask(good, turn('second'));
    ask(good, turn('third'));
  };

  askFrom(0);
}
