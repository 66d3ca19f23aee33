/** Where an installed npm package lies. Node only. */
import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import { OutlierExposureError } from '../../errors.ts';

const require = createRequire(import.meta.url);

/** The folder of an npm package that data comes from. */
export function packageFolder(name: string): string {
  try {
    return dirname(require.resolve(`${name}/package.json`));
  } catch (error) {
    throw new OutlierExposureError(
      'not-found',
      `The npm package ${name}, which data is taken from, is not installed: run \`npm install ${name}\`.`,
      { cause: error },
    );
  }
}

/** `name@version` of an installed npm package. */
export function packageId(name: string): string {
  packageFolder(name);
  const { version } = require(`${name}/package.json`) as { version: string };
  return `${name}@${version}`;
}
