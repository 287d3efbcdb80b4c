import { addresses } from '../github/names';
import { CannotRun } from './exit';

const GITHUB = 'https://github.com';

export interface Network {
  readonly githubUrl: string;
  readonly token?: string;
  /** For each question; the client's own limit where absent. */
  readonly timeoutMs?: number;
}

/** How the command line asks GitHub. Throws `CannotRun` for an address or a time limit that is none. */
export function networkOfEnvironment(env: NodeJS.ProcessEnv = process.env): Network {
  const { GITHUB_SERVER_URL: url, GITHUB_TOKEN: token, CI_HARDENING_TIMEOUT_MS: limit } = env;
  if (limit && !/^[1-9]\d{0,6}$/.test(limit)) throw new CannotRun(`CI_HARDENING_TIMEOUT_MS has to be a number of milliseconds, not ${JSON.stringify(limit)}`);
  try {
    addresses(url || GITHUB);
  } catch (error) {
    throw new CannotRun(`GITHUB_SERVER_URL: ${(error as Error).message}`);
  }
  return { githubUrl: url || GITHUB, ...(token ? { token } : {}), ...(limit ? { timeoutMs: Number(limit) } : {}) };
}
