import { definePractice, type Evidence, type Verdict } from '../practice';
import { isSample, isVendored, repoFacts, slashed, type Ecosystem, type Repository } from '../../repository';
import { compileGlob } from '../../engine/glob';
import { applyEdits, type SourceDocument } from '../../workflow/document';
import { insertItem, raw, setKey } from '../../workflow/edits';
import type { DependabotFile, DependabotUpdate } from '../../workflow/model';
import { asSequence } from '../../workflow/nodes';
import { parseSource } from '../../workflow/parse';
import { borrowed, renovateOf, updatesAll } from '../shared/renovate';
import { yamlText } from '../shared/snippets';
import { missing } from '../shared/verdict';

const COOLDOWN_DAYS = 7;

/** A place that the bot has to look at. */
interface Place { readonly ecosystem: Ecosystem | 'github-actions'; readonly dirs: readonly string[] }

/** What there is to keep up to date, an entry per ecosystem; folders of workspace members are covered by the one above. */
function places(repo: Repository): Place[] {
  const { projects, dockerfiles, terraform } = repoFacts(repo).stack;
  const dirs = new Map<Place['ecosystem'], Set<string>>();
  const add = (e: Place['ecosystem'], dir: string): void => { dirs.set(e, (dirs.get(e) ?? new Set()).add(dir)); };
  if (repo.documents.some(d => d.kind === 'workflow')) add('github-actions', '');
  // `/` stands for the workflows and an action at the root; actions elsewhere have to be named.
  for (const d of repo.documents) if (d.action?.steps.some(s => s.uses?.kind === 'repository') && !isSample(d.path)
    && !isVendored(d.path)) add('github-actions', folder(d.path));
  for (const p of projects.filter(x => !x.member)) add(p.ecosystem, p.dir);
  for (const f of dockerfiles) if (/(?:^|\/)(?:Dockerfile|Containerfile)(?:\.[\w-]+)?$/.test(f)) add('docker', folder(f));
  for (const f of terraform) add('terraform', folder(f));
  return [...dirs].map(([ecosystem, set]) => ({ ecosystem, dirs: [...set].sort() }));
}

const folder = (path: string): string => path.slice(0, Math.max(0, path.lastIndexOf('/')));

function ecosystemOf(update: DependabotUpdate): string {
  return update.ecosystem?.value ?? '';
}

/** Names that Dependabot has two ecosystems for. */
function covers(update: DependabotUpdate, ecosystem: string): boolean {
  const name = ecosystemOf(update);
  return name === ecosystem || (ecosystem === 'uv' && name === 'pip') || (ecosystem === 'bun' && name === 'npm');
}

