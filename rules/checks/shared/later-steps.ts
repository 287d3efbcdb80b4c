/** Whether anything that comes after a step in its job is code of others. */
import type { Step } from '../../workflow/model';
import { inputsOf } from './inferred-permissions';
import { trivialCommand } from './opaque-command';
import { plainScript, type PlainCommand } from './script-commands';

/** Their actions are the platform's own: who doesn't trust them has no token at all. */
const PLATFORM = /^(?:actions|github)$/i;
/** They run what they are given. */
const RUNNERS = /^(?:eval|xargs|find|command|env|trap|awk)$/;
/** They bring in what others have written, or run what may do so. */
const BRINGS_IN = /\b(?:npm|npx|pnpm|yarn|bun|bunx|deno|node|pip3?|pipx|uvx?|poetry|nox|tox|conda|go|cargo|mvnw?|gradlew?|make|cmake|docker|podman|composer|bundle|gem|rake|dotnet|nuget|curl|wget|apt|apt-get|brew|choco|winget|Install-Module|Invoke-WebRequest)\b/;

/**
 * Nothing but the platform's actions, the action that the repository itself is, and commands that move text about. Where that action is
 * tested, scripts of the repository that bring in nothing count as part of it. `outside`: what must not get out doesn't lie in the working
 * copy, so that uploading that does no harm. `workflowShell`: `defaults.run.shell` of the file.
 */
export function nobodyFollows(later: readonly Step[], workflowShell: string | null, outside: boolean): boolean {
  const tested = outside && later.some(isRootAction);
  return later.every(step => {
    if (step.uses) return isRootAction(step) ? outside : isPlatform(step, outside);
    if (!step.run) return !step.parallel;
    if (tested && !BRINGS_IN.test(step.run.scalar.value)) return true;
    const { commands, complete } = plainScript(step, workflowShell);
    return complete && commands.every(c => (trivialCommand(c) && !RUNNERS.test(c.name ?? '')) || onlyTellsVersion(c));
  });
}

const isRootAction = ({ uses }: Step): boolean => uses?.kind === 'local' && /^\.?\/?$/.test(uses.path ?? 'x');

function isPlatform(step: Step, outside: boolean): boolean {
  const { kind, owner = '', repo = '', path = '' } = step.uses!;
  if (kind !== 'repository' || !PLATFORM.test(owner)) return false;
  if (/^codeql-action$/i.test(repo)) return path !== 'autobuild';
  // What it is given may be taken from the repository, or start anything.
  if (/^github-script$/i.test(repo)) return !/\brequire\b|\bimport\b|\bexec\b|\$\{\{/.test(inputsOf(step).script ?? 'require');
  return outside || !/upload|cache/i.test(repo);
}

const onlyTellsVersion = ({ name, args }: PlainCommand): boolean =>
  name !== undefined && !/[/\\]/.test(name) && args.length === 1 && /^(?:version|--?version|-[vV])$/.test(args[0] ?? '');
