import { mkdirSync, mkdtempSync, realpathSync, rmSync, unlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';

/** A folder of its own that is gone after the test. */
export class TemporaryFolder {
  readonly path = realpathSync(mkdtempSync(join(tmpdir(), 'ci-hardening-')));

  constructor(files: Readonly<Record<string, string | Uint8Array>> = {}) {
    for (const [name, contents] of Object.entries(files)) this.write(name, contents);
  }

  write(name: string, contents: string | Uint8Array): void {
    const path = join(this.path, name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, contents);
  }

  remove(name: string): void { unlinkSync(join(this.path, name)); }
  uri(name = ''): string { return pathToFileURL(join(this.path, name)).href.replace(/\/$/, ''); }
  get folder(): { uri: string; name: string } { return { uri: this.uri(), name: 'repo' }; }
  dispose(): void { rmSync(this.path, { recursive: true, force: true }); }
}
