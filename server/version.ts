/** The product's version; `scripts/build.mjs` writes it in. */
export const version: string = process.env.CI_HARDENING_VERSION ?? '0.0.0-source';
