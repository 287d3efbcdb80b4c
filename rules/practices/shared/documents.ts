/** Documents that people write: where they are, and whether they say what makes them worth having. */
import { isSample, isVendored, type Repository } from '../../repository';
import type { Evidence, Verdict } from '../practice';
import { cut } from './verdict';

/** Longer ones are read from their beginning. */
const MAX_TEXT = 200_000;
const MAX_DOCUMENTS = 200;

export interface TextFile { readonly path: string; /** Undefined where it can't be read. */ readonly text: string | undefined }

/** Files whose whole path fits, vendored and sample folders left out. */
export function documents(repo: Repository, path: RegExp): TextFile[] {
  return repo.files.filter(f => path.test(f) && !isVendored(f) && !isSample(f)).slice(0, MAX_DOCUMENTS)
    .map(f => ({ path: f, text: repo.read(f)?.slice(0, MAX_TEXT) }));
}

/** Something that a document has to say. */
export interface Topic { readonly wanted: string; readonly said: RegExp }

/**
 * How much of what is wanted the documents say together. What is in comments and in a text of a few words is not said. Unknown where
 * none of them can be read.
 */
export function topicsVerdict(found: readonly TextFile[], topics: readonly Topic[], seen: string): Verdict {
  const texts = found.map(f => f.text).filter(t => t !== undefined).map(spoken);
  const evidence: Evidence[] = found.map(f => ({ path: f.path, text: seen }));
  if (found.length > 0 && texts.length === 0) return { result: 'unknown', evidence: found.slice(0, 12).map(f => ({ path: f.path, text: 'is there, and could not be read' })), lookedFor: [`${found[0]!.path} could not be read`] };
  const open = topics.filter(t => !texts.some(text => t.said.test(text)));
  if (open.length === topics.length) return { result: 0, evidence: [], lookedFor: cut([
    ...found.slice(0, 3).map(f => `${f.path} doesn’t count: it says nothing of what is looked for`), ...open.map(t => t.wanted)]) };
  return { result: 1 - open.length / topics.length, evidence: evidence.slice(0, 12), lookedFor: cut(open.map(t => t.wanted)) };
}

/** Without HTML comments, which nobody reads. */
export function spoken(text: string): string {
  let out = '', at = 0;
  for (let i = text.indexOf('<!--'); i >= 0; i = text.indexOf('<!--', at)) {
    out += text.slice(at, i);
    const end = text.indexOf('-->', i + 4);
    if (end < 0) return out;
    at = end + 3;
  }
  return out + text.slice(at);
}

/** Who owns everything, or a placeholder that people replace. */
export const TEAM = '@your-org/your-team';
