const CAPACITY = 32;

/** The ids of the operations seen last, so that one delivered twice is executed once. Bounded; the oldest goes first. */
export class RecentIds {
  readonly #ids = new Float64Array(CAPACITY);
  #next = 0;

  has(id: string): boolean {
    return this.#ids.indexOf(numberOf(id)) >= 0;
  }

  /** Remembers it as the newest. */
  add(id: string): void {
    const number = numberOf(id);
    const known = this.#ids.indexOf(number);
    if (known >= 0) this.#ids[known] = 0;
    this.#ids[this.#next] = number;
    this.#next = (this.#next + 1) % CAPACITY;
  }
}

/** The platform's ids are decimal; any other text is hashed into 52 bits (FNV-1a in two halves), below zero. */
function numberOf(id: string): number {
  const number = Number(id);
  if (number > 0 && number <= Number.MAX_SAFE_INTEGER && Math.floor(number) === number) return number;
  let low = 0x811c9dc5;
  let high = 0x01234567;
  for (let i = 0; i < id.length; i++) {
    const code = id.charCodeAt(i);
    low = Math.imul(low ^ code, 0x01000193);
    high = Math.imul(high ^ code, 0x01000193) + i;
  }
  return -1 - ((low >>> 0) + (high & 0xfffff) * 0x100000000);
}
