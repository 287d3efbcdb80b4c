import * as vscode from 'vscode';

/** The empty page: everything in it is built by the script from text nodes, so no string of a repository is ever read as HTML. */
export function panelHtml(webview: vscode.Webview, media: vscode.Uri): string {
  const nonce = crypto.randomUUID().replaceAll('-', '');
  const asset = (name: string) => webview.asWebviewUri(vscode.Uri.joinPath(media, name)).toString();
  const policy = `default-src 'none'; style-src ${webview.cspSource}; script-src 'nonce-${nonce}'; img-src 'none'; font-src 'none'; form-action 'none'; base-uri 'none'`;
  return `<!DOCTYPE html>
<html lang="${vscode.env.language}">
<head>
  <meta charset="utf-8">
  <meta http-equiv="Content-Security-Policy" content="${policy}">
  <meta name="viewport" content="width=device-width, initial-scale=1">
  <link rel="stylesheet" href="${asset('panel.css')}">
  <title>${vscode.l10n.t('CI Hardening Scorecard')}</title>
</head>
<body>
  <main id="page" aria-busy="true"></main>
  <p id="announcement" class="visually-hidden" role="status" aria-live="polite"></p>
  ${['dom.js', 'trend.js', 'pipeline.js', 'panel.js'].map(name => `<script nonce="${nonce}" src="${asset(name)}"></script>`).join('\n  ')}
</body>
</html>`;
}
