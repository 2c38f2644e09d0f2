import { buildAll } from '../build.ts';

/** `fractus build`: the bundle for XS and the XS host, both cached in the checkout. Without a C compiler only the bundle. */
export async function buildCommand(args: string[]): Promise<number> {
  if (args.length > 0) {
    console.error('fractus build: takes no arguments');
    return 2;
  }
  const { bundle, host } = await buildAll({ report: (line) => console.log(line) });
  console.log(`bundle: ${bundle.sizeBytes} bytes, ${bundle.path}`);
  console.log(host.available ? `XS host: ${host.wordBits}-bit, ${host.path}` : `XS host: ${host.reason}`);
  return 0;
}
