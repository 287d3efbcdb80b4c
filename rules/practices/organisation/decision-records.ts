import { definePractice, type Verdict } from '../practice';
import { basename, type Repository } from '../../repository';
import { documents, spoken, type TextFile } from '../shared/documents';
import { missing, ratio } from '../shared/verdict';

/** Folders that the tools for decision records and the literature use, below any documentation folder. */
const FOLDER = /(?:^|\/)(?:adrs?|decisions|decision-records|architecture-decisions|design-decisions|decision-log)\/(?:[^/]+\/)?[^/]+\.(?:md|mdx|rst|adoc|txt)$/i;
/** Designs and proposals that are numbered like records: so those are called who began before the literature. */
const NUMBERED =
  /(?:^|\/)(?:docs?|documentation)\/(?:[^/]+\/)?(?:designs?|design-docs?|rfcs?|proposals)\/\d{2,5}[-_][^/]+\.(?:md|mdx|rst|adoc|txt)$/i;
/** What OpenSpec keeps of a change that was made: its design holds the decisions, with their context. */
const ARCHIVED = /(?:^|\/)openspec\/changes\/archive\/[^/]+\/design\.md$/;
const NO_RECORD = /^(?:readme|index|template|.*[-_.]template|template[-_.].*|0000-.*template.*|toc|about)\.\w+$/i;
const DECIDED = /^\s*(?:#+|=+)?\s*(?:\*\*)?(?:decisions?|decision outcome|decided|resolution|outcome)\b|\b(?:we (?:will|have decided|decided|choose|chose)|chosen option|is decided|decided to)\b/im;
const REASON = /^\s*(?:#+|=+)?\s*(?:\*\*)?(?:context|problem|background|motivation|rationale|consequences|why|considered options|drivers|decision drivers)\b|\bbecause\b/im;

function records(repo: Repository): TextFile[] {
  const own = documents(repo, FOLDER).filter(f => !NO_RECORD.test(basename(f.path)));
  if (own.length > 0) return own;
  const numbered = documents(repo, NUMBERED).filter(f => !NO_RECORD.test(basename(f.path)));
  return numbered.length > 0 ? numbered : documents(repo, ARCHIVED);
}

/** Why a file in the folder is no record; undefined where it is one. */
function objection(text: string): string | undefined {
  const said = spoken(text);
  if (!DECIDED.test(said)) return 'it says no decision';
  return REASON.test(said) ? undefined : 'it gives no reason';
}

function evidence(repo: Repository): Verdict {
  const all = records(repo), known = all.filter(f => f.text !== undefined);
  if (all.length === 0) {
    const near = documents(repo, FOLDER)[0];
    return missing('a record of a decision in docs/adr, docs/decisions or the like: what was decided, and why',
      ...(near ? [`${near.path} is a template or an index`] : []));
  }
  if (known.length === 0) return { result: 'unknown', evidence: [{ path: all[0]!.path, text: 'there are records that can’t be read' }],
    lookedFor: [`what ${all[0]!.path} says`] };
  const judged = known.map(f => ({ f, why: objection(f.text!) })), good = judged.filter(j => j.why === undefined);
  return ratio(good.length, judged.length, good.map(j => ({ path: j.f.path, text: 'a decision with its reason' })),
    judged.filter(j => j.why !== undefined).map(j => `a decision with its reason in ${j.f.path}: ${j.why!}`));
}

const RECORD = `# 1. Changes to the pipeline are reviewed, and its parts are pinned

- Status: accepted
- Who decided: the maintainers of this repository

## Context

Workflows in \`.github/\` hold the keys to everything that is released from here. Whoever can change one, or an action that it uses, can
read its secrets and ship what they like. Tags of actions can be moved by their owners at any time.

## Decision

- Actions are pinned to a full commit, with the version as a comment; a bot proposes updates.
- Each job gets the permissions that it needs, and no others.
- A change to \`.github/\` is reviewed by its owners before it is merged.
- Decisions like this one are written down here, one file each, numbered. A record isn't changed: a later one replaces it.

## Consequences

Updates of actions come as pull requests that somebody has to read. In return nothing of the pipeline changes without one.
`;

export default definePractice({
  id: 'decision-records',
  title: 'Decision records',
  category: 'Organisation',
  level: 4,
  severity: 'medium',
  since: '0.1.0',
  docs: {
    summary: 'Decisions that are hard to take back are written down with their reasons, where the code is.',
    why: 'Who doesn’t know why something is as it is either never dares to change it or takes away what held it up.',
    references: [
      'https://adr.github.io/',
      'https://cognitect.com/blog/2011/11/15/documenting-architecture-decisions',
    ],
  },
  applies: () => true,
  evidence,
  scaffold: {
    kind: 'file',
    title: 'Add a first decision record',
    plan(repo) {
      const now = evidence(repo).result;
      if (now === 1) return { refused: 'There are decision records already.' };
      if (records(repo).length > 0) return { refused: `There are records already, such as ${records(repo)[0]!.path}: complete those.` };
      const folder = documents(repo, FOLDER)[0]?.path.replace(/\/[^/]*$/, '') ?? 'docs/adr';
      return {
        changes: [{ path: `${folder}/0001-reviewed-and-pinned-pipeline.md`, created: true, newText: RECORD }],
        explanation: `Adds ${folder} with a first record: what is decided about the pipeline, why, and what follows.`,
        todo: ['Read the record and change what you decide otherwise before it is merged; number the next one 0002.'],
      };
    },
  },
});
