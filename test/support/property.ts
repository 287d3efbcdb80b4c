/**
 * One seed for all property tests, so that a run says something about the change and not about luck. `npm run fuzz` looks for new
 * counterexamples: a seed of its own each time, which a failure prints.
 */
import fc from 'fast-check';

fc.configureGlobal({ ...fc.readConfigureGlobal(), ...(process.env['CI_HARDENING_FUZZ'] ? {} : { seed: 20_261_122 }) });
