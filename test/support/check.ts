/** Runs all rules over a text as the product does: strict, with a checkout around it. Throws where a rule threw. */
import assert from 'node:assert/strict';
import { analyze, analyzeRepository, type EngineEnv } from '../../rules/engine/analyze';
import { parseConfig } from '../../rules/engine/config';
import type { Finding } from '../../rules/engine/finding';
import { DEFAULT_CONFIG, type Config } from '../../rules/engine/rule';
import { RULES } from '../../rules/checks';
import type { SourceDocument } from '../../rules/workflow/document';
import { parseSource } from '../../rules/workflow/parse';
import { createRepository } from '../../rules/repository';
import type { Fixture } from './fixtures';

export const STRICT: Config = { ...DEFAULT_CONFIG, profile: 'strict' };
/** Fixtures don't age: what depends on the day is tested against this one. */
export const TODAY = '2026-10-01';

export type Case = Pick<Fixture, 'path'> & Partial<Pick<Fixture, 'files' | 'config' | 'withoutRepository' | 'online'>>;

export function envOf(kase: Case, text: string): EngineEnv {
  const parsed = kase.config === undefined ? undefined : parseConfig(kase.config, { rules: RULES, today: TODAY });
  if (parsed) assert.deepEqual(parsed.problems, [], 'the fixture\'s config is not sound');
  const files = kase.files ?? new Map<string, string>();
  const repository = createRepository([...files.keys(), kase.path], p => (p === kase.path ? text : files.get(p)));
  return { rules: RULES, config: parsed?.config ?? STRICT, today: TODAY, online: kase.online, repository: kase.withoutRepository ? undefined : repository };
}

export interface Checked { readonly document: SourceDocument; readonly findings: readonly Finding[] }

/** All findings of the case's own file, those of repository rules included. */
export function check(kase: Case, text: string): Checked {
  const env = envOf(kase, text);
  const document = env.repository?.document(kase.path) ?? parseSource(kase.path, text);
  const analysis = analyze(document, env);
  const wide = env.repository ? analyzeRepository(env.repository, env) : undefined;
  assert.deepEqual([...analysis.errors, ...(wide?.errors ?? [])], [], 'a rule threw');
  return { document, findings: [...analysis.findings, ...(wide?.findings.get(kase.path) ?? [])] };
}

/** What is shown of one rule. Absorbed findings count: they are there. */
export function shown({ findings }: Checked, ruleId: string): Finding[] {
  return findings.filter(f => f.ruleId === ruleId && !f.suppressed);
}
