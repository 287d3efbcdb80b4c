import { definePractice, type Verdict } from '../practice';
import { ownerRule, repoFacts, type Repository } from '../../repository';
import { missing, ratio } from '../shared/verdict';

/** What decides about the pipeline. */
function pipelineFiles(repo: Repository): string[] {
  const files = repo.files.filter(f => /^\.github\/(?:workflows\/[^/]+\.ya?ml|actions\/.+|dependabot\.ya?ml)$/.test(f)
    || f === '.github/CODEOWNERS');
  return files.length > 0 ? files : ['.github/workflows/ci.yml'];
}

function evidence(repo: Repository): Verdict {
  const owners = repoFacts(repo).codeowners;
  if (!owners) return missing('CODEOWNERS in .github/, at the root or in docs/');
  const { path, rules } = owners;
  if (!rules) return { result: 'unknown', evidence: [{ path, text: 'there is one, and it could not be read' }],
    lookedFor: ['a rule that covers .github/'] };
  const files = pipelineFiles(repo);
  const decided = files.map(f => ({ f, rule: ownerRule(rules, f) }));
  const open = decided.filter(d => !d.rule || d.rule.owners.length === 0);
  const used = [...new Set(decided.map(d => d.rule).filter(r => r !== undefined && r.owners.length > 0))];
  return ratio(files.length - open.length, files.length,
    used.map(r => ({ path, start: r!.start, end: r!.end, text: `${r!.pattern} is owned by ${r!.owners.join(' ')}` })),
    open.map(d => `no owner of ${d.f}${d.rule ? `: ${d.rule.pattern} takes it away` : ''}`));
}

/**
 * The owner of a new rule: whoever owns everything already, else a name that GitHub accepts in the file and reports as unknown, so that
 * nobody is made an owner by accident.
 */
function ownerOf(repo: Repository): { owner: string; known: boolean } {
  const rules = repoFacts(repo).codeowners?.rules ?? [];
  const owner = rules.findLast(r => r.pattern === '*' && r.owners.length > 0)?.owners.join(' ')
    ?? rules.findLast(r => r.owners.length > 0)?.owners[0];
  return owner === undefined ? { owner: '@your-org/your-team', known: false } : { owner, known: true };
}

export default definePractice({
  id: 'codeowners',
  title: 'Code owners',
  category: 'Organisation',
  level: 3,
  severity: 'medium',
  since: '0.1.0',
  docs: {
    summary: 'CODEOWNERS names who has to review changes to the pipeline: everything in `.github/`.',
    why: 'Whoever can change a workflow unreviewed can read its secrets and ship what they like.',
    references: [
      'https://docs.github.com/en/repositories/managing-your-repositorys-settings-and-features/customizing-your-repository/about-code-owners',
      'https://docs.github.com/en/actions/security-for-github-actions/security-guides/security-hardening-for-github-actions#using-codeowners-to-monitor-changes',
    ],
  },
  applies: () => true,
  evidence,
  scaffold: {
    kind: 'file',
    title: 'Add code owners for .github/',
    plan(repo) {
      const owners = repoFacts(repo).codeowners;
      if (owners && !owners.rules) return { refused: `${owners.path} could not be read.` };
      if (owners && evidence(repo).result === 1) return { refused: `${owners.path} covers .github/ already.` };
      const { owner, known } = ownerOf(repo);
      const todo = ['Require a review from code owners in the rules of the default branch: without that nobody has to ask them.'];
      if (!known) todo.unshift('Replace @your-org/your-team by the people or the team that look after the pipeline; they need write access.');
      if (!owners) {
        return {
          changes: [{ path: '.github/CODEOWNERS', created: true,
            newText: `# Changes to the pipeline need a review by:\n/.github/ ${owner}\n` }],
          explanation: 'Adds CODEOWNERS with an owner for everything in .github/: workflows, actions, update settings and the file itself.',
          todo,
        };
      }
      const text = repo.read(owners.path) ?? '';
      const eol = text.includes('\r\n') ? '\r\n' : '\n';
      const gap = text === '' || text.endsWith('\n') ? '' : eol;
      return {
        changes: [{ path: owners.path, created: false,
          newText: `${text}${gap}${eol}# Changes to the pipeline need a review by:${eol}/.github/ ${owner}${eol}` }],
        explanation: `Adds a last rule to ${owners.path} that covers .github/.`,
        todo,
      };
    },
  },
});
