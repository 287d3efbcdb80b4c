import * as vscode from 'vscode';
import type { ConfigurationMiddleware } from 'vscode-languageclient';

/** What the server asks for, with the network off for as long as the workspace isn't trusted. */
const withoutNetworkUntilTrusted: NonNullable<ConfigurationMiddleware['configuration']> = async (params, token, next) => {
  const values = await next(params, token);
  if (vscode.workspace.isTrusted || !Array.isArray(values)) return values;
  return values.map((value: unknown, index) => {
    const section = params.items[index]?.section;
    if (section === 'ciHardening.network' && isRecord(value)) return { ...value, enabled: false };
    if (section === 'ciHardening.network.enabled') return false;
    if (section === 'ciHardening' && isRecord(value)) {
      return { ...value, network: { ...(isRecord(value['network']) ? value['network'] : {}), enabled: false } };
    }
    return value;
  });
};

/** GitHub's own extension, which checks workflows, too. */
const OFFICIAL = 'GitHub.vscode-github-actions';
/** Completes and explains the configuration file by the schema that this extension gives it. */
const YAML = 'redhat.vscode-yaml';

/** As above, and with what else runs in this editor: nothing is to be said twice. */
export const settingsOfThisEditor: NonNullable<ConfigurationMiddleware['configuration']> = async (params, token, next) => {
  const values = await withoutNetworkUntilTrusted(params, token, next);
  const others = {
    ...(vscode.extensions.getExtension(OFFICIAL) ? { officialExtension: true } : {}), ...(vscode.extensions.getExtension(YAML) ? { schemaExtension: true } : {}),
  };
  if (!Array.isArray(values)) return values;
  return values.map((value: unknown, index) => (params.items[index]?.section === 'ciHardening' && isRecord(value) ? { ...value, ...others } : value));
};

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
