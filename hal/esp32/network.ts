import { checkTarget } from '../common/checks.ts';
import type { ByteStream, Network, StreamHandler, Target, Timer } from '../hal.ts';
import { PlainStream } from './plain-stream.ts';
import type { Link, Platform } from './platform.ts';
import type { Esp32Stream, StreamOwner } from './stream.ts';
import { Views } from './views.ts';

export interface Esp32NetworkOptions {
  readonly link: Link;
  readonly resolve: Platform['resolve'];
  createTimer(onTimeout: () => void): Timer;
  onThrown(error: unknown): void;
}

/** Connections over the sockets of the SDK, for as long as the link is up. */
export class Esp32Network implements Network, StreamOwner {
  readonly views = new Views();
  readonly #options: Esp32NetworkOptions;
  readonly #streams: Esp32Stream[] = [];
  #listener: ((up: boolean) => void) | undefined;
  #up: boolean;
  #closed = false;

  constructor(options: Esp32NetworkOptions) {
    this.#options = options;
    const { link } = options;
    this.#up = link.up;
    link.start(() => this.#changed(link.up));
  }

  /** As the agent was told last. */
  get up(): boolean {
    return this.#up;
  }

  get address(): string | undefined {
    return this.#up ? this.#options.link.address : undefined;
  }

  get signalDbm(): number | undefined {
    return this.#up ? this.#options.link.signalDbm : undefined;
  }

  onChange(listener: (up: boolean) => void): void {
    this.#listener = listener;
  }

  reset(): void {
    if (!this.#closed) this.#options.link.reset();
  }

  connect(target: Target, handler: StreamHandler): ByteStream {
    checkTarget(target);
    const stream = new PlainStream(this, target, handler);
    if (this.#closed) {
      stream.close();
      return stream;
    }
    this.#streams.push(stream);
    if (this.#up) stream.open();
    else this.soon(() => stream.fail('unreachable', 'the link is down'));
    return stream;
  }

  /** Ends everything; nothing is called any more. */
  close(): void {
    this.#closed = true;
    this.#listener = undefined;
    this.#options.link.close();
    for (const stream of [...this.#streams]) stream.close();
  }

  resolve(host: string, onResolved: (address: string | undefined) => void): void {
    this.#options.resolve(host, (_, address) => {
      try {
        onResolved(address);
      } catch (error) {
        this.onThrown(error);
      }
    });
  }

  soon(act: () => void): void {
    this.#options.createTimer(act).start(0);
  }

  onThrown(error: unknown): void {
    this.#options.onThrown(error);
  }

  release(stream: Esp32Stream): void {
    const at = this.#streams.indexOf(stream);
    if (at >= 0) this.#streams.splice(at, 1);
  }

  #changed(up: boolean): void {
    if (this.#closed || up === this.#up) return;
    this.#up = up;
    if (!up) for (const stream of [...this.#streams]) stream.fail('closed', 'the link went down');
    try {
      this.#listener?.(up);
    } catch (error) {
      this.onThrown(error);
    }
  }
}
