import { buildAll } from '../build.ts';
import { buildForModdable, buildProject } from '../moddable/bundle.ts';
import { buildXsHost } from '../xs/build.ts';

const USAGE = `usage: fractus build [--all] [DIRECTORY]

  --all       the XS host also for the other word size, as tests and the ratchet want it
  DIRECTORY   a project of one's own: only what its manifest.json needs, its main.ts or mod.ts among it`;

/**
 * `fractus build`: the bundle for XS, the XS host and the modules of manifest.json, all cached in the checkout. Without a
 * C compiler no host.
 * `--all` makes the host for the other word size too, which tests and the ratchet want. With a directory, an author's
 * project is made ready for mcconfig.
 */
export async function buildCommand(args: string[]): Promise<number> {
  const [option] = args;
  if (option === '--help' || option === '-h') {
    console.log(USAGE);
    return 0;
  }
  const all = option === '--all';
  if (args.length > 1 || (!all && option?.startsWith('-'))) {
    console.error(USAGE);
    return 2;
  }
  if (option !== undefined && !all) return buildOwn(option);
  const report = (line: string) => console.log(line);
  const { bundle, host } = await buildAll({ report });
  if (all && host.available && host.wordBits === 32) await buildXsHost({ wordBits: 64, report });
  console.log(`bundle: ${bundle.sizeBytes} bytes, ${bundle.path}`);
  console.log(host.available ? `XS host: ${host.wordBits}-bit, ${host.path}` : `XS host: ${host.reason}`);
  const { sizeBytes, directory } = await buildForModdable();
  console.log(`modules for Moddable: ${sizeBytes} bytes, ${directory}`);
  return 0;
}

async function buildOwn(directory: string): Promise<number> {
  try {
    await buildForModdable();
    console.log(`module: ${await buildProject(directory)}`);
    return 0;
  } catch (error) {
    console.error(`fractus build: ${(error as Error).message}`);
    return 1;
  }
}
