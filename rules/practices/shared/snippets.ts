/** Pieces of generated jobs, as lines of a job's body at two-space indentation. */
import { newestPin } from '../../catalog';

/** `uses` text of an action of the catalogue, with its version as a comment: `actions/checkout@<sha> # v7.0.1`. */
export function pin(action: string): { readonly text: string; readonly version: string } {
  const [owner = '', repo = '', ...path] = action.split('/');
  const { uses, sha, version } = newestPin(owner, repo, path.length > 0 ? path.join('/') : undefined);
  return { text: `${uses}@${sha} # ${version}`, version };
}

export function checkoutStep(options: { readonly fetchDepth?: number; readonly name?: string } = {}): string[] {
  return [
    `  - name: ${options.name ?? 'Check out'}`,
    `    uses: ${pin('actions/checkout').text}`,
    '    with:',
    ...(options.fetchDepth === undefined ? [] : [`      fetch-depth: ${options.fetchDepth}`]),
    '      persist-credentials: false',
  ];
}

/** The lines every generated job starts with. Scopes as `name: access`. */
export function jobHead(name: string, minutes: number, scopes: readonly string[] = ['contents: read'], runsOn = 'ubuntu-latest'): string[] {
  return [`name: ${name}`, `runs-on: ${runsOn}`, `timeout-minutes: ${minutes}`, 'permissions:', ...scopes.map(s => `  ${s}`)];
}

/** A step that runs one command or several lines. */
export function runStep(name: string, commands: readonly string[], workingDirectory = ''): string[] {
  return [
    `  - name: ${name}`,
    ...(workingDirectory === '' ? [] : [`    working-directory: ${yamlText(workingDirectory)}`]),
    ...(commands.length === 1 && !/: |:$| #|^[!&*\-?>|%@`"'{[]/.test(commands[0]!) ? [`    run: ${commands[0]!}`]
      : ['    run: |', ...commands.map(c => `      ${c}`)]),
  ];
}

/** Names of files and folders are the repository's: quoted unless they are plain beyond doubt. */
export function yamlText(text: string): string {
  return /^[A-Za-z_./][\w./-]*$/.test(text) && !/^(?:true|false|null|yes|no|on|off|~)$/i.test(text) ? text
    : `'${text.replaceAll("'", "''")}'`;
}

/** For a POSIX shell. */
export function shellText(text: string): string {
  return /^[\w./-]+$/.test(text) && !text.startsWith('-') ? text : `'${text.replaceAll("'", "'\\''")}'`;
}
