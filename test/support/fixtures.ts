/** Reads rule fixtures: headers, markers, and the files that belong to them. The format is described in test/fixtures/README.md. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { pinKey, type OnlineFacts, type PinFacts } from '../../rules/engine/online';
import { SEVERITIES, type Severity } from '../../rules/engine/rule';
import { lineStartsOf } from '../../rules/workflow/document';
import { withTokens } from './tokens';

export const fixtureRoot = path.resolve(__dirname, '../fixtures/checks');

/** A finding that a marker asks for; offsets in `Fixture.text`. */
export interface Want {
  readonly ruleId: string;
  readonly start: number;
  readonly end: number;
  readonly severity?: Severity;
  readonly messageId?: string;
  /** 1-based, in the fixture file itself. */
  readonly line: number;
}

export interface Fixture {
  readonly ruleId: string;
  readonly name: string;
  readonly file: string;
  readonly golden: string;
  /** Path that the analysis is told. */
  readonly path: string;
  /** Without headers and markers. */
  readonly text: string;
  readonly wants: readonly Want[];
  /** Further files of the checkout, by path. */
  readonly files: ReadonlyMap<string, string>;
  /** Text of a config file, or undefined for the strict profile without settings. */
  readonly config?: string;
  readonly withoutRepository: boolean;
  /** What GitHub is taken to have said; absent where it was not asked. */
  readonly online?: OnlineFacts;
}

/** `owner/repo@ref {"reachable":false}`: the key of a ref and what is known of it. Throws where it is something else. */
export function readFacts(line: string): readonly [string, PinFacts] {
  const [, owner, repo, ref, facts] = /^([\w.-]+)\/([\w.-]+)@(\S+)\s+(\{.*\})\s*$/.exec(line) ?? [];
  if (!owner || !repo || !ref || !facts) throw new Error(`\`# online: <owner/repo@ref> <facts as JSON>\`, not ${line}`);
  return [pinKey(owner, repo, ref), JSON.parse(facts) as PinFacts];
}

export function fixtureRules(): string[] {
  return existsSync(fixtureRoot) ? readdirSync(fixtureRoot, { withFileTypes: true }).filter(e => e.isDirectory()).map(e => e.name).sort() : [];
}

export function fixturesOf(ruleId: string): Fixture[] {
  const dir = path.join(fixtureRoot, ruleId);
  if (!existsSync(dir)) return [];
  return readdirSync(dir).filter(f => /\.ya?ml$/.test(f) && !/\.golden\.ya?ml$/.test(f)).sort().map(f => readFixture(ruleId, path.join(dir, f)));
}

export function readFixture(ruleId: string, file: string): Fixture {
  const source = withTokens(readFileSync(file, 'utf8'));
  const name = path.basename(file).replace(/\.ya?ml$/, '');
  const files = new Map<string, string>();
  let virtual = `.github/workflows/${name}.yml`;
  let config: string | undefined;
  let withoutRepository = false;
  const online = new Map<string, PinFacts>();
  const read = (relative: string): string => readFileSync(path.join(path.dirname(file), relative), 'utf8');
  const body = source.replace(/^(?:# (?:path|with-file|config|without-repository|online)\b.*(?:\r?\n|$))+/, headers => {
    for (const line of headers.split(/\r?\n/)) {
      const [, key, value = ''] = /^# ([\w-]+):?\s*(.*?)\s*$/.exec(line) ?? [];
      if (key === 'path') virtual = value;
      else if (key === 'with-file') {
        const [target, from, ...rest] = value.split(/\s+/);
        if (!target || !from || rest.length > 0) throw new Error(`${file}: \`# with-file: <path> <fixture-file>\``);
        files.set(target, read(from));
      } else if (key === 'config') config = read(value);
      else if (key === 'without-repository') withoutRepository = true;
      else if (key === 'online') online.set(...readFacts(value));
    }
    return '';
  });
  const headerLines = source.slice(0, source.length - body.length).split('\n').length - 1;
  const { text, wants } = markers(body, file, headerLines);
  return { ruleId, name, file, golden: file.replace(/\.(ya?ml)$/, '.golden.$1'), path: virtual, text, wants, files, config, withoutRepository, ...(online.size > 0 ? { online } : {}) };
}

const MARKER = /^([ \t]*#?[ \t]*)(\^+|\|)(\.\.\.)?[ \t]+want[ \t]+(\S.*?)[ \t]*$/;
const CLOSING = /^([ \t]*#?[ \t]*)\.\.\.(\^+)[ \t]+end[ \t]*$/;

/** Takes marker lines out of a text and turns them into offsets of what remains. */
export function markers(source: string, file: string, lineOffset = 0): { text: string; wants: Want[] } {
  const lines = source.split(/(?<=\n)/);
  const kept: string[] = [];
  const pending: { line: number; column: number; width: number; open: boolean; words: string[]; at: number; end?: [number, number] }[] = [];
  lines.forEach((line, i) => {
    const bare = line.replace(/\r?\n$/, '');
    const mark = MARKER.exec(bare), closing = mark ? null : CLOSING.exec(bare);
    if (!mark && !closing) {
      kept.push(line);
      return;
    }
    const at = i + 1 + lineOffset;
    if (kept.length === 0) throw new Error(`${file}:${at}: a marker needs a line above it`);
    if (mark) {
      pending.push({ line: kept.length - 1, column: mark[1]!.length, width: mark[2] === '|' ? 0 : mark[2]!.length, open: mark[3] !== undefined,
        words: mark[4]!.split(/\s+/), at });
      return;
    }
    const open = pending.findLast(p => p.open && !p.end);
    if (!open) throw new Error(`${file}:${at}: nothing to end`);
    open.end = [kept.length - 1, closing![1]!.length + 3 + closing![2]!.length];
  });
  const text = kept.join('');
  const starts = lineStartsOf(text);
  const wants = pending.map(p => {
    const [ruleId, ...rest] = p.words;
    const severity = rest.find((w): w is Severity => (SEVERITIES as readonly string[]).includes(w));
    const start = starts[p.line]! + p.column;
    if (p.open && !p.end) throw new Error(`${file}:${p.at}: \`...\` needs an \`...^ end\` under the last line of the range`);
    const end = p.end ? starts[p.end[0]]! + p.end[1] : start + p.width;
    if (start > text.length || end > text.length) throw new Error(`${file}:${p.at}: the marker points past the text`);
    return { ruleId: ruleId!, start, end, severity, messageId: rest.find(w => w !== severity), line: p.at };
  });
  return { text, wants };
}
