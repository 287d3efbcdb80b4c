/** The unit tests with a new seed for every property: `npm run fuzz`. A failure prints the seed that repeats it. */
import { bin } from './setup.mjs';

const { code } = await bin('mocha/bin/mocha.js', process.argv.slice(2), { env: { CI_HARDENING_FUZZ: '1' } });
process.exitCode = code;
