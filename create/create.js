// SPDX-License-Identifier: Apache-2.0
/** `npm create fractus NAME` and `fractus create NAME`: a project of one's own, out of the template. */

import { cpSync, existsSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const TEMPLATE = fileURLToPath(new URL('template/', import.meta.url));
/** Files that npm would not publish by their own names. */
const HIDDEN = ['gitignore', 'npmrc'];
/** A name that npm allows. */
const NAME = /^[a-z0-9][a-z0-9._-]{0,99}$/;

/**
 * In a clone: the package, where `npm pack` has made it. A project finds there what a registry may not have.
 * @param {string} folder
 */
function packageFor(folder) {
  const root = fileURLToPath(new URL('../', import.meta.url));
  if (root.split(path.sep).includes('node_modules') || !existsSync(path.join(root, 'src'))) return '';
  const { version } = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8'));
  const file = path.join(root, `fractus-${version}.tgz`);
  return existsSync(file) ? ` ${path.relative(folder, file)}` : '';
}

/**
 * Makes a project; returns the exit code: 0, 2 for bad arguments, 1 when there is something at its place.
 * @param {readonly string[]} args
 * @param {string} command what was typed before them
 */
export function createCommand(args, command) {
  const [folder = '', ...others] = args;
  const usage = `usage: ${command} NAME\n\n  NAME  the folder of the new project, which gives it its name`;
  if (folder === '--help' || folder === '-h') {
    console.log(usage);
    return 0;
  }
  const name = path.basename(path.resolve(folder));
  if (folder === '' || folder.startsWith('-') || others.length > 0 || !NAME.test(name)) {
    const trouble = folder === '' || others.length > 0 ? 'one name is needed' : `"${folder}" is not a package name`;
    console.error(`${command}: ${trouble}; allowed: small letters, digits, - _ .\n\n${usage}`);
    return 2;
  }
  if (existsSync(folder) && readdirSync(folder).length > 0) {
    console.error(`${command}: ${folder} is not empty`);
    return 1;
  }
  try {
    copyTemplate(folder, name);
  } catch (error) {
    console.error(`${command}: ${folder} cannot be made: ${/** @type {Error} */ (error).message}`);
    return 1;
  }
  console.log(`${folder} is ready. Next:\n\n  cd ${folder}\n  npm install${packageFor(folder)}\n  npm start`);
  return 0;
}

/**
 * @param {string} folder
 * @param {string} name
 */
function copyTemplate(folder, name) {
  cpSync(TEMPLATE, folder, { recursive: true });
  for (const each of HIDDEN) renameSync(path.join(folder, each), path.join(folder, `.${each}`));
  for (const each of ['package.json', 'README.md', 'manifest.json']) {
    const file = path.join(folder, each);
    writeFileSync(file, readFileSync(file, 'utf8').replaceAll('my-device', name));
  }
}
