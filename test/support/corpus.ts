import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileKind, type FileKind } from '../../rules/workflow/document';

const root = path.resolve(__dirname, '../..');

/** Folder of real repositories (`owner__name/`), or undefined where this machine has none. */
export const corpusFolder: string | undefined = [process.env['CI_HARDENING_CORPUS'], path.join(root, '../shared/corpus')]
  .find((d): d is string => d !== undefined && d !== '' && existsSync(d));

export interface CorpusFile { readonly repository: string; /** Relative to the repository. */ readonly path: string; readonly kind: FileKind; readonly text: string }

/** Every workflow, action and dependabot.yml of the corpus, sorted. Empty where there is no corpus. */
export function corpusFiles(): CorpusFile[] {
  if (!corpusFolder) return [];
  const out: CorpusFile[] = [];
  for (const repository of readdirSync(corpusFolder).sort()) {
    const visit = (dir: string) => {
      for (const e of readdirSync(path.join(corpusFolder, repository, dir), { withFileTypes: true })) {
        const p = dir ? `${dir}/${e.name}` : e.name;
        const kind = fileKind(p);
        if (e.isDirectory()) visit(p);
        else if (e.isFile() && kind) out.push({ repository, path: p, kind, text: readFileSync(path.join(corpusFolder, repository, p), 'utf8') });
      }
    };
    if (!repository.includes('.')) visit('');
  }
  return out.sort((a, b) => (`${a.repository}/${a.path}` < `${b.repository}/${b.path}` ? -1 : 1));
}

/** The title of a corpus test says so where it can't run. */
export const corpusTitle = (title: string) => (corpusFolder ? title : `${title} (skipped: no corpus of real repositories on this machine)`);
