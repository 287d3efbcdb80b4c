import { definePractice, type Verdict } from '../practice';
import { repoFacts, type Repository } from '../../repository';
import { documents, TEAM, topicsVerdict, type Topic } from '../shared/documents';
import { missing } from '../shared/verdict';

const PLACES = /^(?:(?:\.github|docs?|community)\/(?:[^/]+\/)?)?(?:project[-_]?)?governance(?:\/[^/]+)?\.(?:md|mdx|rst|adoc|txt)$|^(?:(?:\.github|docs?)\/)?(?:GOVERNANCE|MAINTAINERS|MAINTAINER_GUIDE|CHARTER)(?:\.(?:md|rst|adoc|txt))?$|^(?:docs?|documentation|community)\/(?:[\w.-]+\/){1,4}(?:governance|charter|maintainers?(?:[-_]guide(?:lines?)?)?)\.(?:md|mdx|rst|adoc|txt)$/i;

const TOPICS: readonly Topic[] = [
  { wanted: 'how decisions are made, by what they are about: tiers, votes, consensus',
    said: /\b(?:decision[- ]making|decisions? (?:are|is|will be|may be|must be|tiers?)|consensus|majority|super-?majority|vot(?:e|es|ing)|quorum|veto|decided by|final say|lazy approval)\b/i },
  { wanted: 'who approves what: maintainers, owners, a committee',
    said: /\b(?:approv(?:e|es|ed|al|als|er|ers)|merge rights|write access|commit access|code ?owners?|steering committee|technical committee|core team|maintainers? (?:are|is|may|can|have|must|review|decide|and)|committers?)\b/i },
  { wanted: 'what may be done in an emergency, by whom, and what has to follow',
    said: /\b(?:emergenc(?:y|ies)|break[- ]glass|urgent|security (?:incident|fix|release|response)s?|outage|embargo|bypass(?:es|ed)?)\b/i },
];

function evidence(repo: Repository): Verdict {
  const found = documents(repo, PLACES);
  return found.length > 0 ? topicsVerdict(found, TOPICS, 'says how the project is governed')
    : missing('GOVERNANCE.md', ...TOPICS.map(t => t.wanted));
}

function text(owner: string): string {
  return `# Governance

How decisions about this repository are made, who approves them, and what may be done when there is no time for either.

## Decisions

| tier | about | decided by |
|---|---|---|
| 1 | code, tests, documentation | one maintainer approves the pull request |
| 2 | \`.github/\`, dependencies, settings of the repository | an owner of \`.github/\` (${owner}) approves the pull request |
| 3 | releases, secrets, environments, who has which access | two maintainers approve, neither of whom proposed it |
| 4 | licence, name, this page | consensus of all maintainers; a majority vote after two weeks without one |

Decisions of tiers 3 and 4 are written down as a decision record.

## Who approves

Maintainers are those with write access. A maintainer is proposed by one and approved by all others; who hasn't taken part for a year
gives the access back. Nobody approves their own change.

## Emergencies

When a secret has leaked, a release is compromised or people are harmed by an outage, one maintainer alone may revoke secrets, disable
workflows, take back a release or roll back a deployment, and may bypass the rules of the default branch for that.

- What was done, when and why is written into an issue within one day.
- A second maintainer reviews it afterwards; what isn't approved is taken back.
- The bypass is removed again at once.
`;
}

function ownerOf(repo: Repository): string | undefined {
  return repoFacts(repo).codeowners?.rules?.findLast(r => r.owners.length > 0)?.owners[0];
}

export default definePractice({
  id: 'governance',
  title: 'Governance',
  category: 'Organisation',
  level: 5,
  severity: 'medium',
  since: '0.1.0',
  docs: {
    summary: 'It is written down how decisions are made, who approves what, and what may be done in an emergency.',
    why: 'In an emergency people do what they believe they may: without rules that is either nothing or everything.',
    references: [
      'https://baseline.openssf.org/versions/2025-02-25#osps-gv-01---the-project-documentation-must-include-the-roles-and-responsibilities-for-members-of-the-project',
      'https://opensource.guide/leadership-and-governance/',
    ],
  },
  applies: () => true,
  evidence,
  scaffold: {
    kind: 'file',
    title: 'Add GOVERNANCE.md',
    plan(repo) {
      const now = evidence(repo), there = documents(repo, PLACES);
      if (now.result === 1) return { refused: `${there[0]!.path} says how the project is governed already.` };
      const own = there.find(f => /governance/i.test(f.path));
      if (own) return { refused: `${own.path} is there already. It lacks: ${now.lookedFor.join('; ')}.` };
      const owner = ownerOf(repo);
      return {
        changes: [{ path: 'GOVERNANCE.md', created: true, newText: text(owner ?? TEAM) }],
        explanation: 'Adds GOVERNANCE.md: tiers of decisions, who approves them, and powers in an emergency with what has to follow.',
        todo: ['Agree on it with everybody who has write access: it is a proposal until they do.',
          ...(owner === undefined ? [`Replace ${TEAM} by the people or the team that look after the pipeline.`] : [])],
      };
    },
  },
});
