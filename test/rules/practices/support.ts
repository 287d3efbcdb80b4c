/** Repositories as maps of files, and what is asked of them in tests. */
import assert from 'node:assert/strict';
import { RULES } from '../../../rules/checks';
import { analyze, analyzeRepository } from '../../../rules/engine/analyze';
import { DEFAULT_CONFIG } from '../../../rules/engine/rule';
import type { Finding } from '../../../rules/engine/finding';
import { PRACTICES } from '../../../rules/practices';
import type { PracticeDefinition, Verdict } from '../../../rules/practices/practice';
import { createRepository, type Repository } from '../../../rules/repository';
import { computeScorecard, type Scorecard } from '../../../rules/scorecard';

export type Files = Readonly<Record<string, string>>;

export function repository(files: Files): Repository {
  return createRepository(Object.keys(files), path => files[path]);
}

export function practice(id: string): PracticeDefinition {
  const found = PRACTICES.find(p => p.id === id);
  if (!found) throw new Error(`no practice ${id}`);
  return found;
}

/** The verdict, or `null` where the practice doesn't apply. */
export function verdict(id: string, files: Files): Verdict | null {
  const repo = repository(files), p = practice(id);
  return p.applies(repo) ? p.evidence(repo) : null;
}

export const result = (id: string, files: Files): number | 'unknown' | null => verdict(id, files)?.result ?? null;

const environment = (repo: Repository) => ({ config: { ...DEFAULT_CONFIG, profile: 'strict' as const }, repository: repo, rules: RULES,
  today: '2026-01-01' });

export function scorecard(files: Files): Scorecard {
  const repo = repository(files), env = environment(repo), all = analyzeRepository(repo, env);
  return computeScorecard(repo, [...repo.documents.map(d => analyze(d, env)),
    { findings: [...all.findings.values()].flat(), tallies: all.tallies }]);
}

/** Findings of every rule, by file. */
export function findings(files: Files): Finding[] {
  const repo = repository(files), env = environment(repo);
  return [...repo.documents.flatMap(d => analyze(d, env).findings), ...[...analyzeRepository(repo, env).findings.values()].flat()];
}

/** A workflow with one job that runs on pull requests. `steps` stand at six spaces. */
export function workflow(steps: string, extra: { readonly on?: string; readonly job?: string; readonly top?: string } = {}): string {
  const { on = 'on: pull_request', job = '', top = '' } = extra;
  return `name: CI\n${on}\n${top}jobs:\n  check:\n    runs-on: ubuntu-latest\n${job}    steps:\n${steps.replace(/^(?=.)/gm, '      ')}`;
}

/** Repositories by what they show. A reason, in words, where a practice has no such verdict. */
export interface PracticeCases {
  readonly met: Readonly<Record<string, Files>>;
  readonly partial: Readonly<Record<string, Files>> | string;
  readonly missing: Readonly<Record<string, Files>>;
  readonly notApplicable: Readonly<Record<string, Files>> | string;
}

/** The tests that every practice has: a verdict of each kind, with evidence that stands where it says, or with what was looked for. */
export function practiceCases(id: string, cases: PracticeCases): void {
  const each = (kind: string, of: Readonly<Record<string, Files>> | string, holds: (v: Verdict | null) => boolean): void => {
    if (typeof of === 'string') return;
    for (const [name, files] of Object.entries(of)) {
      it(`${id} is ${kind}: ${name}`, () => {
        const v = verdict(id, files);
        assert.ok(holds(v), JSON.stringify(v));
        if (v && v.result === 1) assert.ok(v.evidence.length > 0, 'a verdict without evidence');
        else if (v) assert.ok(v.lookedFor.length > 0 && v.lookedFor.every(l => l !== ''), 'nothing says what was looked for');
        for (const e of v?.evidence ?? []) {
          if (e.start === undefined) assert.ok(e.path in files, `${e.path} is not in the repository`);
          else assert.ok(e.start >= 0 && e.start < e.end! && e.end! <= files[e.path]!.length, `${e.path}: ${e.start}–${e.end!}`);
        }
      });
    }
  };
  each('met', cases.met, v => v?.result === 1);
  each('partial', cases.partial, v => typeof v?.result === 'number' && v.result > 0 && v.result < 1);
  each('missing', cases.missing, v => v?.result === 0);
  each('not applicable', cases.notApplicable, v => v === null);
}
