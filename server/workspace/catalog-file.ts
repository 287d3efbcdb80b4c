import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { readCatalogUpdate, useCatalogUpdate, type CatalogUpdate } from '../../rules/catalog';
import { cacheFolder, readJson, writeWhole } from './cache-folder';

const BYTES_AT_MOST = 8 * 1024 * 1024;

/** Where news of the catalogue are kept; undefined where the system names no such place. */
export function catalogFile(): string | undefined {
  const folder = cacheFolder();
  return folder === undefined ? undefined : join(folder, 'catalog.json');
}

export type LoadedCatalog =
  | { readonly state: 'none' }
  | { readonly state: 'used'; readonly file: string; readonly date: string }
  /** There is a file, and it is broken or older than the catalogue that is built in. */
  | { readonly state: 'broken' | 'old'; readonly file: string };

/** Takes in what an update has written. What is not sound is left out: the catalogue that is built in works alone. */
export function loadCatalog(file: string | undefined = catalogFile()): LoadedCatalog {
  if (file === undefined || !existsSync(file)) return { state: 'none' };
  const update = readCatalogUpdate(readJson(file, BYTES_AT_MOST));
  if (!update) return { state: 'broken', file };
  return useCatalogUpdate(update) ? { state: 'used', file, date: update.date } : { state: 'old', file };
}

/** Keeps an update for later processes. Throws as `fs` does, and for one that would not be read back: nothing is written then. */
export function saveCatalog(update: CatalogUpdate, file: string): void {
  const text = `${JSON.stringify(update)}\n`;
  if (text.length > BYTES_AT_MOST || !readCatalogUpdate(JSON.parse(text))) throw new Error('the update is not sound');
  writeWhole(file, text);
}
