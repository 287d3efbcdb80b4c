import * as vscode from 'vscode';
import type { LanguageServer } from './server/language-server';

/** What a model may ask of the extension: two questions that read and change nothing. Their names stand in the manifest, too. */
export const SCAN_TOOL = 'ci-hardening_scan';
export const EXPLAIN_TOOL = 'ci-hardening_explainRule';

/** Registers the tools where the editor knows language models; elsewhere there is nothing to dispose of. */
export function registerTools(server: LanguageServer): vscode.Disposable {
  // Forks of VS Code leave it out.
  const lm = vscode.lm as Partial<typeof vscode.lm> | undefined;
  if (!lm?.registerTool) return new vscode.Disposable(() => undefined);
  return vscode.Disposable.from(
    lm.registerTool<{ file?: string }>(SCAN_TOOL, {
      prepareInvocation: () => ({ invocationMessage: vscode.l10n.t('Scanning workflows') }),
      invoke: async ({ input }) => text(JSON.stringify(await server.scan(scope(input.file)))),
    }),
    lm.registerTool<{ rule: string }>(EXPLAIN_TOOL, {
      prepareInvocation: ({ input }) => ({ invocationMessage: vscode.l10n.t('Reading about {0}', input.rule) }),
      invoke: async ({ input }) => {
        const { markdown } = await server.explain({ id: String(input.rule) });
        return text(markdown ?? vscode.l10n.t('There is no documentation for {0}.', `\`${String(input.rule)}\``));
      },
    }),
  );
}

/** A file as a model names it: relative to the first folder that has it, or as an address. */
function scope(file: unknown): { uri?: string } {
  if (typeof file !== 'string' || file === '') return {};
  const [folder] = vscode.workspace.workspaceFolders ?? [];
  const address = /^[a-z][\w+.-]+:\/\//i.test(file);
  const uri = address || !folder ? vscode.Uri.parse(file) : vscode.Uri.joinPath(folder.uri, file);
  return { uri: uri.toString() };
}

function text(value: string): vscode.LanguageModelToolResult {
  return new vscode.LanguageModelToolResult([new vscode.LanguageModelTextPart(value)]);
}
