import { defineCommand } from 'citty';
import { SEVERITIES, type Severity } from '../../../rules';
import { finish, oneOf, paths } from '../arguments';
import { CannotRun, EXIT } from '../exit';
import { applyBaseline, isOpen, rank, type ScanResult } from '../findings';
import { githubReport, jsonReport, markdownReport } from '../formats/machine';
import { textReport } from '../formats/text';
import { wantsColour, write } from '../print';
import { openTargets } from '../targets';
import { scanInThreads } from '../threads';

const FORMATS = ['text', 'json', 'sarif', 'github', 'markdown'] as const;

export default defineCommand({
  meta: { name: 'scan', description: 'Find what is wrong in workflows, actions and Dependabot files' },
  args: {
    path: { type: 'positional', required: false, description: 'Folders or files (default: the current folder)' },
    format: { type: 'string', description: FORMATS.join(' | '), default: 'text' },
    profile: { type: 'string', description: 'recommended | strict; counts before configuration files' },
    'min-severity': { type: 'string', description: `Leave out what is less severe: ${SEVERITIES.join(' | ')}`, default: 'info' },
    'fail-on': { type: 'string', description: `Exit 1 from this severity on: ${SEVERITIES.join(' | ')} | never`, default: 'info' },
    baseline: { type: 'string', description: 'An earlier JSON report: what it holds counts as suppressed' },
    'file-list': { type: 'string', description: 'Names of files that exist but are not checked out, one a line' },
    practices: { type: 'boolean', description: 'Report practices that the repository lacks, too' },
    online: { type: 'boolean', description: 'Ask GitHub where pinned commits come from, and how old their releases are' },
    offline: { type: 'boolean', description: 'Never use the network (a scan only does with --online)' },
  },
  async run({ args }) {
    const format = oneOf('--format', args.format, FORMATS);
    const minSeverity = oneOf('--min-severity', args['min-severity'], SEVERITIES);
    const failOn = oneOf('--fail-on', args['fail-on'], [...SEVERITIES, 'never'] as const);
    const profile = args.profile === undefined ? undefined : oneOf('--profile', args.profile, ['recommended', 'strict'] as const);
    if (args.online && args.offline) throw new CannotRun('--online and --offline exclude each other');
    const { targets, errors } = await openTargets(paths(args), { profile, fileList: args['file-list'] });
    const asked = args.online ? await (await import('../online')).askAboutPins(targets) : undefined;
    const scanned = await scanInThreads(targets, { minSeverity, practices: args.practices === true, online: asked?.facts });
    const all = { ...scanned, errors: [...errors, ...scanned.errors, ...(asked?.failures ?? [])] };
    const result = args.baseline === undefined ? all : applyBaseline(all, args.baseline);
    await write(await report(result, format));
    finish(fails(result, failOn) ? EXIT.findings : EXIT.ok);
  },
});

function fails(result: ScanResult, failOn: Severity | 'never'): boolean {
  return failOn !== 'never' && result.findings.some(f => isOpen(f) && rank(f.severity) >= rank(failOn));
}

async function report(result: ScanResult, format: (typeof FORMATS)[number]): Promise<string> {
  switch (format) {
    case 'text': return textReport(result, wantsColour(process.stdout));
    case 'json': return jsonReport(result);
    case 'github': return githubReport(result);
    case 'markdown': return markdownReport(result);
    case 'sarif': return (await import('../formats/sarif')).sarifReport(result);
  }
}
