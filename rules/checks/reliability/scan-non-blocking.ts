import { defineRule, type Fix } from '../../engine/rule';
import { deleteEntry, replaceValue, setStepInput } from '../../workflow/edits';
import type { Step } from '../../workflow/model';
import { asMapping, scalarText, type Entry } from '../../workflow/nodes';
import { inputText } from '../shared/action-kind';

/** How a scanner is told to succeed whatever it finds. */
interface Switch {
  readonly input: string;
  readonly soft: RegExp;
  /** What blocks; where absent the input is taken away. */
  readonly strict?: string | boolean;
  /** Soft as well where nothing is said. */
  readonly byDefault?: true;
}

const SWITCHES: Readonly<Record<string, Switch>> = {
  'aquasecurity/trivy-action': { input: 'exit-code', soft: /^0?$/, strict: '1', byDefault: true },
  'bridgecrewio/checkov-action': { input: 'soft_fail', soft: /^true$/i },
  'aquasecurity/tfsec-action': { input: 'soft_fail', soft: /^true$/i },
  'anchore/scan-action': { input: 'fail-build', soft: /^false$/i },
  'docker/scout-action': { input: 'exit-code', soft: /^false$/i, strict: true },
  'actions/dependency-review-action': { input: 'warn-only', soft: /^true$/i },
  'checkmarx/kics-github-action': { input: 'ignore_on_exit', soft: /^(?:all|results)$/i },
  'pypa/gh-action-pip-audit': { input: 'internal-be-careful-allow-failure', soft: /^true$/i },
};

interface Soft { readonly step: Step; readonly action: string; readonly how: Switch; readonly entry?: Entry }

export default defineRule({
  id: 'scan-non-blocking',
  category: 'reliability',
  severity: 'medium',
  confidence: 'high',
  scope: 'job',
  profile: 'recommended',
  level: 4,
  since: '0.1.0',
  fix: 'unsafe',
  docs: {
    summary: 'Finds security scanners whose inputs let them succeed whatever they find.',
    why: 'The step is green with and without vulnerabilities, and what it has found stands in a log that nobody opens.',
    references: [
      'https://github.com/aquasecurity/trivy-action#inputs',
      'https://owasp.org/www-project-top-10-ci-cd-security-risks/CICD-SEC-01-Insufficient-Flow-Control-Mechanisms',
    ],
    standards: ['SEC-1', 'OSPS-VM-06.02'],
  },
  messages: {
    told: '`{input}: {value}` lets `{action}` succeed whatever it finds, and its report goes nowhere else. Let it fail, and list what is accepted in the scanner\'s own file.',
    silent: '`{action}` succeeds whatever it finds unless it is given an exit code, and its report goes nowhere else. Set `{input}: {strict}`, and limit `severity` where that is too much.',
  },
  keepsState: true,
  create(context) {
    const soft: Soft[] = [], blocking = new Set<string>(), read = new Set<string>();
    let published = false;
    return {
      step(step) {
        const { uses } = step;
        if (uses?.kind !== 'repository') return;
        const action = uses.slug;
        if (action === 'github/codeql-action' && uses.path?.toLowerCase() === 'upload-sarif') published = true;
        const how = Object.hasOwn(SWITCHES, action) ? SWITCHES[action]! : undefined;
        if (!how || uses.path) return;
        context.instance();
        const entry = asMapping(step.with?.value)?.entries.find(e => e.key.value.toLowerCase() === how.input);
        const text = scalarText(entry?.value)?.trim();
        if (entry ? text === undefined || !how.soft.test(text) : !how.byDefault) blocking.add(action);
        else if (entry || !reports(step)) soft.push({ step, action, how, ...(entry ? { entry } : {}) });
      },
      expression({ expression }) {
        if (!/outputs/i.test(expression.source)) return;
        for (const m of expression.source.matchAll(/steps\.([\w-]+)\.outputs/gi)) read.add(m[1]!.toLowerCase());
      },
      end() {
        // Code scanning shows what comes to it, and can hold a merge back.
        if (published) return;
        for (const { step, action, how, entry } of soft) {
          // One run that reports and one that decides; or a step further on that looks at the report.
          if (blocking.has(action) || step.continueOnError || writesFile(step) || read.has(scalarText(step.id?.value)?.toLowerCase() ?? '')) continue;
          const data = { action, input: how.input, value: scalarText(entry?.value) ?? '', strict: String(how.strict ?? '') };
          context.report({
            at: entry ?? step.uses!.nameSpan, messageId: entry ? 'told' : 'silent', data, step, job: step.job,
            ...(entry ? {} : { confidence: 'medium' as const }), fixes: [block(step, how, entry)],
          });
        }
      },
    };
  },
});

/** Told to make something else than a verdict, or told how to end in another place. */
function reports(step: Step): boolean {
  return /^(?:cyclonedx|spdx|spdx-json|github)$/i.test(inputText(step, 'format') ?? '') || inputText(step, 'trivy-config') !== undefined
    || (step.env?.variables.some(v => v.name === 'TRIVY_EXIT_CODE') ?? false);
}

/** The report is kept as a file: somebody may judge it later. */
function writesFile(step: Step): boolean {
  return ['output', 'output_file_path', 'output-file', 'output_path', 'sarif-file'].some(n => (inputText(step, n) ?? '') !== '');
}

function block(step: Step, how: Switch, entry: Entry | undefined): Fix {
  return {
    title: how.strict === undefined ? `Remove ${how.input}` : `Set ${how.input} to ${how.strict}`,
    safety: 'unsafe',
    preferred: true,
    edits({ document }) {
      if (how.strict === undefined) {
        const inputs = asMapping(step.with?.value);
        return entry && inputs ? deleteEntry(document, entry, inputs) : undefined;
      }
      return entry ? replaceValue(document, entry, how.strict) : setStepInput(document, step, how.input, how.strict);
    },
  };
}
