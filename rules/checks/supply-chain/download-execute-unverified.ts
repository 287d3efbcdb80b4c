import { defineRule, type Fix } from '../../engine/rule';
import { shellOf } from '../../workflow/effective';
import type { Script } from '../../workflow/model';
import { mapsExactly, valueRangeSpan } from '../../workflow/scalar-map';
import { parseScript } from '../../workflow/scripts';
import { executedDownloads, type Download } from '../shared/downloads';
import { isFullSha } from '../../catalog';
import { workflowShell } from '../shared/workflow-facts';

export default defineRule({
  id: 'download-execute-unverified',
  category: 'supply-chain',
  severity: 'medium',
  confidence: 'high',
  scope: 'job',
  profile: 'recommended',
  level: 4,
  since: '0.1.0',
  fix: 'safe',
  docs: {
    summary: 'Finds programs and scripts that are downloaded and run without a look at what came, such as `curl … | sh`.',
    why: 'Whoever changes what stands at that address runs code in the job, with everything the job can reach.',
    references: [
      'https://github.com/ossf/scorecard/blob/main/docs/checks.md#pinned-dependencies',
      'https://docs.github.com/en/actions/reference/security/secure-use',
      'https://about.codecov.io/security-update/',
    ],
    standards: ['SEC-3', 'SEC-9', 'CIS 2.4.3'],
  },
  messages: {
    piped: '{runner} runs what {url} holds at that moment, and whoever changes it runs code in this job. Save it, check its sha256, and run it then.',
    saved: 'What comes from {url} is run ({runner}) without a look at it. Check its sha256 or signature first, and let the step fail where that differs.',
  },
  aliases: {},
  create(context) {
    return {
      script(script) {
        const text = script.scalar.value;
        if (!/curl|wget|iwr|irm|invoke-|downloadstring/i.test(text)) return;
        const { shell } = shellOf(script.step, script.step.job, context.query(workflowShell));
        const ast = parseScript(text, shell === 'unknown' ? 'bash' : shell);
        if (ast.errors.length > 0) return;
        for (const found of executedDownloads(ast)) {
          if (isExempt(found.url)) continue;
          context.instance();
          const { url, urlWord, command } = found;
          const [from, to] = urlWord ? [urlWord.start, urlWord.end] : [command.start, command.end];
          context.report({
            at: valueRangeSpan(script.scalar, from, to), messageId: found.way, step: script.step, job: script.step.job,
            data: { runner: found.runner, url: url === undefined ? 'an address' : shown(url) },
            adjust: [
              ...(url && /^http:/i.test(url) ? [{ by: 1, reason: 'it comes over http, where anybody on the way can change it' }] : []),
              ...(url && namesVersion(url) ? [{ by: -1, reason: 'the address names a version, which only its owner can replace' }] : []),
            ],
            fixes: pin(script, found),
          });
        }
      },
    };
  },
});

/** The job's own machine and repository, and addresses that name a commit. */
function isExempt(url: string | undefined): boolean {
  if (url === undefined) return false;
  return /^https?:\/\/(?:localhost|127\.0\.0\.1|0\.0\.0\.0|\[::1\])(?:[:/]|$)/i.test(url)
    || /(?:^|[^0-9a-f])[0-9a-f]{40}(?:[^0-9a-f]|$)/i.test(url) || /github\.(?:repository|sha)\b|GITHUB_(?:REPOSITORY|SHA)\b|github\.event\.pull_request\.head\.sha/.test(url);
}

function namesVersion(url: string): boolean {
  return /[/@=_-]v?\d+\.\d+/.test(url) || /\$[^/]*version/i.test(url) || /\/releases\/download\/(?!latest|nightly)/.test(url);
}

function shown(url: string): string {
  const bare = url.replace(/[?#].*$/, '');
  return bare.length > 70 ? `${bare.slice(0, 69)}…` : bare;
}

const RAW = /^https:\/\/(?:raw\.githubusercontent\.com\/([\w-]+)\/([\w.-]+)\/|github\.com\/([\w-]+)\/([\w.-]+)\/raw\/)((?:refs\/(?:heads|tags)\/)?[\w.-]+)\/[\w./-]+/;

/** A file of a repository on GitHub can be taken from a commit. */
function pin(script: Script, { url, urlWord }: Download): Fix[] {
  const match = url && urlWord?.literal === url ? RAW.exec(url) : null;
  const owner = match?.[1] ?? match?.[3], repo = match?.[2] ?? match?.[4], ref = match?.[5];
  if (!match || !owner || !repo || !ref || !urlWord || isFullSha(ref) || !mapsExactly(script.scalar)) return [];
  const inUrl = match[0].indexOf(`/${ref}/`) + 1;
  const start = script.scalar.value.indexOf(url!, urlWord.start) + inUrl;
  if (script.scalar.value.slice(start, start + ref.length) !== ref || start > urlWord.end) return [];
  return [{
    title: `Take it from the commit of ${ref.replace(/^refs\/(?:heads|tags)\//, '')}`, safety: 'safe', preferred: true,
    needs: { kind: 'resolve-ref', owner, repo, ref: ref.replace(/^refs\/(?:heads|tags)\//, '') },
    edits: ({ document }, resolved) => (resolved && 'sha' in resolved && isFullSha(resolved.sha) && document.has(script.scalar)
      ? [{ ...document.range(valueRangeSpan(script.scalar, start, start + ref.length)), newText: resolved.sha.toLowerCase() }] : undefined),
  }];
}
