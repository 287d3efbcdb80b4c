import { definePractice, type Verdict } from '../practice';
import type { Repository } from '../../repository';
import { documents, spoken } from '../shared/documents';
import { documentScaffold } from '../shared/generated';
import { cut, met, missing } from '../shared/verdict';

const PATH = 'docs/threat-model.md';
const NAMES = /(?:^|\/)[^/]*(?:threat|stride|attack[-_ ]?(?:surface|tree)|assurance[-_ ]?case|security)[^/]*\.(?:mdx?|rst|adoc|txt|json|ya?ml)$|(?:^|\/)(?:threat[-_]?models?|security)\/[^/]+\.(?:mdx?|rst|adoc|txt|json|ya?ml)$/i;
/** What is called so and is something else: settings of scanners, forms, a policy that says where to report. */
const OTHER = /(?:^|\/)(?:\.github\/(?:workflows|issue_template|actions)\/|package(?:-lock)?\.json$|(?:docs\/|\.github\/)?security\.md$)/i;

/** The six kinds of threats. Elevation and disclosure are called by more than one name. */
const STRIDE: readonly (readonly [string, RegExp])[] = [
  ['spoofing', /\bspoof(?:ing|ed|s)?\b/i], ['tampering', /\btamper(?:ing|ed|s)?\b/i], ['repudiation', /\brepudiat(?:ion|e)\b/i],
  ['information disclosure', /\b(?:information|data|info)[ -]disclosure\b/i], ['denial of service', /\b(?:denial[ -]of[ -]service|DoS)\b/i],
  ['elevation of privilege', /\b(?:elevation of privileges?|privilege escalation|escalation of privileges?)\b/i],
];
/** What threatens a pipeline, as people name it. */
const THREATS: readonly (readonly [string, RegExp])[] = [
  ['injection into workflows', /\b(?:(?:workflow|script|command|code|expression|shell)[ -]injection|poisoned pipeline|pwn request|malicious pull request)/i],
  ['a compromised action or dependency', /\b(?:compromised|malicious|poisoned|hijacked|typosquat\w*|unpinned)\W{1,3}(?:\w+\W{1,3}){0,3}(?:actions?|dependenc(?:y|ies)|packages?|upstream|maintainers?)\b|\bdependency (?:confusion|injection)\b|\bsupply[ -]chain\b/i],
  ['secrets that leak', /\b(?:secrets?|credentials?|tokens?)\b(?:\W{1,3}\w+){0,4}\W{1,3}(?:leak\w*|expos\w*|exfiltrat\w*|stolen|theft|steal\w*)|\b(?:leak\w*|exfiltrat\w*|steal\w*|exposed?|exposure of)\W{1,3}(?:\w+\W{1,3}){0,3}(?:secrets?|credentials?|tokens?)\b|\bsecret exposure\b/i],
  ['tokens of cloud or registry', /\b(?:OIDC|GITHUB_TOKEN|id-token|identity token|access token|deploy key)\b/i],
  ['poisoned caches and artifacts', /\b(?:cache|artifact|image|container)\W{1,3}(?:\w+\W{1,3})?(?:poison\w*|tamper\w*|substitut\w*)|\b(?:poison\w*|tamper\w*)\W{1,3}(?:\w+\W{1,3}){0,3}(?:caches?|artifacts?|images?|containers?)\b/i],
  ['insiders', /\binsiders?\b|\b(?:malicious|rogue|compromised) (?:maintainer|committer|employee|account|developer)s?\b/i],
];
const PIPELINE = /\b(?:GitHub Actions|workflows?|CI\/CD|pipelines?|runners?|build system|continuous integration)\b/i;

function evidence(repo: Repository): Verdict {
  const found = documents(repo, NAMES).filter(f => !OTHER.test(f.path));
  let best: { readonly path: string; readonly stride: number; readonly threats: number; readonly open: readonly string[] } | undefined;
  for (const { path, text } of found) {
    if (text === undefined) continue;
    const said = spoken(text);
    // Of the pipeline: a threat model of the product alone leaves out how it is built.
    if (!PIPELINE.test(said)) continue;
    const stride = STRIDE.filter(([, r]) => r.test(said)), threats = THREATS.filter(([, r]) => r.test(said));
    if (stride.length < 2 && !/\bSTRIDE\b|threat model/i.test(said)) continue;
    if (threats.length < 2 || (best && best.stride + best.threats >= stride.length + threats.length)) continue;
    best = { path, stride: stride.length, threats: threats.length,
      open: [...STRIDE.filter(s => !stride.includes(s)).map(([n]) => `${n}, of STRIDE`), ...THREATS.filter(t => !threats.includes(t)).map(([n]) => n)] };
  }
  if (best) {
    const share = (Math.min(best.stride, 5) / 5 + Math.min(best.threats, 4) / 4) / 2;
    const seen = [{ path: best.path, text: `names ${best.stride} of the six kinds of STRIDE and ${best.threats} threats to the pipeline` }];
    return share === 1 ? met(seen) : { result: share, evidence: seen, lookedFor: cut(best.open) };
  }
  const unread = found.filter(f => f.text === undefined && /threat|stride|assurance[-_ ]?case/i.test(f.path)).map(f => f.path);
  if (unread.length > 0) return { result: 'unknown', evidence: [], lookedFor: [`${unread.slice(0, 3).join(', ')} could not be read`] };
  return missing(`a threat model of the pipeline, for instance ${PATH}`, 'one that goes by STRIDE and names what threatens the pipeline: injection, compromised actions, leaking secrets, poisoned caches');
}

export default definePractice({
  id: 'threat-model',
  title: 'Threat model',
  category: 'Security',
  level: 5,
  severity: 'medium',
  since: '0.1.0',
  docs: {
    summary: 'A document names what threatens the pipeline by STRIDE, what stands against it, and what risk remains.',
    why: 'Who has written down how the pipeline could be attacked knows which of ten findings to mend first, and which risk was taken knowingly.',
    references: [
      'https://owasp.org/www-project-top-10-ci-cd-security-risks/',
      'https://learn.microsoft.com/en-us/azure/security/develop/threat-modeling-tool-threats',
      'https://www.threatmodelingmanifesto.org/',
    ],
  },
  applies: () => true,
  evidence,
  scaffold: documentScaffold({
    title: 'Add a threat model',
    document: 'threat-model',
    path: PATH,
    mark: 'by `ci-hardening threat-model`',
    there: repo => { const v = evidence(repo); return v.result === 1 ? v.evidence[0]!.path : undefined; },
    explanation: `Adds ${PATH}: ten threats to the pipeline by STRIDE, each with what exposes it here, the controls that were found, the findings that are open, and the risk that remains.`,
    todo: ['Read it before you commit it: it names open findings with their places.', 'Write beside each threat who has decided to take the risk that remains, or what will be done about it.',
      'Make it again when workflows change: ci-hardening threat-model.'],
  }),
});
