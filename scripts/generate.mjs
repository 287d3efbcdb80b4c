/**
 * Runs every generator, in an order in which each finds what it reads: `npm run generate`. With `--check` nothing is written, and the
 * exit code is 1 where something would change. The catalogue is made from facts that are no part of this repository, so it comes
 * along only where CI_HARDENING_FACTS names their folder.
 */
import { node } from './setup.mjs';

const check = process.argv.includes('--check') ? ['--check'] : [];
const facts = process.env.CI_HARDENING_FACTS;
const generators = [
  ...(facts ? [['generate-catalog', '--facts', facts]] : []),
  ['generate-contexts'], ['generate-events'], ['generate-scripts'], ['generate-registry'], ['generate-docs'], ['generate-settings'], ['generate-l10n'], ['generate-notices'],
];
for (const [name, ...args] of generators) {
  const { code } = await node([`scripts/${name}.mjs`, ...args, ...check]);
  if (code !== 0) {
    console.error(`${name} ended with ${code}`);
    process.exitCode = 1;
  }
}
