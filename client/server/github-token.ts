import * as vscode from 'vscode';
import type { GithubTokenParams, GithubTokenResult } from '../../server/protocol';

/** The provider of VS Code that signs in at a GitHub server; undefined for a server that none of them is about. */
export function providerOf(githubUrl: string, enterprise: string | undefined): 'github' | 'github-enterprise' | undefined {
  const host = hostOf(githubUrl);
  if (host === 'github.com') return 'github';
  return host !== undefined && host === hostOf(enterprise ?? '') ? 'github-enterprise' : undefined;
}

function hostOf(address: string): string | undefined {
  try {
    const { protocol, host } = new URL(address);
    return protocol === 'https:' ? host : undefined;
  } catch {
    return undefined;
  }
}

/** The token of a session that the user has already given the extension. It needs no scope: what is looked up is public. */
export async function githubToken({ githubUrl }: GithubTokenParams): Promise<GithubTokenResult> {
  const session = await sessionAt(githubUrl, { silent: true });
  return session ? { token: session.accessToken } : {};
}

/** Asks the user to sign in. Resolves to false where that is not possible there, or they would rather not. */
export async function signIn(githubUrl: string): Promise<boolean> {
  return await sessionAt(githubUrl, { createIfNone: true }) !== undefined;
}

async function sessionAt(githubUrl: string, options: vscode.AuthenticationGetSessionOptions): Promise<vscode.AuthenticationSession | undefined> {
  const provider = providerOf(githubUrl, vscode.workspace.getConfiguration('github-enterprise').get<string>('uri'));
  if (!provider || !vscode.workspace.isTrusted) return undefined;
  try {
    return await vscode.authentication.getSession(provider, [], options);
  } catch {
    // No such provider, or a refusal: the look-up goes on without.
    return undefined;
  }
}
