import { cpSync, mkdtempSync, realpathSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A copy of a folder of the project that a run may change. The caller removes it. */
export function copyOf(folder: string, name: string): string {
  const copy = join(realpathSync(mkdtempSync(join(tmpdir(), 'ci-hardening-'))), name);
  cpSync(folder, copy, { recursive: true });
  return copy;
}
