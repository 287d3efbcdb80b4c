/**
 * A checkout as the rules see it: names of files, contents where they can be read. Built by whoever does I/O.
 */
import type { SourceDocument } from '../workflow/document';

export interface Repository {
  /** Every file, relative to the root with `/`, sorted. May hold files whose contents are not known. */
  readonly files: readonly string[];
  has(path: string): boolean;
  /** Undefined where the contents can't be read: that means unknown, not missing. */
  read(path: string): string | undefined;
  /** Parsed workflows, action files and dependabot.yml, sorted by path. */
  readonly documents: readonly SourceDocument[];
  document(path: string): SourceDocument | undefined;
}
