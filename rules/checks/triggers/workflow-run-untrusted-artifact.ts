import { defineRule, type Fix, type RuleContext } from '../../engine/rule';
import { setStepInput } from '../../workflow/edits';
import { dottedPath, expressionsOf, walkExpr } from '../../workflow/expressions';
import type { Job, Step } from '../../workflow/model';
import { asMapping, asScalar, type ScalarNode, type Span } from '../../workflow/nodes';
import { valueRangeSpan } from '../../workflow/scalar-map';
import { download, type Download } from '../shared/artifact-downloads';
import { passage } from '../shared/guards';
import { approvalAdjust, privilegedEvents, weakGuard, worstEvent } from '../shared/reach';
import { executes } from '../shared/repository-code';
import { scriptOf } from '../shared/step-commands';
import { triggerPlace, workflowShell } from '../shared/workflow-facts';

type Message = 'runs' | 'environment' | 'interpolates';
interface Harm { readonly messageId: Message; readonly at: Span; readonly step: Step; readonly what: string }

export default defineRule({
  id: 'workflow-run-untrusted-artifact',
  category: 'triggers',
  severity: 'high',
  confidence: 'high',
  scope: 'job',
  profile: 'recommended',
  level: 3,
  since: '0.1.0',
  fix: 'unsafe',
  docs: {
    summary: 'Finds artifacts of a pull request\'s run that a privileged run executes, or takes variables and scripts from.',
    why: 'The pull request decides what is in the artifact; the run behind it has the repository\'s secrets.',
    references: [
      'https://codeql.github.com/codeql-query-help/actions/actions-artifact-poisoning-critical/',
      'https://securitylab.github.com/resources/github-actions-preventing-pwn-requests/',
    ],
    standards: ['SEC-4', 'SEC-9', 'STRIDE T', 'STRIDE E'],
  },
  messages: {
    runs: 'An artifact of a pull request\'s run is unpacked {where}, and `{what}` runs what is there, with the repository\'s secrets. Unpack it into `${{ runner.temp }}`, and run nothing of it.',
    environment: 'What an artifact of a pull request\'s run says becomes environment of all later steps. Check that it is what it should be, a number for example, before it is used.',
    interpolates: '`{what}` comes from an artifact of a pull request\'s run and becomes part of this script. Check that it is what it should be, and hand it over in a variable.',
  },
  aliases: { zizmor: ['dangerous-triggers'], codeql: ['actions/artifact-poisoning/critical', 'actions/artifact-poisoning/medium'] },
  create(context) {
    return {
      job(job) {
        const events = privilegedEvents(context).filter(e => e === 'workflow_run');
        if (events.length === 0) return;
        for (const [i, step] of job.steps.entries()) {
          const found = download(step, job.steps.slice(i + 1));
          if (!found) continue;
          context.instance();
          const worst = worstEvent(context, job, step, events);
          const harm = worst && harmOf(context, job, found, i);
          if (!worst || !harm) continue;
          context.report({
            at: found.at, step, messageId: harm.messageId, data: { what: harm.what, where: found.folder === undefined ? 'into the workspace' : `into \`${found.folder}\`` },
            adjust: [...weakGuard(context, worst.passage, true, worst.event), ...approvalAdjust(job, context)],
            related: [
              { at: harm.at, message: { runs: `\`${harm.what}\` runs what is there`, environment: 'It is written here', interpolates: 'It becomes part of the script here' }[harm.messageId] },
              { at: triggerPlace('workflow_run'), message: '`workflow_run` runs with the repository\'s secrets behind runs of strangers\' pull requests' },
            ],
            fixes: harm.messageId === 'runs' ? [elsewhere(found)].filter(f => f !== undefined) : [],
            absorbs: ['env-file-injection', 'injection-step-output'],
          });
        }
      },
    };
  },
});

/** The first thing behind the download that believes what it brought. */
function harmOf(context: RuleContext<Message, unknown>, job: Job, found: Download, index: number): Harm | undefined {
  const shell = context.query(workflowShell);
  // In the same script, what stands behind the download.
  const later = job.steps.slice(found.step.run ? index : index + 1);
  // Outputs that hold what a file of the artifact said, by the id of the step.
  const told = new Map<string, Step>();
  for (const step of later) {
    if (passage(step.if, 'workflow_run').outsider === 'no') continue;
    const run = step !== found.step || found.step.run ? executes(step, found.folder, shell) : undefined;
    if (run && (step !== found.step || run.at.start >= found.at.end)) return { messageId: 'runs', at: run.at, step, what: run.what };
    const use = interpolated(step, told);
    if (use) return use;
    const file = step.run && !checks(step) ? writesFile(step, found) : undefined;
    if (!file) continue;
    if (file.kind !== 'output') return { messageId: 'environment', at: file.at, step, what: file.kind };
    const id = asScalar(step.id?.value)?.value.toLowerCase();
    if (id !== undefined) told.set(id, step);
  }
  return undefined;
}

