import { readFileSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Pages } from './docs';

let pages: Pages | undefined;

/** The documentation that stands beside the bundle, read when it is first asked for. */
export function pagesOnDisk(): Pages {
  if (pages) return pages;
  try {
    return pages = JSON.parse(readFileSync(join(__dirname, 'docs.json'), 'utf8')) as Pages;
  } catch {
    // Not bundled: the pages stand beside the rules and practices that they are about.
    return pages = readPages(join(dirname(__dirname), 'rules'));
  }
}

function readPages(folder: string): Record<string, string> {
  const found: Record<string, string> = {};
  for (const part of ['checks', 'practices']) {
    let files: string[];
    try {
      files = readdirSync(join(folder, part), { recursive: true }) as string[];
    } catch {
      continue;
    }
    for (const file of files) {
      const id = /([^/\\]+)\.md$/.exec(file)?.[1];
      if (id && id !== 'README') found[id] = readFileSync(join(folder, part, file), 'utf8');
    }
  }
  return found;
}
