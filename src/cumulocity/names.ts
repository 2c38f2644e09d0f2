/** Characters that fragment and series names must not have: the platform's queries cannot reach such names. */
const FORBIDDEN = /[\s.,*[\]()@$/]/;

/** @throws RangeError naming the name and what is allowed. */
export function checkName(what: string, name: string): void {
  if (name.length >= 1 && name.length <= 256 && !FORBIDDEN.test(name) && !/[\u0000-\u001f"\\\u007f]/.test(name)) return;
  const shown = name.slice(0, 60).replace(/[\u0000-\u001f\u007f]/g, '?');
  throw new RangeError(
    `${what}: the name "${shown}" is not allowed; allowed: no white space and none of . , * [ ] ( ) @ $ / " \\`,
  );
}