const CHECKS = /=~|\bgrep\s+-\w*[EPqx]|\btr\s+-\w*[cd]|\bexpr\b|\[\[?\s[^\n]{0,200}-(?:eq|gt|ge|lt)\b|\bcase\b|\bjq\s+-e\b|\bprintf\s+['"]?%d|\bsed\b[^\n]{0,200}\[\^|\bsed\s+-n\b|^[ \t]*\[\[/m;

/** The script looks at what it has read before it passes it on. */
function checks(step: Step): boolean { return CHECKS.test(step.run?.scalar.value ?? ''); }

/** `cat file >> $GITHUB_ENV`, `echo "pr=$(cat file)" >> $GITHUB_OUTPUT`, in a script that reads from the artifact's folder. */
function writesFile(step: Step, found: Download): { readonly at: Span; readonly kind: 'environment' | 'path' | 'output' } | undefined {
  const { scalar } = step.run!;
  const text = scalar.value;
  const target = /GITHUB_(ENV|PATH|OUTPUT)\b/.exec(text);
  if (!target || !/>>?/.test(text) || !reads(text)) return undefined;
  // Outside the workspace a script names the folder, or stands in it.
  const folder = found.folder?.replace(/^.*[}/]\/?/, '');
  if (folder && !text.includes(folder) && !(asScalar(step.workingDirectory?.value)?.value ?? '').includes(folder)) return undefined;
  const command = scriptOf(step)?.commands.slice(0, 500).find(c => readsFile(text.slice(c.start, c.end)) && /GITHUB_(?:ENV|PATH|OUTPUT)/.test(lineAt(text, c.start)));
  const variable = command ? undefined : assignedFromFile(text);
  if (!command && !variable) return undefined;
  const kinds = { ENV: 'environment', PATH: 'path', OUTPUT: 'output' } as const;
  const own = command ? /GITHUB_(ENV|PATH|OUTPUT)/.exec(lineAt(text, command.start))![1]! : target[1]!;
  const at = command ? valueRangeSpan(scalar, command.start, command.end) : valueRangeSpan(scalar, target.index, target.index + target[0].length);
  return { at, kind: kinds[own as keyof typeof kinds] };
}

const reads = (text: string): boolean => /\b(?:cat|head|tail|jq|sed|awk)\b|\$\(\s*</.test(text);
const readsFile = (text: string): boolean => /^(?:cat|head|tail)\s+[^|&;<>]|\$\(\s*(?:cat|head|tail|jq|<)\s*\S|`cat\s/.test(text);

/** Each is looked for in the whole script: a hostile one has as many as it likes. */
const MAX_ASSIGNMENTS = 50;

/** `number=$(cat number.txt)`, and `$number` written to one of the files later. */
function assignedFromFile(text: string): string | undefined {
  let left = MAX_ASSIGNMENTS;
  for (const m of text.matchAll(/^[ \t]*(?:export[ \t]+)?([A-Za-z_]\w{0,60})="?(?:\$\((?:cat|head|tail|<)\s|`cat\s)/gm)) {
    if (left-- === 0) return undefined;
    if (new RegExp(`\\$\\{?${m[1]}\\b[^\\n]{0,200}GITHUB_(?:ENV|PATH|OUTPUT)`).test(text)) return m[1];
  }
  return undefined;
}

function lineAt(text: string, offset: number): string {
  const end = text.indexOf('\n', offset);
  return text.slice(text.lastIndexOf('\n', offset - 1) + 1, end < 0 ? text.length : end);
}

/** `${{ steps.<id>.outputs.… }}` inside a script. */
function interpolated(step: Step, told: ReadonlyMap<string, Step>): Harm | undefined {
  if (told.size === 0) return undefined;
  const script: ScalarNode | undefined = step.run?.scalar
    ?? (step.uses?.repo?.toLowerCase() === 'github-script' ? asScalar(asMapping(step.with?.value)?.entries.find(e => e.key.value.toLowerCase() === 'script')?.value) : undefined);
  if (!script) return undefined;
  for (const e of expressionsOf(script)) {
    for (const node of walkExpr(e.root)) {
      const path = dottedPath(node), id = /^steps\.([\w-]+)\.outputs\./.exec(path ?? '')?.[1];
      if (id !== undefined && told.has(id)) return { messageId: 'interpolates', at: valueRangeSpan(script, e.start, e.end), step, what: path! };
    }
  }
  return undefined;
}

/** Out of the way of the code that is run. What reads it by its old place has to follow. */
function elsewhere(found: Download): Fix | undefined {
  if (!found.input || found.folder !== undefined) return undefined;
  return {
    title: 'Unpack outside the workspace', safety: 'unsafe', preferred: true,
    edits: ({ document }) => setStepInput(document, found.step, 'path', '${{ runner.temp }}/artifact'),
  };
}
