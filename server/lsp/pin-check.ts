import type { OnlinePins } from '../github/online-pins';
import { fileKind } from '../../rules';
import type { CheckPinsResult } from '../protocol';
import { pinsOf, type PinName } from '../workspace/pins';
import type { TokenOf } from './session';
import type { RepositoryState } from '../workspace/repository-state';

/** What is known of pins at a GitHub server; the same object for the same address. Rejects for an address that is none. */
export type PinsOfServer = (githubUrl: string) => Promise<OnlinePins>;

/** Brings what GitHub says about pins to the repositories that use them: on a click, or by itself where the setting says so. */
export class PinCheck {
  /** What the watch has asked for, by server: it asks once, whatever came of it. */
  readonly #watched = new Map<string, Set<string>>();
  #watching = false;

  /**
   * @param tokenOf of whoever is signed in at a server.
   * @param allowed whether a repository may ask the network at all.
   * @param learned called when results can be others now.
   */
  constructor(
    private readonly pins: PinsOfServer, private readonly tokenOf: TokenOf, private readonly allowed: (repository: RepositoryState) => boolean, private readonly learned: () => void,
  ) {}

  async check(repositories: readonly RepositoryState[], cancelled: () => boolean): Promise<CheckPinsResult> {
    const result: CheckPinsResult = { known: 0, failures: [] };
    for (const [url, group] of byServer(repositories.filter(this.allowed))) {
      const server = await this.pins(url);
      const { known, failures } = await server.learn(group.flatMap(namesIn), cancelled, await this.tokenOf(url));
      for (const repository of group) if (server.facts.size > 0) repository.online = server.facts;
      result.known += known;
      result.failures.push(...failures);
    }
    this.learned();
    return result;
  }

  /** Asks about what has come since the last time. Returns how many questions had no answer. */
  async watch(repositories: readonly RepositoryState[]): Promise<number> {
    if (this.#watching) return 0;
    this.#watching = true;
    try {
      const fresh = repositories.filter(r => r.settings.network.checkPins && this.allowed(r)).filter(repository => {
        const { githubUrl } = repository.settings.network;
        const asked = this.#watched.get(githubUrl) ?? new Set();
        this.#watched.set(githubUrl, asked);
        const before = asked.size;
        for (const { owner, repo, ref } of namesIn(repository)) asked.add(`${repository.root} ${owner}/${repo}@${ref}`);
        return asked.size > before;
      });
      return fresh.length === 0 ? 0 : (await this.check(fresh, () => false)).failures.length;
    } finally {
      this.#watching = false;
    }
  }
}

function byServer(repositories: readonly RepositoryState[]): Map<string, RepositoryState[]> {
  const groups = new Map<string, RepositoryState[]>();
  for (const repository of repositories) {
    const { githubUrl } = repository.settings.network;
    const group = groups.get(githubUrl);
    if (group) group.push(repository); else groups.set(githubUrl, [repository]);
  }
  return groups;
}

function namesIn(repository: RepositoryState): PinName[] {
  return repository.ownFiles.filter(f => fileKind(f) !== undefined).flatMap(path => {
    const document = repository.document(path);
    return document ? pinsOf(document, repository.configFor(path).config) : [];
  });
}

/** One `OnlinePins` for each server, made when it is first asked for. */
export function pinsOfServers(make: (githubUrl: string) => Promise<OnlinePins>): PinsOfServer {
  const servers = new Map<string, Promise<OnlinePins>>();
  return githubUrl => {
    let server = servers.get(githubUrl);
    if (!server) servers.set(githubUrl, server = make(githubUrl));
    return server;
  };
}
