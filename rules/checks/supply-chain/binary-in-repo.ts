import { defineQuery, defineRule } from '../../engine/rule';
import { shellOf } from '../../workflow/effective';
import { valueRangeSpan } from '../../workflow/scalar-map';
import { parseScript, unwrap, type Command, type Word } from '../../workflow/scripts';
import { workflowFolder } from '../shared/lockfiles';
import { folderOf, join, worksOnOwnTree } from '../shared/package-commands';
import { workflowShell } from '../shared/workflow-facts';

const BINARY = /\.(?:exe|dll|so|dylib|jar|war|phar|msi|deb|rpm|pyc|class|appimage)$/i;
const WRAPPER = 'gradle/wrapper/gradle-wrapper.jar';
/** Programs that run or install the file they are given, with what stands in front of it where that matters. */
const RUNNERS: Readonly<Record<string, RegExp | true>> = {
  java: /^-(?:jar|cp|classpath)$|^--class-path$/, php: true, mono: true, wine: true, dotnet: true, python: true, python3: true, msiexec: true,
  dpkg: /^(?:-i|--install)$/, rpm: /^(?:-[a-z]*[iU][a-z]*|--install|--upgrade)$/, 'apt-get': true, apt: true, regsvr32: true, 'start-process': true,
};
const VALIDATORS = new Set(['gradle/actions', 'gradle/wrapper-validation-action', 'gradle/gradle-build-action']);

const isCommitted = defineQuery('binary-in-repo.committed', ({ repository }, path: string) => repository?.has(path) === true);

/** Compares wrappers with the hashes that Gradle publishes, in whichever workflow. */
const validatesWrappers = defineQuery('binary-in-repo.validates-wrappers', ({ repository }) => (repository?.documents ?? []).some(d =>
  [...(d.workflow?.jobs ?? []).flatMap(j => j.steps), ...(d.action?.steps ?? [])].some(s =>
    s.uses !== undefined && VALIDATORS.has(`${s.uses.owner ?? ''}/${s.uses.repo ?? ''}`.toLowerCase()))));

export default defineRule({
  id: 'binary-in-repo',
  category: 'supply-chain',
  severity: 'low',
  confidence: 'high',
  scope: 'repository',
  profile: 'strict',
  level: 0,
  since: '0.1.0',
  fix: 'none',
  docs: {
    summary: 'Finds jobs that run a compiled file which is committed to the repository.',
    why: 'Nobody can review a compiled file: a pull request that changes it shows nothing, and the job runs it.',
    references: ['https://github.com/ossf/scorecard/blob/main/docs/checks.md#binary-artifacts',
      'https://docs.gradle.org/current/userguide/gradle_wrapper.html#sec:verification'],
    standards: ['SEC-9', 'OSPS-QA-05.01'],
  },
  messages: {
    run: 'The job runs {file}, which is committed in compiled form: nobody can review what it does. Build it from source, or take a release and check its hash.',
    wrapper: '{file} is run and nothing says that it is Gradle’s. Add `gradle/actions/wrapper-validation`, which compares its hash with those that Gradle publishes.',
  },
  aliases: {},
  create(context) {
    return {
      script(script) {
        const { step } = script, text = script.scalar.value;
        if (!worksOnOwnTree(step.job) || !/gradlew|\.(?:exe|dll|so|dylib|jar|war|phar|msi|deb|rpm|pyc|class|appimage)\b/i.test(text)) return;
        const { shell } = shellOf(step, step.job, context.query(workflowShell));
        const ast = parseScript(text, shell === 'unknown' ? 'bash' : shell);
        if (ast.errors.length > 0) return;
        const seen = new Set<string>();
        for (const command of ast.commands) {
          const folder = folderOf(ast, command, step, context.query(workflowFolder));
          if (folder === undefined) continue;
          const [word, path, messageId] = ran(command, folder) ?? [];
          if (!word || !path || !messageId || seen.has(path) || !context.query(isCommitted, path)) continue;
          seen.add(path);
          context.instance();
          if (messageId === 'wrapper' && context.query(validatesWrappers)) continue;
          context.report({ at: valueRangeSpan(script.scalar, word.start, word.end), messageId, data: { file: path }, step, job: step.job });
        }
      },
    };
  },
});

/** The word of a command that names what it runs, and where that is. */
function ran(command: Command, folder: string): readonly [Word, string, 'run' | 'wrapper'] | undefined {
  const words = unwrap(command.words), first = words[0]?.literal;
  if (!words[0] || first === undefined) return undefined;
  if (/^(?:.*[\\/])?gradlew(?:\.bat)?$/.test(first)) {
    const path = join(folder, first.replace(/gradlew(?:\.bat)?$/, WRAPPER));
    return path === undefined ? undefined : [words[0], path, 'wrapper'];
  }
  if (BINARY.test(first)) {
    const path = join(folder, first);
    return path === undefined ? undefined : [words[0], path, 'run'];
  }
  const how = RUNNERS[first.replace(/^.*[\\/]/, '').replace(/\.exe$/i, '').toLowerCase()];
  if (how === undefined) return undefined;
  const at = how === true
    ? words.findIndex((w, i) => i > 0 && !/^-/.test(w.literal ?? '-') && BINARY.test(w.literal ?? ''))
    : words.findIndex((w, i) => i > 1 && how.test(words[i - 1]!.literal ?? '') && BINARY.test(w.literal ?? ''));
  const word = words[at], path = word?.literal === undefined ? undefined : join(folder, word.literal);
  return word && path !== undefined ? [word, path, 'run'] : undefined;
}
