/** The platform, and the servers of files and tokens. */
const MOST = 4;

/** Where hosts were found last, for when DNS does not answer: an address that has moved is no worse than none. */
export class Addresses {
  /** Found last first. */
  readonly #hosts: string[] = [];
  readonly #addresses: string[] = [];

  of(host: string): string | undefined {
    const at = this.#hosts.indexOf(host);
    return at < 0 ? undefined : this.#addresses[at];
  }

  keep(host: string, address: string): void {
    if (this.#addresses[0] === address && this.#hosts[0] === host) return;
    const at = this.#hosts.indexOf(host);
    if (at >= 0) {
      this.#hosts.splice(at, 1);
      this.#addresses.splice(at, 1);
    }
    this.#hosts.unshift(host);
    this.#addresses.unshift(address);
    if (this.#hosts.length > MOST) {
      this.#hosts.pop();
      this.#addresses.pop();
    }
  }
}