function looksAt(update: DependabotUpdate, dir: string): boolean {
  const path = slashed(dir);
  return update.directories.some(d => {
    const wanted = d.value.length > 1 ? d.value.replace(/\/$/, '') : d.value;
    if (wanted === path || slashed(wanted) === path) return true;
    return /[*?]/.test(wanted) && (compileGlob(wanted.replace(/^\//, '') || '**')?.(dir) ?? false);
  });
}

function renovate(repo: Repository): string | undefined {
  const found = renovateOf(repo);
  return found && updatesAll(found) ? found.path : undefined;
}

const COOLDOWN = 'a cooldown, so that a release that turns out to be bad is gone before it is proposed';
const AGE = 'minimumReleaseAge, so that a release that turns out to be bad is gone before it is proposed';

interface Part { readonly share: number; readonly weight: number; readonly wanted: string }

function dependabotParts(repo: Repository, file: DependabotFile): Part[] {
  const active = file.updates;
  const parts: Part[] = [{ share: active.length > 0 ? 1 : 0, weight: 1, wanted: 'an entry under updates' }];
  for (const place of places(repo)) {
    const open = place.dirs.filter(d => !active.some(u => covers(u, place.ecosystem)
      && (place.ecosystem === 'github-actions' || looksAt(u, d))));
    parts.push({ share: 1 - open.length / place.dirs.length, weight: 1,
      wanted: `${place.ecosystem} updates${place.ecosystem === 'github-actions' ? '' : ` in ${open.slice(0, 4).map(slashed).join(', ')}`}` });
  }
  if (active.length > 0) {
    const warm = active.filter(u => u.cooldown);
    parts.push({ share: warm.length / active.length, weight: 0.5, wanted: COOLDOWN });
  }
  return parts;
}

/** Renovate waits until a release has been out for a while. What can't be read is not held against it, be it the file or a preset that lies elsewhere. */
function cooled(repo: Repository, path: string): boolean {
  const text = repo.read(path), bot = renovateOf(repo);
  return text === undefined || (bot !== undefined && borrowed(bot) !== undefined) || /minimumReleaseAge|stabilityDays|best-practices|security:minimumReleaseAge/.test(text);
}

function evidence(repo: Repository): Verdict {
  const document = repo.documents.find(d => d.dependabot);
  const bot = renovate(repo);
  if (document?.dependabot) {
    const parts = dependabotParts(repo, document.dependabot);
    const seen: Evidence[] = document.dependabot.updates.map(u => ({ path: document.path, ...document.range(u.ecosystem ?? u.item),
      text: `Dependabot updates ${ecosystemOf(u)}` }));
    if (!bot) return weigh(parts, seen);
    // Renovate looks everywhere; for how long a release has to be out each of the two is asked.
    return weigh([...parts.map(p => p.wanted === COOLDOWN ? p : { ...p, share: 1 }), ...cooled(repo, bot) ? [] : [{ share: 0, weight: 0.5, wanted: AGE }]],
      [...seen, { path: bot, text: 'Renovate is set up' }]);
  }
  if (bot) {
    const text = repo.read(bot);
    const off = text !== undefined && /^\s*\{\s*"enabled"\s*:\s*false\s*,?\s*\}\s*$/.test(text);
    return weigh([
      { share: off ? 0 : 1, weight: 1 + places(repo).length, wanted: `Renovate is turned off in ${bot}` },
      { share: cooled(repo, bot) ? 1 : 0, weight: 0.5, wanted: AGE },
    ], [{ path: bot, text: 'Renovate is set up' }]);
  }
  const other = repo.files.find(f => /^\.github\/dependabot\.ya?ml$/.test(f));
  if (other) return { result: repo.read(other) === undefined ? 'unknown' : 0, evidence: [],
    lookedFor: [`${other} could not be read as settings of Dependabot`] };
  return missing('.github/dependabot.yml or a configuration of Renovate');
}

function weigh(parts: readonly Part[], seen: readonly Evidence[]): Verdict {
  const total = parts.reduce((n, p) => n + p.weight, 0), good = parts.reduce((n, p) => n + p.weight * p.share, 0);
  return { result: parts.every(p => p.share === 1) ? 1 : good / total, evidence: seen,
    lookedFor: parts.filter(p => p.share < 1).map(p => p.wanted) };
}

/** An entry of `updates`, at two-space indentation, without its dash. */
function entry(place: Place): string[] {
  const dirs = place.dirs.map(d => yamlText(slashed(d)));
  return [
    `package-ecosystem: ${place.ecosystem}`,
    ...(dirs.length === 1 ? [`directory: ${dirs[0]!}`] : ['directories:', ...dirs.map(d => `  - ${d}`)]),
    'schedule:',
    '  interval: weekly',
    'cooldown:',
    `  default-days: ${COOLDOWN_DAYS}`,
    'groups:',
    `  ${place.ecosystem === 'github-actions' ? 'actions' : place.ecosystem}:`,
    "    patterns: ['*']",
    ...(place.ecosystem === 'github-actions' ? [] : ['    update-types: [minor, patch]']),
  ];
}

function newFile(all: readonly Place[]): string {
  return ['version: 2', 'updates:', ...all.flatMap((p, i) => {
    const [first, ...rest] = entry(p);
    return [...(i > 0 ? [''] : []), `  - ${first!}`, ...rest.map(l => `    ${l}`)];
  }), ''].join('\n');
}

/** Adds what is missing to a file that stands; undefined where it can't be done without disturbing it. */
function completed(repo: Repository, document: SourceDocument): string | undefined {
  let doc = document;
  const apply = (edits: ReturnType<typeof setKey>): boolean => {
    if (!edits) return false;
    doc = parseSource(doc.path, applyEdits(doc.text, edits), doc);
    return doc.problems.length === 0 && doc.dependabot !== undefined;
  };
  for (const place of places(repo)) {
    const open = place.dirs.filter(d => !doc.dependabot!.updates.some(u => covers(u, place.ecosystem)
      && (place.ecosystem === 'github-actions' || looksAt(u, d))));
    if (open.length === 0) continue;
    const updates = doc.dependabot!.updatesEntry, list = asSequence(updates?.value);
    const text = raw(entry({ ...place, dirs: open }).join('\n'));
    if (!list || list.flow || list.items.length === 0) return undefined;
    if (!apply(insertItem(doc, list, list.items.length, text))) return undefined;
  }
  for (let i = 0; i < doc.dependabot!.updates.length; i++) {
    const update = doc.dependabot!.updates[i]!;
    if (update.cooldown) continue;
    if (!apply(setKey(doc, update.node, 'cooldown', { 'default-days': COOLDOWN_DAYS }, { after: 'schedule' }))) return undefined;
  }
  return doc.text;
}

export default definePractice({
  id: 'update-bot',
  title: 'Update bot',
  category: 'Automation',
  level: 2,
  severity: 'medium',
  since: '0.1.0',
  docs: {
    summary: 'Dependabot or Renovate proposes updates for every ecosystem in the tree, actions included, after a cooldown.',
    why: 'Pinned versions grow old with their holes in them; and the newest release of an hour ago is the one an attacker would have published.',
    references: [
      'https://docs.github.com/en/code-security/dependabot/working-with-dependabot/dependabot-options-reference',
      'https://docs.renovatebot.com/key-concepts/minimum-release-age/',
      'https://github.com/ossf/scorecard/blob/main/docs/checks.md#dependency-update-tool',
    ],
  },
  applies: () => true,
  evidence,
  scaffold: {
    kind: 'file',
    title: 'Add Dependabot',
    plan(repo) {
      const bot = renovate(repo);
      if (bot) return { refused: `Renovate is set up in ${bot} already: two bots would propose the same updates.` };
      const path = repo.files.find(f => /^\.github\/dependabot\.ya?ml$/.test(f));
      const verdict = evidence(repo);
      if (verdict.result === 1) return { refused: `${path ?? 'Dependabot'} covers everything already.` };
      // A repository that has nothing yet will have workflows as soon as it is hardened.
      const all = places(repo).length > 0 ? places(repo) : [{ ecosystem: 'github-actions' as const, dirs: [''] }];
      const names = all.map(p => p.ecosystem).join(', ');
      const todo = ['Turn on Dependabot alerts and security updates (Settings → Code security): those don’t wait for the schedule or the cooldown.'];
      if (path === undefined) {
        return { changes: [{ path: '.github/dependabot.yml', created: true, newText: newFile(all) }],
          explanation: `Adds dependabot.yml: weekly updates of ${names}, a week after each release.`, todo };
      }
      const document = repo.document(path);
      const text = document?.dependabot && document.problems.length === 0 ? completed(repo, document) : undefined;
      if (text === undefined) return { refused: `${path} is written in a way that can't be added to: ${verdict.lookedFor.join('; ')}.` };
      return { changes: [{ path, created: false, newText: text }], explanation: `Completes ${path}: ${verdict.lookedFor.join('; ')}.`,
        todo };
    },
  },
});
