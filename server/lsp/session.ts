import type { CancellationToken, Diagnostic } from 'vscode-languageserver';
import { fileKind, lineStartsOf, type NetworkNeed, type Resolved } from '../../rules';
import { mainWorkflow } from '../../rules/practices/shared/scaffold';
import type { Scorecard } from '../../rules/scorecard';
import type { ScorecardReport, ScorecardResult } from '../protocol';
import { isConfigFile } from '../workspace/config';
import type { RepositoryState } from '../workspace/repository-state';
import { missingPractices, scorecardOf, type MissingPractice } from '../workspace/score';
import type { Workspace } from '../workspace/workspace';
import type { Abilities } from './abilities';
import type { Piece } from './background';
import { DocumentStore } from './documents';
import type { FileContext } from './features/context';
import { configDiagnostics, fileDiagnostics, resultId } from './features/diagnostics';
import { scorecardReport } from './features/scorecard';

export interface Report { readonly uri: string; readonly version: number | null; readonly resultId: string; readonly items: Diagnostic[] }

/** Asks GitHub for the commit of a ref, or a registry for the digest of an image. */
export type LookUp = (need: NetworkNeed, githubUrl: string, token: CancellationToken, githubToken?: string) => Promise<Resolved>;

/** A token for a GitHub server, where somebody is signed in there. Never rejects. */
export type TokenOf = (githubUrl: string) => Promise<string | undefined>;

/** What a repository looked like as a whole when it was last looked at. */
interface Overview {
  readonly revision: number;
  readonly card: Scorecard;
  readonly workflow: string | undefined;
  readonly missing: readonly MissingPractice[];
}

/** What is open, what is in the workspace, and what is shown for it. Knows nothing of the connection. */
export class Session {
  readonly documents: DocumentStore;
  readonly #overviews = new WeakMap<RepositoryState, Overview>();

  /** @param lookUp asks the network; called for a click only. */
  constructor(readonly workspace: Workspace, readonly client: Abilities, readonly lookUp: LookUp, readonly tokenOf: TokenOf) {
    this.documents = new DocumentStore(() => client.encoding);
  }

  /** The CI file that a URI names, analysed as it is now; undefined for anything else. */
  file(uri: string): FileContext | undefined {
    const place = this.workspace.locate(uri);
    const file = place?.repository.analysis(place.path);
    if (!place || !file) return undefined;
    return {
      uri, version: this.documents.get(uri)?.version ?? null, repository: place.repository, path: place.path, file, client: this.client,
      uriOf: path => this.workspace.uri(place.repository, path),
    };
  }

  /** What is shown for a file; empty for a file that isn't ours or is gone. */
  report(uri: string): Report {
    const items = this.#diagnostics(uri);
    return { uri, version: this.documents.get(uri)?.version ?? null, resultId: resultId(items), items };
  }

  /** CI and configuration files as URIs: those of the workspace, and what is open elsewhere. */
  files(): string[] {
    const { repositories, looseRepositories } = this.workspace;
    return [...repositories, ...looseRepositories].flatMap(r => r.ownFiles.filter(f => r.complete || r.isOpen(f)).map(f => this.workspace.uri(r, f)));
  }

  /** CI and configuration files of the workspace that aren't open, as URIs. */
  closedFiles(): string[] {
    return this.workspace.repositories.flatMap(r => r.ownFiles.filter(f => !r.isOpen(f)).map(f => this.workspace.uri(r, f)));
  }

  /** Missing practices that are shown in this file. */
  missingIn(repository: RepositoryState, path: string): readonly MissingPractice[] {
    const overview = this.#overviews.get(repository);
    return overview?.workflow === path && repository.settings.missingPractices ? overview.missing : [];
  }

  /** What a repository lacked when it was last looked at as a whole: a lightbulb does not wait for that. */
  lastMissing(repository: RepositoryState): readonly MissingPractice[] { return this.#overviews.get(repository)?.missing ?? []; }

  /** Looks at a repository as a whole, where it changed since the last time. */
  overview(repository: RepositoryState): Overview | undefined {
    const kept = this.#overviews.get(repository);
    if (kept?.revision === repository.revision) return kept;
    const whole = repository.repository;
    const card = whole && scorecardOf(repository);
    if (!whole || !card) return undefined;
    const { config } = repository.configFor('');
    const missing = missingPractices(card).filter(({ practice: { id } }) => config.rules[id]?.severity !== 'off'
      && !config.ignore.some(i => (i.rule === id || i.rule === '*') && i.path === undefined));
    const overview = { revision: repository.revision, card, workflow: mainWorkflow(whole)?.path, missing };
    this.#overviews.set(repository, overview);
    return overview;
  }

  scorecards(): ScorecardResult {
    const { folders } = this.workspace;
    if (folders.length === 0) return { reports: [], state: 'no-folder' };
    const reports: ScorecardReport[] = [];
    for (const repository of this.workspace.repositories) {
      const overview = this.overview(repository);
      if (overview) reports.push(scorecardReport(repository, overview.card, this.client.encoding, path => this.workspace.uri(repository, path)));
    }
    return { reports, state: folders.every(f => f.state === 'ready') ? 'ready' : 'scanning' };
  }

  /** All work there is for the workspace, a file or a repository at a time. */
  *pieces(): Generator<Piece> {
    for (const repository of this.workspace.repositories) {
      for (const file of repository.ownFiles) {
        if (!fileKind(file)) continue;
        repository.document(file);
        yield 'done';
      }
      for (const file of repository.ownFiles) {
        repository.analysis(file);
        yield 'done';
      }
      if (this.#overviews.get(repository)?.revision === repository.revision) continue;
      // The first look is what the scorecard waits for; later ones wait for a pause in typing.
      if (this.#overviews.has(repository)) yield 'pause';
      this.overview(repository);
      yield 'done';
    }
  }

  /** Changes with everything that results depend on. */
  get revision(): string {
    return [...this.workspace.repositories, ...this.workspace.looseRepositories].map(r => `${r.root}#${r.revision}`).join('\n');
  }

  #diagnostics(uri: string): Diagnostic[] {
    const place = this.workspace.locate(uri);
    if (!place) return [];
    const { repository, path } = place;
    if (isConfigFile(path)) {
      const text = repository.read(path);
      if (text === undefined) return unreadable(repository, path);
      return configDiagnostics({ text, lineStarts: lineStartsOf(text) }, repository.configFor(path).problems, this.client.encoding);
    }
    const context = this.file(uri);
    return context ? fileDiagnostics(context, this.missingIn(repository, path)) : unreadable(repository, path);
  }
}

function unreadable(repository: RepositoryState, path: string): Diagnostic[] {
  const contents = fileKind(path) || isConfigFile(path) ? repository.contents(path) : undefined;
  if (!contents || 'text' in contents || contents.waiting) return [];
  const start = { line: 0, character: 0 };
  return [{ range: { start, end: start }, severity: 2, source: 'ci-hardening', message: `The file ${contents.error}, so nothing is known about it.` }];
}
