import { buildAll } from '../build.ts';
import { buildXsHost } from '../xs/build.ts';

/**
 * `fractus build`: the bundle for XS and the XS host, both cached in the checkout. Without a C compiler only the bundle.
 * `--all` makes the host for the other word size too, which tests and the ratchet want.
 */
export async function buildCommand(args: string[]): Promise<number> {
  const all = args[0] === '--all';
  if (args.length > (all ? 1 : 0)) {
    console.error('usage: fractus build [--all]');
    return 2;
  }
  const report = (line: string) => console.log(line);
  const { bundle, host } = await buildAll({ report });
  if (all && host.available && host.wordBits === 32) await buildXsHost({ wordBits: 64, report });
  console.log(`bundle: ${bundle.sizeBytes} bytes, ${bundle.path}`);
  console.log(host.available ? `XS host: ${host.wordBits}-bit, ${host.path}` : `XS host: ${host.reason}`);
  return 0;
}
