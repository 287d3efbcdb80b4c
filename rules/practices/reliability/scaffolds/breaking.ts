/** A job that compares interfaces and schemas with those of the base branch. */
import type { Repository } from '../../../repository';
import { dirname } from '../../../repository';
import type { Scaffold } from '../../practice';
import { jobScaffold } from '../../shared/scaffold';
import { checkoutStep, jobHead, runStep, yamlText } from '../../shared/snippets';
import type { Kind, Surface } from '../breaking-change-check';

interface Step { readonly yaml: readonly string[]; readonly todo?: string }

function withEnv(step: readonly string[], env: readonly string[]): string[] {
  return [step[0]!, '    env:', ...env.map(e => `      ${e}`), ...step.slice(1)];
}
const BASE = 'BASE: ${{ github.base_ref }}';

/** Each tool at a version that is written out. */
const STEPS: Readonly<Record<Kind, (s: Surface) => Step>> = {
  openapi: s => ({
    yaml: withEnv(runStep('Compare the HTTP interface', [
      'if git cat-file -e "origin/$BASE:$SPEC" 2>/dev/null; then',
      '  git show "origin/$BASE:$SPEC" >"$RUNNER_TEMP/${SPEC##*/}"',
      '  go run github.com/oasdiff/oasdiff@v1.23.0 breaking --fail-on ERR "$RUNNER_TEMP/${SPEC##*/}" "$SPEC"',
      'else',
      '  echo "$SPEC is new: nobody builds on it yet."',
      'fi',
    ]), [BASE, `SPEC: ${yamlText(s.path)}`]),
    todo: 'A description that is generated from code has to be committed, or generated for both branches ahead of the comparison.',
  }),
  protobuf: s => ({
    yaml: withEnv(runStep('Compare the protocol buffers', ['npx --yes @bufbuild/buf@1.75.0 breaking "$FOLDER" --against ".git#ref=origin/$BASE,subdir=$FOLDER"']),
      [BASE, `FOLDER: ${yamlText(dirname(s.path) || '.')}`]),
    todo: 'Choose what counts as breaking in buf.yaml: FILE, PACKAGE, WIRE_JSON or WIRE.',
  }),
  graphql: s => ({
    yaml: withEnv(runStep('Compare the GraphQL schema', ['npx --yes --package @graphql-inspector/cli@7.0.0 --package graphql@16.15.0 graphql-inspector diff "git:origin/$BASE:$SCHEMA" "$SCHEMA"']),
      [BASE, `SCHEMA: ${yamlText(s.path)}`]),
  }),
  crate: () => ({
    yaml: withEnv(runStep('Compare the crate\'s interface', ['cargo install cargo-semver-checks --version 0.42.0 --locked', 'cargo semver-checks --baseline-rev "origin/$BASE"']), [BASE]),
  }),
  migrations: s => ({
    yaml: withEnv(runStep('Look at new migrations', [
      'git diff --name-only --diff-filter=A -z "origin/$BASE...HEAD" -- "$FOLDER" | grep -z "\\.sql$" >"$RUNNER_TEMP/added" || true',
      'if [ -s "$RUNNER_TEMP/added" ]; then',
      '  xargs -0 npx --yes squawk-cli@2.66.0 <"$RUNNER_TEMP/added"',
      'else',
      '  echo "No new migration."',
      'fi',
    ]), [BASE, `FOLDER: ${yamlText(migrationFolder(s.path))}`]),
    todo: 'Squawk knows PostgreSQL. For another database choose atlas migrate lint.',
  }),
};

function migrationFolder(path: string): string {
  const found = /^(?:.*\/)?(?:migrations|migrate|versions)(?=\/)/.exec(path);
  return found ? found[0] : dirname(path) || '.';
}

/** `open`: what nobody compares yet. */
export function breakingScaffold(open: (repo: Repository) => readonly Surface[]): Scaffold {
  return jobScaffold({
    title: 'Add a breaking-changes job',
    there: repo => (open(repo).length === 0 ? 'There is no interface or schema here that isn\'t compared already.' : undefined),
    plan(repo) {
      const steps = open(repo).map(s => STEPS[s.kind](s));
      return {
        jobs: [{
          id: 'breaking-changes',
          proposalsOnly: true,
          yaml: [
            ...jobHead('Breaking changes', 20).flatMap(l => (l.startsWith('runs-on') ? ["if: github.event_name == 'pull_request'", l] : [l])),
            'steps:',
            ...checkoutStep({ fetchDepth: 0, name: 'Check out both branches' }),
            ...steps.flatMap(s => s.yaml),
          ],
        }],
        explanation: `Adds a job that compares ${open(repo).map(s => s.path).join(', ')} with the base branch of a pull request, and fails where those who build on it would break.`,
        todo: steps.flatMap(s => (s.todo ? [s.todo] : [])),
      };
    },
  });
}
