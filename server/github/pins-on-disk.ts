import { join } from 'node:path';
import { FactCache } from './fact-cache';
import { pinsAskedWith, type OnlinePins } from './online-pins';
import type { ResolveOptions } from './resolve';

/** Pins that a GitHub server is asked about, with what is kept of their answers in a folder; undefined keeps nothing. Throws `ResolveError` for an address that is none. */
export function pinsAskedOf(options: ResolveOptions, folder: string | undefined): OnlinePins {
  return pinsAskedWith(options, new FactCache(folder && join(folder, 'pins.json')));
}
