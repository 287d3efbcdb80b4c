import { analyze, applyEdits, fixEdits, parseSource, type Finding, type NetworkNeed, type Resolved } from '../../rules';
import { isForAll } from '../github/errors';
import type { FixTextOptions } from '../workspace/fix-text';
import { needName } from '../workspace/need';
import { networkOfEnvironment } from './network';

export interface NetworkFixes { readonly text: string; readonly applied: number; readonly failures: readonly string[] }

const answers = new Map<string, Promise<Resolved | string>>();

/**
 * Applies preferred fixes that need a look-up, one after the other; each ref and each image is looked up once. What can't be looked up
 * is left as it is and told of.
 */
export async function fixByNetwork(path: string, text: string, options: FixTextOptions): Promise<NetworkFixes> {
  const failures = new Set<string>();
  /** Findings that can't be fixed in this very text. */
  let stuck = new Set<string>();
  let applied = 0;
  let document = parseSource(path, text);
  let analysis = analyze(document, options.env);
  let open = candidates(analysis.findings, options);
  for (;;) {
    const next = open.find(f => !stuck.has(f.key));
    if (!next) return { text: document.text, applied, failures: [...failures] };
    stuck.add(next.key);
    const fix = next.fixes[0]!;
    const answer = await lookUp(fix.needs!);
    if (typeof answer === 'string') {
      failures.add(answer);
      continue;
    }
    const edits = fixEdits(analysis, next, fix, { document, repository: options.env.repository, config: options.env.config }, answer);
    if (!edits) continue;
    const after = parseSource(path, applyEdits(document.text, edits), document);
    const again = analyze(after, options.env, analysis);
    const left = candidates(again.findings, options);
    // A fix that leaves its finding where it was is no fix.
    if (after.problems.length > document.problems.length || left.length >= open.length) continue;
    document = after;
    analysis = again;
    open = left;
    stuck = new Set();
    applied++;
  }
}

function candidates(findings: readonly Finding[], { rules, safety }: FixTextOptions): Finding[] {
  return findings.filter(f => !f.suppressed && (rules === undefined ? f.absorbedBy === undefined : rules.includes(f.ruleId))
    && f.fixes[0]?.needs && (safety === 'unsafe' || f.fixes[0].safety === 'safe'));
}

/** Why a server is asked no more: one that is away or has had enough answers no other question either. */
const givenUp = new Map<string, string>();

/** What was found, or why nothing was. */
function lookUp(need: NetworkNeed): Promise<Resolved | string> {
  const name = needName(need);
  let answer = answers.get(name);
  if (!answer) answers.set(name, answer = ask(need).then(found => (typeof found === 'string' ? `${name} was not pinned: ${found}` : found)));
  return answer;
}

async function ask(need: NetworkNeed): Promise<Resolved | string> {
  const options = networkOfEnvironment();
  const network = await import('../network/look-up');
  const server = network.serverOf(need, options.githubUrl);
  const reason = givenUp.get(server);
  if (reason !== undefined) return reason;
  try {
    return await network.lookUp(need, options);
  } catch (error) {
    const message = error instanceof Error ? error.message : 'the look-up failed';
    if (isForAll(error)) givenUp.set(server, message);
    return message;
  }
}
